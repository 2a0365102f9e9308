/**
 * What the depot answers: TUF metadata and blobs, to GET and HEAD. Paths are matched as they stand against two exact
 * patterns, undecoded, so nothing that a request says ever becomes part of a file's path but a digest or a role's name.
 */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Clock } from "../trust/clock.ts";
import { answerWithBlob, type DownloadRecord } from "./blob-response.ts";
import { BlobStore } from "./blob-store.ts";
import { ChunkCache } from "./chunk-cache.ts";
import type { DepotOutcome, Figures } from "./figures.ts";
import type { Shedding } from "./shedding.ts";

const BLOB = /^\/blobs\/sha256\/([0-9a-f]{64})$/;
/** The names of isRoleName (release.ts). */
const METADATA = /^\/metadata\/((?:[1-9]\d{0,15}\.[A-Za-z][\w-]{0,63}|timestamp)\.json)$/;

export interface HandlerOptions {
  /** The depot's directory, with `metadata/` and `blobs/`. */
  readonly dir: string;
  readonly shedding: Shedding;
  readonly figures: Figures;
  readonly clock: Clock;
  readonly onDownload: (record: DownloadRecord) => void;
}

export type Handler = (req: IncomingMessage, res: ServerResponse, deviceId: string) => Promise<void>;

export function makeHandler({ dir, shedding, figures, clock, onDownload }: HandlerOptions): Handler {
  const answerBlob = blobAnswerer({ dir, clock, onDownload });
  return async (req, res, deviceId) => {
    if (req.method !== "GET" && req.method !== "HEAD") return answer(res, 405, { allow: "GET, HEAD", connection: "close" });
    const file = METADATA.exec(req.url ?? "")?.[1];
    if (file !== undefined) return answerWithMetadata(req, res, join(dir, "metadata", file));
    const sha256 = BLOB.exec(req.url ?? "")?.[1];
    if (sha256 === undefined) return answer(res, 404);
    figures.request();
    const retryAfterSeconds = shedding.retryAfterSeconds(figures.current);
    if (retryAfterSeconds !== undefined) {
      figures.ended("shed");
      return answer(res, 503, { "retry-after": retryAfterSeconds });
    }
    figures.sendBegins();
    try {
      figures.ended(await answerBlob(req, res, { deviceId, sha256 }));
    } catch (error) {
      figures.ended("failed");
      throw error;
    } finally {
      figures.sendEnds();
    }
  };
}

function blobAnswerer({ dir, clock, onDownload }: Pick<HandlerOptions, "dir" | "clock" | "onDownload">) {
  const blobs = new BlobStore(dir);
  const chunks = new ChunkCache();
  return async (
    req: IncomingMessage,
    res: ServerResponse,
    { deviceId, sha256 }: Pick<DownloadRecord, "deviceId" | "sha256">,
  ): Promise<DepotOutcome> => {
    const blob = await blobs.open(sha256);
    if (blob === undefined) {
      answer(res, 404);
      return "missing";
    }
    try {
      const sent = await answerWithBlob(req, res, { blob, sha256, chunks });
      if (sent === undefined) return "served";
      const { isCut, ...facts } = sent;
      onDownload({ deviceId, sha256, ...facts, atMs: clock.nowMs() });
      return isCut ? "cut" : "served";
    } finally {
      await blob.close();
    }
  };
}

async function answerWithMetadata(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (bytes === undefined) return answer(res, 404);
  // Numbered files never change; the timestamp is what a freeze attack would hold back, so no cache may keep it.
  const caching = path.endsWith("timestamp.json") ? "no-store" : "public, max-age=31536000, immutable";
  res.writeHead(200, { "content-type": "application/json", "content-length": bytes.length, "cache-control": caching });
  res.end(req.method === "HEAD" ? undefined : bytes);
}

function answer(res: ServerResponse, status: number, headers: Record<string, string | number> = {}): void {
  res.writeHead(status, { ...headers, "content-length": 0 }).end();
}
