/**
 * Answers a request for a blob: whole or one range, straight from the file and only as fast as the connection takes it.
 * The digest is the entity tag: the bytes under a digest never change. When the answer is over, whole or cut short, a
 * download record says what was sent; sent is what the connection accepted, not what the device received.
 */
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { askedRange, isNotModified } from "./byte-range.ts";
import { SEND_CHUNK_BYTES } from "./limits.ts";

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

/** Answers from the open blob; the caller closes it. Resolves to what was sent, or undefined if no bytes were due. */
export async function answerWithBlob(
  req: IncomingMessage,
  res: ServerResponse,
  blob: FileHandle,
  sha256: string,
): Promise<Sent | undefined> {
  const { size } = await blob.stat();
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
  return send(res, blob, first, last, size);
}

async function send(res: ServerResponse, blob: FileHandle, first: number, last: number, size: number): Promise<Sent> {
  const bytes = blob.createReadStream({ start: first, end: last, highWaterMark: SEND_CHUNK_BYTES, autoClose: false });
  try {
    await pipeline(bytes, res);
    return { fromByte: first, bytes: last - first + 1, complete: last === size - 1, isCut: false };
  } catch {
    // Cut short by the device, the network or a deadline: an outcome, not an error. It comes back with a range.
    return { fromByte: first, bytes: Math.max(0, bytes.bytesRead - res.writableLength), complete: false, isCut: true };
  }
}
