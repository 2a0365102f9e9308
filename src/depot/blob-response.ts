/**
 * Answers a request for a blob: whole or one range, and only as fast as the connection takes it.
 * The digest is the entity tag: the bytes under a digest never change. When the answer is over, whole or cut short, a
 * download record says what was sent; sent is what the connection accepted, not what the device received.
 */
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { askedRange, isNotModified } from "./byte-range.ts";
import type { ChunkCache } from "./chunk-cache.ts";

export interface DownloadRecord {
  /** From the peer's certificate. */
  readonly deviceId: string;
  readonly sha256: string;
  readonly fromByte: number;
  /** Bytes handed to the connection. */
  readonly bytes: number;
  /** The blob's last byte was sent to this device. */
  readonly complete: boolean;
  /** ms since the epoch */
  readonly atMs: number;
}

export interface Sent extends Pick<DownloadRecord, "fromByte" | "bytes" | "complete"> {
  /** It ended before the last byte that was asked for. */
  readonly isCut: boolean;
}

export interface BlobSource {
  /** Open; the caller closes it. */
  readonly blob: FileHandle;
  readonly sha256: string;
  readonly chunks: ChunkCache;
}

/** Resolves to what was sent, or undefined if no bytes were due. */
export async function answerWithBlob(req: IncomingMessage, res: ServerResponse, source: BlobSource): Promise<Sent | undefined> {
  const { blob, sha256, chunks } = source;
  const { size, mtimeMs } = await blob.stat();
  const etag = `"${sha256}"`;
  res.setHeader("etag", etag);
  res.setHeader("accept-ranges", "bytes");
  // no-transform: bytes that a proxy "improves" fail their digest.
  res.setHeader("cache-control", "public, max-age=31536000, immutable, no-transform");
  if (isNotModified(req.headers["if-none-match"], etag)) {
    res.writeHead(304).end();
    return undefined;
  }
  res.setHeader("content-type", "application/octet-stream");
  // A range is defined for GET alone (RFC 9110 §14.2).
  const asked = req.method === "GET" ? askedRange(req.headers, etag, size) : ({ kind: "whole" } as const);
  if (asked.kind === "unsatisfiable") {
    res.writeHead(416, { "content-range": `bytes */${size}`, "content-length": 0 }).end();
    return undefined;
  }
  const { first, last } = asked.kind === "part" ? asked : { first: 0, last: size - 1 };
  if (asked.kind === "part") res.writeHead(206, { "content-range": `bytes ${first}-${last}/${size}`, "content-length": last - first + 1 });
  else res.writeHead(200, { "content-length": size });
  if (req.method === "HEAD") {
    res.end();
    return undefined;
  }
  // A damaged file that was put right is read again, without a new start.
  return send(res, (from) => chunks.read(blob, `${sha256} ${mtimeMs}`, from, last), { first, last, size });
}

async function send(
  res: ServerResponse,
  read: (from: number) => Promise<Uint8Array>,
  { first, last, size }: { readonly first: number; readonly last: number; readonly size: number },
): Promise<Sent> {
  let next = first;
  async function* parts(): AsyncGenerator<Uint8Array> {
    while (next <= last) {
      const part = await read(next);
      if (part.length === 0) throw new Error("the blob is shorter than it was");
      next += part.length;
      yield part;
    }
  }
  try {
    await pipeline(parts(), res);
    return { fromByte: first, bytes: last - first + 1, complete: last === size - 1, isCut: false };
  } catch {
    // Cut short by the device, the network or a deadline: an outcome, not an error. It comes back with a range.
    return { fromByte: first, bytes: Math.max(0, next - first - res.writableLength), complete: false, isCut: true };
  }
}
