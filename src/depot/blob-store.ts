/**
 * Blobs by digest: `blobs/sha256/<hex>`. A name is a promise about the bytes, so a blob appears under its name only
 * when it was written, hashed and synced in full. Blobs are never changed.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "./client/atomic-file.ts";
import { DepotError } from "./errors.ts";
import { BLOB_BYTES_MAX, SEND_CHUNK_BYTES } from "./limits.ts";

export interface BlobFacts {
  /** Lower-case hex. */
  readonly sha256: string;
  /** bytes */
  readonly size: number;
}

export class BlobStore {
  readonly #folder: string;

  /** `dir` is the depot's directory. */
  constructor(dir: string) {
    this.#folder = join(dir, "blobs", "sha256");
  }

  /**
   * Stores bytes, or the file at a path, and says what they are. With `expected` nothing appears unless the digest is
   * that one (ERR_DEPOT_DIGEST). Storing what is there already changes nothing.
   */
  async put(source: Uint8Array | string, expected?: string): Promise<BlobFacts> {
    await mkdir(this.#folder, { recursive: true });
    // A dot first: never a digest, so it cannot be asked for.
    const beside = join(this.#folder, `.${randomUUID()}`);
    try {
      const facts = await writeHashed(
        beside,
        typeof source === "string" ? createReadStream(source, { highWaterMark: SEND_CHUNK_BYTES }) : [source],
      );
      if (expected !== undefined && facts.sha256 !== expected) {
        throw new DepotError("ERR_DEPOT_DIGEST", `the bytes have SHA-256 ${facts.sha256}, not ${expected}`);
      }
      await rename(beside, join(this.#folder, facts.sha256));
      await syncFolder(this.#folder);
      return facts;
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }

  /** The open blob, or undefined if it is not here. The caller closes it. `sha256` must be 64 lower-case hex digits. */
  async open(sha256: string): Promise<FileHandle | undefined> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    try {
      return await open(join(this.#folder, sha256), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }
}

async function writeHashed(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobFacts> {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > BLOB_BYTES_MAX) throw new DepotError("ERR_DEPOT_RELEASE", `a blob has at most ${BLOB_BYTES_MAX} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest("hex"), size };
}
