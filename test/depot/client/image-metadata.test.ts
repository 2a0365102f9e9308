/** What a device believes of mirrors: TUF's list of attacks (abuse case 8), each from a real depot with altered files. */
import { afterEach, expect, test } from "bun:test";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRepository, generateRepositoryKeys, publishRelease, renewRepository } from "../../../src/depot/repository.ts";
import { codeOf, IMAGE, NOW_MS, newRelease, World } from "../world.ts";

const DAY_MS = 86_400_000;
const world = new World();
afterEach(() => world.close());

const lookUp = ["famousMaker", "famousModel", "2.3.4"] as const;

/** Changes a metadata file's text. */
async function alter(dir: string, file: string, change: (text: string) => string): Promise<void> {
  const path = join(dir, "metadata", file);
  const before = await readFile(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

test("a published release is found with everything that was said of it", async () => {
  const { dir, release } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  expect(await client.release(...lookUp)).toEqual(release);
});

test("a release published later is found by the same device, and by one that restarts", async () => {
  const { dir } = await world.published();
  const { url } = await world.depot(dir);
  const tufDir = await world.folder();
  const client = await world.client(dir, [url], { tufDir });
  await client.release(...lookUp);
  await publishRelease(dir, { keys: world.keys, release: newRelease("2.3.5", 8), image: IMAGE, nowMs: NOW_MS });
  expect((await client.release("famousMaker", "famousModel", "2.3.5")).counter).toBe(8);
  const restarted = await world.client(dir, [url], { tufDir });
  expect((await restarted.release("famousMaker", "famousModel", "2.3.5")).counter).toBe(8);
});

test("what is verified already is not fetched again", async () => {
  const { dir } = await world.published();
  const { url } = await world.depot(dir);
  const client = await world.client(dir, [url]);
  await client.release(...lookUp);
  await rm(join(dir, "metadata", "2.snapshot.json"));
  await rm(join(dir, "metadata", "2.targets.json"));
  expect((await client.release(...lookUp)).counter).toBe(7);
});

test("a release that the manufacturer never published is not found (wrong software)", async () => {
  const { dir } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  expect(await codeOf(client.release("famousMaker", "famousModel", "6.6.6"))).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
});

test("altered metadata is refused, whichever role's (arbitrary install)", async () => {
  const { dir } = await world.published();
  const changes = [
    ["timestamp.json", '"version":2', '"version":3', "ERR_DEPOT_METADATA_SIGNATURE"],
    ["2.snapshot.json", '"version":2', '"version":9', "ERR_DEPOT_METADATA"],
    ["2.targets.json", '"counter":7', '"counter":8', "ERR_DEPOT_METADATA"],
  ] as const;
  for (const [file, from, to, code] of changes) {
    const evil = await world.copyOf(dir);
    await alter(evil, file, (text) => text.replace(from, to));
    const client = await world.client(dir, [(await world.depot(evil)).url]);
    expect([file, await codeOf(client.release(...lookUp))]).toEqual([file, code]);
  }
});

test("a whole repository signed by somebody else is refused", async () => {
  const { dir } = await world.published();
  const evil = await world.folder();
  const keys = generateRepositoryKeys();
  await createRepository(evil, { keys, nowMs: NOW_MS });
  await publishRelease(evil, { keys, release: newRelease("2.3.4", 99), image: new Uint8Array([6]), nowMs: NOW_MS });
  const client = await world.client(dir, [(await world.depot(evil)).url]);
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_SIGNATURE");
});

test("a new root that the old root did not sign is refused (key compromise of a mirror)", async () => {
  const { dir } = await world.published();
  const evil = await world.copyOf(dir);
  const other = await world.folder();
  await createRepository(other, { keys: generateRepositoryKeys(), nowMs: NOW_MS });
  await rename(join(other, "metadata", "1.root.json"), join(evil, "metadata", "2.root.json"));
  const client = await world.client(dir, [(await world.depot(evil)).url]);
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_SIGNATURE");
});

test("a role's key does not sign for another role", async () => {
  const { dir } = await world.published();
  const evil = await world.folder();
  await createRepository(evil, { keys: { ...world.keys, timestamp: world.keys.snapshot }, nowMs: NOW_MS });
  const client = await world.client(dir, [(await world.depot(evil)).url]);
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_SIGNATURE");
});

test("expired metadata is refused by the device's own clock, not the wall's (freeze)", async () => {
  const { dir } = await world.published();
  const { url } = await world.depot(dir);
  let nowMs = NOW_MS + 29 * DAY_MS;
  const client = await world.client(dir, [url], { clock: { nowMs: () => nowMs } });
  expect((await client.release(...lookUp)).counter).toBe(7);
  nowMs = NOW_MS + 31 * DAY_MS;
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_EXPIRED");
  await renewRepository(dir, { keys: world.keys, nowMs });
  expect((await client.release(...lookUp)).counter).toBe(7);
});

test("once newer metadata was seen, an older repository is refused, also after a restart (rollback)", async () => {
  const { dir } = await world.published();
  const old = await world.copyOf(dir);
  await publishRelease(dir, { keys: world.keys, release: newRelease("2.3.5", 8), image: IMAGE, nowMs: NOW_MS });
  const tufDir = await world.folder();
  await (await world.client(dir, [(await world.depot(dir)).url], { tufDir })).release(...lookUp);
  const restarted = await world.client(dir, [(await world.depot(old)).url], { tufDir });
  expect(await codeOf(restarted.release(...lookUp))).toBe("ERR_DEPOT_METADATA_ROLLBACK");
});

test("a newer timestamp counts as seen even when the refresh fails after it", async () => {
  const { dir } = await world.published();
  const old = await world.copyOf(dir);
  await renewRepository(dir, { keys: world.keys, nowMs: NOW_MS });
  await rm(join(dir, "metadata", "3.snapshot.json"));
  const tufDir = await world.folder();
  const broken = await world.client(dir, [(await world.depot(dir)).url], { tufDir });
  expect(await codeOf(broken.release(...lookUp))).toBe("ERR_DEPOT_METADATA");
  const restarted = await world.client(dir, [(await world.depot(old)).url], { tufDir });
  expect(await codeOf(restarted.release(...lookUp))).toBe("ERR_DEPOT_METADATA_ROLLBACK");
});

test("files of different versions are not put together (mix and match)", async () => {
  const { dir } = await world.published();
  const evil = await world.copyOf(dir);
  await rename(join(evil, "metadata", "1.targets.json"), join(evil, "metadata", "2.targets.json"));
  const client = await world.client(dir, [(await world.depot(evil)).url]);
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA");
});

test("metadata without end is not read (endless data)", async () => {
  const { dir } = await world.published();
  const endless = await world.fakeMirror((head, socket) => {
    if (head.includes("2.root.json")) return socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const pour = (): void => {
      while (!socket.destroyed && socket.write(`2000\r\n${" ".repeat(0x2000)}\r\n`));
      socket.once("drain", pour);
    };
    return pour();
  });
  expect(await codeOf((await world.client(dir, [endless])).release(...lookUp))).toBe("ERR_DEPOT_TOO_LONG");
});

test("a hostile mirror does not keep a device from the honest one", async () => {
  const { dir } = await world.published();
  const evil = await world.copyOf(dir);
  await alter(evil, "timestamp.json", (text) => text.replace('"version":2', '"version":3'));
  const urls = [(await world.depot(dir)).url, (await world.depot(evil)).url];
  for (const depots of [urls, urls.toReversed()]) expect((await (await world.client(dir, depots)).release(...lookUp)).counter).toBe(7);
});

test("a damaged file of its own costs the device nothing but fetching again", async () => {
  const { dir } = await world.published();
  const { url } = await world.depot(dir);
  for (const damage of ["", "{", "null", '{"root":"{}","timestamp":"x","snapshot":"","targets":"[]"}', "\u0000\u0000"]) {
    const tufDir = await world.folder();
    await writeFile(join(tufDir, "trusted.json"), damage);
    expect((await (await world.client(dir, [url], { tufDir })).release(...lookUp)).counter).toBe(7);
  }
});

test("when no mirror answers, the error names each of them", async () => {
  const { dir } = await world.published();
  const gone = [await world.depot(dir), await world.depot(dir)];
  for (const depot of gone) await depot.stop();
  const failing = (
    await world.client(
      dir,
      gone.map(({ url }) => url),
    )
  ).release(...lookUp);
  expect(await codeOf(failing)).toBe("ERR_DEPOT_UNREACHABLE");
  for (const { url } of gone) expect(failing).rejects.toThrow(url);
});
