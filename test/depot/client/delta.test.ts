/** Deltas: from the publisher's folder to the device's decoder, and what a hostile one can do (nothing). */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { applyDelta } from "../../../src/depot/client/index.ts";
import { deltaPath } from "../../../src/depot/delta.ts";
import { makeDelta } from "../../../src/depot/repository/zstd/make-delta.ts";
import { codeOf, collector, World } from "../world.ts";

const world = new World();
afterEach(() => world.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that do not compress, the same ones for the same seed. */
function noise(seed: number, bytes: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) => createHash("sha256").update(`${seed} ${index}`).digest());
  return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes));
}

const OLD = noise(1, 200_000);
/** The old image with bytes put in, so that everything behind them has moved, and some exchanged. */
const NEW = new Uint8Array(Buffer.concat([OLD.subarray(0, 70_000), noise(2, 3_000), OLD.subarray(70_500)]));

async function apply(delta: Uint8Array | Iterable<Uint8Array>, change: { dictionary?: Uint8Array; size?: number } = {}) {
  const got = collector();
  const chunks = delta instanceof Uint8Array ? [delta] : delta;
  await applyDelta({ dictionary: OLD, size: NEW.length, ...change, delta: chunks, onChunk: got.onChunk });
  return got.bytes();
}

test("a delta holds what has changed and no more, and makes the new image out of the old one", async () => {
  const delta = await makeDelta(OLD, NEW);
  expect(delta.length).toBeLessThan(5_000);
  expect(sha256(await apply(delta))).toBe(sha256(NEW));
});

test("it may come in any pieces", async () => {
  const delta = await makeDelta(OLD, NEW);
  const pieces = Array.from(delta, (byte) => Uint8Array.of(byte));
  expect(sha256(await apply(pieces))).toBe(sha256(NEW));
});

test("a wrong dictionary makes no image that passes for the right one", async () => {
  const delta = await makeDelta(OLD, NEW);
  const other = noise(3, OLD.length);
  const made = await apply(delta, { dictionary: other }).then(sha256, (error: { code: string }) => error.code);
  expect([sha256(NEW), "ERR_DEPOT_DELTA"].indexOf(made)).not.toBe(0);
});

test.each([
  ["is cut short", (delta: Uint8Array) => delta.subarray(0, delta.length - 40)],
  ["is cut within its head", (delta: Uint8Array) => delta.subarray(0, 3)],
  ["is empty", () => new Uint8Array(0)],
  ["has bytes behind its end", (delta: Uint8Array) => new Uint8Array(Buffer.concat([delta, noise(4, 10)]))],
  ["has a second frame behind its end", (delta: Uint8Array) => new Uint8Array(Buffer.concat([delta, zstdCompressSync(noise(4, 10))]))],
  ["is no delta at all", () => noise(5, 4_000)],
])("a delta that %s is refused (hostile delta)", async (_, alter) => {
  expect(await codeOf(apply(alter(await makeDelta(OLD, NEW))))).toBe("ERR_DEPOT_DELTA");
});

test("a decompression bomb ends within one chunk of the promised length", async () => {
  const bomb = zstdCompressSync(new Uint8Array(64_000_000), { params: { [constants.ZSTD_c_windowLog]: 17 } });
  const got = collector();
  const applying = applyDelta({ dictionary: OLD, delta: [bomb], size: 100_000, onChunk: got.onChunk });
  expect(await codeOf(applying)).toBe("ERR_DEPOT_DELTA");
  expect(got.bytes().length).toBeLessThanOrEqual(100_000);
});

test("a frame that asks for a larger window than the image needs is refused before any of it is made (memory)", async () => {
  // Not pledged, so its head names the window instead of the size: 64 MiB for an image of 200 kB.
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const { createZstdCompress } = await import("node:zlib");
  const encoder = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 26 } });
  const chunks: Uint8Array[] = [];
  encoder.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  encoder.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
  encoder.write(NEW.subarray(0, 1_000));
  encoder.end(NEW.subarray(1_000));
  const got = collector();
  const applying = applyDelta({ dictionary: OLD, delta: [await promise], size: NEW.length, onChunk: got.onChunk });
  expect(await codeOf(applying)).toBe("ERR_DEPOT_DELTA");
  expect(got.bytes().length).toBe(0);
});

test("what the disk throws while a delta is applied is the disk's, not the delta's", async () => {
  const full = new Error("ENOSPC");
  const applying = applyDelta({
    dictionary: OLD,
    delta: [await makeDelta(OLD, NEW)],
    size: NEW.length,
    onChunk: () => Promise.reject(full),
  });
  expect(applying).rejects.toBe(full);
});

test("a path of a delta is none that a release can have, and lies in the same folder", () => {
  expect(deltaPath({ vendor: "a@b", name: "c/d", version: "1@2" }, "f".repeat(64))).toBe(`a%40b/c%2Fd/1%402@${"f".repeat(64)}`);
});
