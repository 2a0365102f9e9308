/**
 * The parts of blobs that were sent lately, in memory. In a campaign everybody asks for the same bytes: without this each device costs, for
 * every part, a read, a copy and two changes of threads, which was a third of what it takes to send it (`npm run bench:depot`).
 */
import type { FileHandle } from "node:fs/promises";
import { CHUNKS_KEPT, SEND_CHUNK_BYTES } from "./limits.ts";

export class ChunkCache {
  /** Least lately used first. */
  readonly #chunks = new Map<string, Promise<Uint8Array>>();

  /** Bytes of the blob from `first` to its chunk's end or to `last`. `identity` is another one when the file is. */
  async read(blob: FileHandle, identity: string, first: number, last: number): Promise<Uint8Array> {
    const start = first - (first % SEND_CHUNK_BYTES);
    const chunk = await this.#chunk(`${identity} ${start}`, () => readChunk(blob, start));
    return chunk.subarray(first - start, last + 1 - start);
  }

  #chunk(key: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const kept = this.#chunks.get(key);
    const chunk = kept ?? load();
    if (kept === undefined) chunk.catch(() => this.#chunks.delete(key));
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    const [oldest] = this.#chunks.keys();
    if (this.#chunks.size > CHUNKS_KEPT && oldest !== undefined) this.#chunks.delete(oldest);
    return chunk;
  }
}

async function readChunk(blob: FileHandle, start: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await blob.read(Buffer.allocUnsafeSlow(SEND_CHUNK_BYTES), 0, SEND_CHUNK_BYTES, start);
  return buffer.subarray(0, bytesRead);
}
