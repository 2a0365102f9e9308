/** A depot's copy of a manufacturer's repository: complete, verified first, and unchanged by what does not verify. */
import { afterEach, expect, test } from "bun:test";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mirrorRepository, verifyRepository } from "../../src/depot/mirror.ts";
import { delegate, revoke, rotate } from "../../src/depot/repository/changes.ts";
import { generateRoleKey } from "../../src/depot/repository/role-signer.ts";
import { holders, Publisher } from "./repository/publisher.ts";
import { codeOf, IMAGE, NOW_MS, World } from "./world.ts";

const DAY_MS = 86_400_000;
const world = new World();
afterEach(() => world.close());

const sam = generateRoleKey("sam");

/** A repository with a delegated role and a rotated root, a depot, and the way between them. */
async function make() {
  const publisher = await Publisher.make(await world.folder());
  const { ann, bob, cyd } = publisher;
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.4", 7), ann, bob));
  const model = { role: "cam", vendor: "famousMaker", model: "famousModel" };
  await publisher.change((repository, nowMs) => delegate(repository, { ...model, ...holders(1, sam) }, nowMs), ann, bob, sam);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.4.0", 8), sam));
  await publisher.change((repository, nowMs) => rotate(repository, "root", holders(1, cyd), nowMs), ann, bob, cyd);
  const trustedRoot = new Uint8Array(await readFile(join(publisher.dir, "metadata", "1.root.json")));
  const depot = await world.folder();
  const bring = (from = publisher.dir, nowMs = NOW_MS) => mirrorRepository(from, depot, { trustedRoot, clock: { nowMs: () => nowMs } });
  return { publisher, depot, bring, trustedRoot, ann, bob, cyd };
}

const served = async (depot: string) => readFile(join(depot, "metadata", "timestamp.json"), "utf8").catch(() => undefined);

test("a device that was pinned to the first root finds everything at the copy", async () => {
  const { depot, bring, publisher } = await make();
  expect((await bring()).map(({ version }) => version)).toEqual(["2.3.4", "2.4.0"]);
  const client = await world.client(publisher.dir, [(await world.depot(depot)).url]);
  const { sha256, size, counter } = await client.release("famousMaker", "famousModel", "2.4.0");
  expect(counter).toBe(8);
  const chunks: Uint8Array[] = [];
  await client.fetchBlob({ sha256, size, startAt: 0, onChunk: (bytes) => Promise.resolve(void chunks.push(bytes.slice())) });
  expect(new Uint8Array(Buffer.concat(chunks))).toEqual(IMAGE);
});

test("it is brought up to date, again and again, and holds what it held when nothing is new", async () => {
  const { depot, bring, publisher, ann, bob } = await make();
  await bring();
  const before = await readdir(join(depot, "metadata"));
  await bring();
  expect(await readdir(join(depot, "metadata"))).toEqual(before);
  await publisher.change((repository, nowMs) => revoke(repository, "cam", nowMs), ann, bob);
  expect((await bring()).map(({ version }) => version)).toEqual(["2.3.4"]);
});

test("a copy that a cut left half done is completed by the next", async () => {
  const { depot, bring, trustedRoot } = await make();
  await bring();
  await rm(join(depot, "metadata"), { recursive: true });
  await rm(join(depot, "blobs"), { recursive: true });
  await bring();
  expect((await verifyRepository(depot, { trustedRoot, clock: { nowMs: () => NOW_MS } })).length).toBe(2);
});

test.each([
  ["an altered role", "timestamp.json", "ERR_DEPOT_METADATA_SIGNATURE"],
  ["an altered snapshot", "5.snapshot.json", "ERR_DEPOT_METADATA"],
  ["an altered delegated role", "2.cam.json", "ERR_DEPOT_METADATA"],
] as const)("%s is not served (malicious upload)", async (_, file, code) => {
  const { depot, bring, publisher } = await make();
  await bring();
  const before = await served(depot);
  await publisher.change((repository, nowMs) => rotate(repository, "cam", holders(1, sam), nowMs), publisher.ann, publisher.bob, sam);
  const evil = await world.copyOf(publisher.dir);
  const path = join(evil, "metadata", file === "5.snapshot.json" ? "6.snapshot.json" : file === "2.cam.json" ? "3.cam.json" : file);
  await writeFile(path, (await readFile(path, "utf8")).replace(/"expires":"20/, '"expires":"21'));
  expect(await codeOf(bring(evil))).toBe(code);
  expect(await served(depot)).toBe(before);
});

test("a whole repository of somebody else's, an expired one, an older one are not served", async () => {
  const { depot, bring, publisher, ann, bob } = await make();
  const old = await world.copyOf(publisher.dir);
  await publisher.change((repository, nowMs) => revoke(repository, "cam", nowMs), ann, bob);
  await bring();
  const before = await served(depot);
  const stranger = await Publisher.make(await world.folder());
  expect(await codeOf(bring(stranger.dir))).toBe("ERR_DEPOT_METADATA_SIGNATURE");
  expect(await codeOf(bring(publisher.dir, NOW_MS + 31 * DAY_MS))).toBe("ERR_DEPOT_METADATA_EXPIRED");
  expect(await codeOf(bring(old))).toBe("ERR_DEPOT_METADATA_ROLLBACK");
  expect(await served(depot)).toBe(before);
});

test("bytes that are not those that were signed, or that are missing, keep the release out (partial bundle)", async () => {
  const { depot, bring, publisher } = await make();
  const [blob = ""] = await readdir(join(publisher.dir, "blobs", "sha256"));
  const path = join(publisher.dir, "blobs", "sha256", blob);
  await writeFile(path, new Uint8Array([6]));
  expect(await codeOf(bring())).toBe("ERR_DEPOT_DIGEST");
  await rm(path);
  expect(await codeOf(bring())).toBe("ERR_DEPOT_BLOB_NOT_FOUND");
  expect(await served(depot)).toBeUndefined();
});

test("metadata without end is not read into memory (endless data)", async () => {
  const { bring, publisher } = await make();
  await writeFile(join(publisher.dir, "metadata", "timestamp.json"), new Uint8Array(20_000_000));
  expect(await codeOf(bring())).toBe("ERR_DEPOT_TOO_LONG");
});

test("verifying a repository finds a blob that is no longer what it is called", async () => {
  const { publisher, trustedRoot } = await make();
  const [blob = ""] = await readdir(join(publisher.dir, "blobs", "sha256"));
  await writeFile(join(publisher.dir, "blobs", "sha256", blob), new Uint8Array([6]));
  expect(await codeOf(verifyRepository(publisher.dir, { trustedRoot, clock: { nowMs: () => NOW_MS } }))).toBe("ERR_DEPOT_DIGEST");
});
