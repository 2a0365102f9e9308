/** Releases that several people sign on machines of their own: what is collected, what is refused, what a thief of one key gains. */
import { afterEach, expect, test } from "bun:test";
import { cp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUNDLE_BYTES_MAX } from "../../../src/depot/limits.ts";
import { encodeBundle, mergeBundles, parseBundle } from "../../../src/depot/repository/bundle.ts";
import { renew, rotate } from "../../../src/depot/repository/changes.ts";
import { changesOf } from "../../../src/depot/repository/describe.ts";
import { readRepository } from "../../../src/depot/repository/read.ts";
import { generateRoleKey } from "../../../src/depot/repository/role-signer.ts";
import { codeOf, IMAGE, World } from "../world.ts";
import { holders, Publisher } from "./publisher.ts";

const world = new World();
afterEach(() => world.close());

const make = async () => Publisher.make(await world.folder());

test("a release is published when enough people have signed, one after the other, and a device finds it", async () => {
  const publisher = await make();
  const bundle = await publisher.draftRelease("2.3.4", 7);
  expect(await codeOf(publisher.publish(bundle))).toBe("ERR_DEPOT_THRESHOLD");
  const once = await publisher.signed(bundle, publisher.ann);
  expect(await codeOf(publisher.publish(once))).toBe("ERR_DEPOT_THRESHOLD");
  expect(await codeOf(publisher.publish(await publisher.signed(once, publisher.ann)))).toBe("ERR_DEPOT_THRESHOLD");
  await publisher.publish(await publisher.signed(once, publisher.cyd));
  const client = await world.client(publisher.dir, [(await world.depot(publisher.dir)).url]);
  expect((await client.release("famousMaker", "famousModel", "2.3.4")).counter).toBe(7);
});

test("or side by side: copies are merged, and only copies of one and the same change", async () => {
  const publisher = await make();
  const bundle = await publisher.draftRelease("2.3.4", 7);
  const [hers, his] = [await publisher.signed(bundle, publisher.ann), await publisher.signed(bundle, publisher.bob)];
  const other = await publisher.signed(await publisher.draftRelease("2.3.5", 7), publisher.bob);
  expect(() => mergeBundles([hers, other])).toThrow("one and the same change");
  await publisher.publish(mergeBundles([hers, his]));
  expect((await publisher.json("2.targets.json")).signatures).toHaveLength(2);
});

test("a person is told what a signature means: what is added, changed and left, and whose word it needs", async () => {
  const publisher = await make();
  const sbom = { url: "https://updates.famousmaker.example/sbom.json", sha256: "ab".repeat(32) };
  const bundle = await publisher.draftRelease("2.3.4", 7, { precursors: ["cd".repeat(32)], sbom });
  const { changes, standings } = changesOf(await publisher.signed(bundle, publisher.ann));
  expect(changes.join("\n")).toMatch(
    /2\.targets\.json expires .*\n {2}adds famousMaker famousModel 2\.3\.4 counter 7 for r1: sha256 \w{64}, 300000 bytes over cdcd\w* sbom https\S+ abab/,
  );
  expect(standings).toEqual([{ file: "2.targets.json", asks: "root 1", threshold: 2, signed: ["ann"], missing: ["bob", "cyd"] }]);
});

test("a bundle that was changed on its way has no signature that fits (arbitrary installation)", async () => {
  const publisher = await make();
  const bundle = await publisher.signed(await publisher.draftRelease("2.3.4", 7), publisher.ann, publisher.bob);
  const text = new TextDecoder().decode(encodeBundle(bundle)).replace('"counter": 7', '"counter": 8');
  expect(await codeOf(publisher.publish(parseBundle(new TextEncoder().encode(text))))).toBe("ERR_DEPOT_THRESHOLD");
});

test("what a bundle says of the present does not count: its own root and delegations make nobody a signer (key compromise)", async () => {
  const publisher = await make();
  const thief = new Publisher(await world.folder());
  const theirs = await Publisher.make(thief.dir);
  const forged = await theirs.signed(await theirs.draftRelease("6.6.6", 99), theirs.ann, theirs.bob);
  const { state, roots } = await publisher.draftRelease("2.3.4", 7);
  const [mine] = roots;
  expect(mine?.signed.version).toBe(1);
  expect(await codeOf(publisher.publish({ ...forged, state }))).toBe("ERR_DEPOT_THRESHOLD");
});

