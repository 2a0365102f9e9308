/**
 * What the evidence about one device adds to the figures of its campaign: when it was first sent to, when it was first seen as it was to
 * become, what it fetched, and how old each kind of evidence is. It concludes nothing (judge.ts does). Pure.
 */
import type { Evidence } from "../fleet/evidence.ts";
import { isImage } from "./history.ts";
import { isUpdate, type JudgeContext } from "./judge.ts";
import { isClean, wordOf } from "./stop-history.ts";

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
  /** On the new version, or without the process. */
  readonly firstSafeMs: number;
  /** What it ran when it was first heard of. */
  readonly firstVersion?: string;
  readonly downloadedBytes: number;
  readonly isComplete: boolean;
  /** Bytes that came up in answer to a command that asked for none. */
  readonly unaskedBytes: number;
  readonly newest: NewestEvidence;
}

export function figuresOf(evidence: readonly Evidence[], context: JudgeContext): DeviceFigures {
  const newest = new Map<keyof NewestEvidence, number>();
  let [firstSentMs, firstSafeMs, firstHeardMs] = [Infinity, Infinity, Infinity];
  let firstVersion: string | undefined;
  let [downloadedBytes, unaskedBytes] = [0, 0];
  let isComplete = false;
  for (const item of evidence) {
    const { atMs } = item;
    const kind = kindOf(item, context);
    if (kind !== undefined) newest.set(kind, Math.max(newest.get(kind) ?? -Infinity, atMs));
    if (item.kind === "sent" && context.commandIds.includes(item.commandId)) firstSentMs = Math.min(firstSentMs, atMs);
    else if (item.kind === "unasked" && context.commandIds.includes(item.commandId)) unaskedBytes += item.bytes;
    else if (item.kind === "download" && atMs >= context.decidedMs && isUpdate(context) && isImage(item, context.sha256)) {
      downloadedBytes += item.bytes;
      isComplete ||= item.complete;
    } else if (item.kind === "check-in" || item.kind === "response") {
      if (isSafe(item, context)) firstSafeMs = Math.min(firstSafeMs, atMs);
      if (item.software !== undefined && atMs < firstHeardMs) {
        firstHeardMs = atMs;
        firstVersion = item.software.version;
      }
    }
  }
  return {
    firstSentMs,
    firstSafeMs,
    ...(firstVersion !== undefined && { firstVersion }),
    downloadedBytes,
    isComplete,
    unaskedBytes,
    newest: Object.fromEntries(newest),
  };
}

function kindOf(item: Evidence, { queryCommandId }: JudgeContext): keyof NewestEvidence | undefined {
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

function isSafe(item: Extract<Evidence, { readonly kind: "check-in" | "response" }>, context: JudgeContext): boolean {
  if (!isUpdate(context)) return item.atMs >= context.decidedMs && wordOf(item, context).some(isClean);
  const { software } = item;
  const digest = context.sha256.toLowerCase();
  return software?.version === context.newVersion && (software.hashes?.sha256 ?? digest).toLowerCase() === digest;
}
