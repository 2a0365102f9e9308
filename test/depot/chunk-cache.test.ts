/** Parts of blobs in memory: the right bytes, read once, and never more of them than are allowed. */
import { afterEach, expect, test } from "bun:test";
import { type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChunkCache } from "../../src/depot/chunk-cache.ts";
import { CHUNKS_KEPT, SEND_CHUNK_BYTES } from "../../src/depot/limits.ts";

const BYTES = crypto.getRandomValues(new Uint8Array(2 * SEND_CHUNK_BYTES + 1_000));
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function opened(bytes: Uint8Array): Promise<{ readonly blob: FileHandle; readonly path: string }> {
  const dir = await mkdtemp(join(tmpdir(), "edict-chunks-"));
  const path = join(dir, "blob");
  await writeFile(path, bytes);
  const blob = await open(path);
  cleanUp.push(
    () => rm(dir, { recursive: true }),
    () => blob.close(),
  );
  return { blob, path };
}

async function whole(cache: ChunkCache, blob: FileHandle, first: number, last: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let next = first; next <= last; ) {
    const part = await cache.read(blob, "x", next, last);
    parts.push(part);
    next += part.length;
  }
  return new Uint8Array(Buffer.concat(parts));
}

test.each([
  ["the whole", 0, BYTES.length - 1],
  ["one byte", 7, 7],
  ["across the end of a part", SEND_CHUNK_BYTES - 3, SEND_CHUNK_BYTES + 2],
  ["exactly one part", SEND_CHUNK_BYTES, 2 * SEND_CHUNK_BYTES - 1],
  ["the end", BYTES.length - 10, BYTES.length - 1],
])("%s is what the file has there, read anew and kept alike", async (_, first, last) => {
  const { blob } = await opened(BYTES);
  const cache = new ChunkCache();
  for (let turn = 0; turn < 2; turn += 1) expect(await whole(cache, blob, first, last)).toEqual(BYTES.slice(first, last + 1));
});

test("devices that ask at once cause one read, and the next ones none, until the file is another one", async () => {
  const { blob, path } = await opened(BYTES);
  const cache = new ChunkCache();
  const ask = (identity: string) => cache.read(blob, identity, 0, 9);
  const [one, other] = await Promise.all([ask("before"), ask("before")]);
  expect(one.buffer).toBe(other.buffer);
  await writeFile(path, BYTES.toReversed());
  expect(await ask("before")).toEqual(Buffer.from(BYTES.slice(0, 10)));
  expect(await ask("after")).toEqual(Buffer.from(BYTES.toReversed().slice(0, 10)));
});

test("a read that failed is not kept", async () => {
  const { blob } = await opened(BYTES);
  const closed = await open((await opened(BYTES)).path);
  await closed.close();
  const cache = new ChunkCache();
  await expect(cache.read(closed, "x", 0, 9)).rejects.toThrow();
  expect(await whole(cache, blob, 0, 9)).toEqual(BYTES.slice(0, 10));
});

test("the part that was not asked for longest makes room: no more than so many are kept", async () => {
  const { blob } = await opened(BYTES.subarray(0, 10));
  const cache = new ChunkCache();
  const ask = async (identity: number) => (await cache.read(blob, String(identity), 0, 9)).buffer;
  const [first, second] = [await ask(0), await ask(1)];
  for (let identity = 2; identity < CHUNKS_KEPT; identity += 1) await ask(identity);
  expect(await ask(0)).toBe(first);
  await ask(CHUNKS_KEPT);
  expect(await ask(0)).toBe(first);
  expect(await ask(1)).not.toBe(second);
});