test("a bundle of an older state is refused, so that nothing published meanwhile is lost", async () => {
  const publisher = await make();
  const { ann, bob } = publisher;
  const first = await publisher.signed(await publisher.draftRelease("2.3.4", 7), ann, bob);
  const second = await publisher.signed(await publisher.draftRelease("2.3.5", 8), ann, bob);
  await publisher.publish(first);
  expect(await codeOf(publisher.publish(second))).toBe("ERR_DEPOT_BUNDLE");
  expect(await codeOf(publisher.publish(first))).toBe("ERR_DEPOT_BUNDLE");
});

test("a release whose bytes are not there is not published", async () => {
  const publisher = await make();
  const bundle = await publisher.signed(await publisher.draftRelease("2.3.4", 7), publisher.ann, publisher.bob);
  await rm(join(publisher.dir, "blobs"), { recursive: true });
  expect(await codeOf(publisher.publish(bundle))).toBe("ERR_DEPOT_BLOB_NOT_FOUND");
});

test.each(["", "{}", "null", "[]", '{"format":"edict-release-bundle-1"}', '{"format":"edict-release-bundle-1","format":"x"}'])(
  "%p is no bundle",
  (text) => {
    expect(() => parseBundle(new TextEncoder().encode(text))).toThrow("the bundle cannot be used");
  },
);

test("a bundle without end is not read", () => {
  expect(() => parseBundle(new Uint8Array(BUNDLE_BYTES_MAX + 1).fill(0x20))).toThrow("the bundle cannot be used");
});

test("a publisher verifies from the root that is pinned: who replaces the whole folder gets nothing signed (key compromise)", async () => {
  const publisher = await make();
  const trustedRoot = new Uint8Array(await Bun.file(join(publisher.dir, "metadata", "1.root.json")).arrayBuffer());
  const thief = await Publisher.make(await world.folder());
  await rm(publisher.dir, { recursive: true });
  await cp(thief.dir, publisher.dir, { recursive: true });
  expect((await readRepository(publisher.dir)).root.signed.version).toBe(1);
  expect(await codeOf(readRepository(publisher.dir, { trustedRoot }))).toBe("ERR_DEPOT_REPOSITORY");
});

test("a cut between a new root and its timestamp is mended by publishing the same bundle again", async () => {
  const publisher = await make();
  const { ann, bob } = publisher;
  const next = generateRoleKey("next publishing machine");
  const before = await world.copyOf(publisher.dir);
  const bundle = await publisher.signed(
    await publisher.draft((repository, nowMs) => rotate(repository, "timestamp", holders(1, next), nowMs)),
    ann,
    bob,
  );
  await publisher.publish(bundle, next);
  // Everything was written but the timestamp.
  await cp(join(before, "metadata", "timestamp.json"), join(publisher.dir, "metadata", "timestamp.json"));
  expect(await codeOf(publisher.draft((repository, nowMs) => renew(repository, [], nowMs)))).toBe("ERR_DEPOT_REPOSITORY");
  await publisher.publish(bundle, next);
  expect((await readRepository(publisher.dir)).timestamp.signed.version).toBe(2);
});

test("a cut before the timestamp leaves the old repository, whole, and the next publication goes over what lies about", async () => {
  const publisher = await make();
  const { ann, bob } = publisher;
  const before = await world.copyOf(publisher.dir);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.4", 7), ann, bob));
  await cp(join(before, "metadata", "timestamp.json"), join(publisher.dir, "metadata", "timestamp.json"));
  expect((await readRepository(publisher.dir)).targets.get("targets")?.signed.version).toBe(1);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.5", 8), ann, bob));
  const client = await world.client(publisher.dir, [(await world.depot(publisher.dir)).url]);
  expect((await client.release("famousMaker", "famousModel", "2.3.5")).size).toBe(IMAGE.length);
  expect(await codeOf(client.release("famousMaker", "famousModel", "2.3.4"))).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
});

test("no file is left between: what was being written is not served", async () => {
  const publisher = await make();
  await writeFile(join(publisher.dir, "metadata", "timestamp.json.new"), "{");
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.4", 7), publisher.ann, publisher.bob));
  expect((await readdir(join(publisher.dir, "metadata"))).some((file) => file.endsWith(".new"))).toBe(false);
});
