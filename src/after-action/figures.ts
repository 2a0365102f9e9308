/**
 * What the evidence about one device adds to the figures of its campaign: when it was first sent to, when it was first seen on the new
 * version, what it fetched, and how old each kind of evidence is. It concludes nothing (judge.ts does). Pure.
 */
import type { InstalledSoftware } from "../openc2/profiles/x-swup/model.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { isImage } from "./history.ts";

export interface FiguresRequest {
  readonly updateCommandIds: readonly string[];
  readonly queryCommandId: string;
  readonly newVersion: string;
  /** Base16 SHA-256 of the release. */
  readonly sha256: string;
  /** ms since the epoch */
  readonly decidedMs: number;
}

/** The newest evidence of each kind. ms since the epoch */
export interface NewestEvidence {
  readonly checkInMs?: number;
  readonly responseMs?: number;
  readonly queryMs?: number;
  readonly downloadMs?: number;
  readonly channelMs?: number;
}

/** Infinity where it was never seen. */
export interface DeviceFigures {
  readonly firstSentMs: number;
  readonly firstOnNewMs: number;
  /** What it ran when it was first heard of. */
  readonly firstVersion?: string;
  readonly downloadedBytes: number;
  readonly isComplete: boolean;
  /** Bytes that came up in answer to a command that asked for none. */
  readonly unaskedBytes: number;
  readonly newest: NewestEvidence;
}

export function figuresOf(evidence: readonly Evidence[], request: FiguresRequest): DeviceFigures {
  const sha256 = request.sha256.toLowerCase();
  const newest = new Map<keyof NewestEvidence, number>();
  let [firstSentMs, firstOnNewMs, firstHeardMs] = [Infinity, Infinity, Infinity];
  let firstVersion: string | undefined;
  let [downloadedBytes, unaskedBytes] = [0, 0];
  let isComplete = false;
  for (const item of evidence) {
    const { atMs } = item;
    const kind = kindOf(item, request);
    if (kind !== undefined) newest.set(kind, Math.max(newest.get(kind) ?? -Infinity, atMs));
    if (item.kind === "sent" && request.updateCommandIds.includes(item.commandId)) firstSentMs = Math.min(firstSentMs, atMs);
    else if (item.kind === "unasked" && request.updateCommandIds.includes(item.commandId)) unaskedBytes += item.bytes;
    else if (item.kind === "download" && atMs >= request.decidedMs && isImage(item, sha256)) {
      downloadedBytes += item.bytes;
      isComplete ||= item.complete;
    } else if ((item.kind === "check-in" || item.kind === "response") && item.software !== undefined) {
      if (isRelease(item.software, request.newVersion, sha256)) firstOnNewMs = Math.min(firstOnNewMs, atMs);
      if (atMs < firstHeardMs) {
        firstHeardMs = atMs;
        firstVersion = item.software.version;
      }
    }
  }
  return {
    firstSentMs,
    firstOnNewMs,
    ...(firstVersion !== undefined && { firstVersion }),
    downloadedBytes,
    isComplete,
    unaskedBytes,
    newest: Object.fromEntries(newest),
  };
}

function kindOf(item: Evidence, { queryCommandId }: FiguresRequest): keyof NewestEvidence | undefined {
  switch (item.kind) {
    case "check-in":
      return "checkInMs";
    case "response":
      return item.requestId === queryCommandId ? "queryMs" : "responseMs";
    case "download":
      return "downloadMs";
    case "connected":
    case "disconnected":
    case "refused":
      return "channelMs";
    case "sent":
    case "unasked":
      return undefined;
  }
}

function isRelease(software: InstalledSoftware, newVersion: string, sha256: string): boolean {
  return software.version === newVersion && (software.hashes?.sha256 ?? sha256).toLowerCase() === sha256;
}
