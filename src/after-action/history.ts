/**
 * What the evidence about one device amounts to, before anybody concludes: what it said about its software, what it said about our
 * command, what was seen of its channel, what it fetched. Pure, and independent of the order in which evidence is given: it is put
 * into one total order first (time, then kind, then content; at the same instant bad news counts as the newer).
 *
 * Which moment counts as "the command" for this device: its first `sent`, or earlier its first own words that name our command,
 * because gateways report `sent` in batches and a device cannot name what it has not got. Causes beat clocks.
 */
import { UPDATE_STATES, type InstalledSoftware, type LastUpdate, type UpdateState } from "../openc2/profiles/x-swup/model.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { JudgeContext } from "./judge.ts";

/** `signed`: with the key of the device's certificate, so that whoever carried it cannot have changed it. */
export type Saying = "signed" | "over the channel";

/** What the device said about its software, by itself (`check-in`, which has a boot number) or when asked. */
export interface Inventory {
  readonly by: "check-in" | "answer" | "query answer";
  readonly atMs: number;
  readonly software: InstalledSoftware;
  readonly lastUpdate?: LastUpdate;
  readonly boot?: number;
  readonly said: Saying;
}

/** What the device said became of our command. */
export interface Claim {
  readonly atMs: number;
  readonly said: Saying;
  readonly state: UpdateState;
  readonly error?: string;
}

export interface ChannelSeen {
  readonly state: "connected" | "away" | "refused" | "never";
  readonly atMs?: number;
  /** Why it went away or was refused. */
  readonly reason?: string;
}

export interface History {
  /** Whether anything shows that the command was sent to the device or got there. */
  readonly commanded: boolean;
  /** The moment of the command for this device; of the decision if it was not commanded. ms since the epoch */
  readonly sinceMs: number;
  /** Oldest first. */
  readonly inventories: readonly Inventory[];
  /** The newest. */
  readonly claim?: Claim;
  /** The newest answer to our command with an error status (LS 1.0 §3.3.2.2). */
  readonly refusal?: { readonly atMs: number; readonly status: number };
  readonly channel: ChannelSeen;
  /** The newest connection after the command. */
  readonly cameBackMs?: number;
  /** When the last byte of the release was first sent to it. */
  readonly fetchedMs?: number;
  readonly fetchedBytes: number;
  /** The newest evidence that the device itself caused (being sent to is our act, not its). */
  readonly heardMs?: number;
}

export function historyOf(ordinal: number, evidence: readonly Evidence[], context: JudgeContext): History {
  const seen = evidence.filter((item) => item.ordinal === ordinal && Number.isFinite(item.atMs)).sort(inOrder);
  const inventories = seen.flatMap((item) => inventoryOf(item, context));
  const claims = seen.flatMap((item) => claimOf(item, context));
  const fetches = seen.filter((item) => item.kind === "download" && isRelease(item, context));
  const sentMs = seen.find((item) => item.kind === "sent" && context.updateCommandIds.includes(item.commandId))?.atMs;
  const starts = [sentMs, claims[0]?.atMs].filter((ms) => ms !== undefined);
  const startMs = starts.length > 0 ? Math.min(...starts) : fetches[0]?.atMs;
  const sinceMs = startMs ?? context.decidedMs;

  const claim = claims.at(-1);
  const refusal = seen.flatMap((item) => refusalOf(item, context)).at(-1);
  const cameBackMs = seen.findLast((item) => item.kind === "connected" && item.atMs > sinceMs)?.atMs;
  const fetchedMs = fetches.find((item) => item.kind === "download" && item.complete)?.atMs;
  const heardMs = seen.findLast((item) => item.kind !== "sent")?.atMs;
  return {
    commanded: startMs !== undefined,
    sinceMs,
    inventories,
    channel: channelOf(seen),
    fetchedBytes: fetches.reduce((bytes, item) => bytes + (item.kind === "download" ? item.bytes : 0), 0),
    ...(claim !== undefined && { claim }),
    ...(refusal !== undefined && { refusal }),
    ...(cameBackMs !== undefined && { cameBackMs }),
    ...(fetchedMs !== undefined && { fetchedMs }),
    ...(heardMs !== undefined && { heardMs }),
  };
}

function inventoryOf(item: Evidence, context: JudgeContext): Inventory[] {
  if (item.kind !== "check-in" && item.kind !== "response") return [];
  if (item.software === undefined) return [];
  return [
    {
      by: item.kind === "check-in" ? "check-in" : item.requestId === context.queryCommandId ? "query answer" : "answer",
      atMs: item.atMs,
      software: item.software,
      ...(item.lastUpdate !== undefined && { lastUpdate: item.lastUpdate }),
      ...(item.kind === "check-in" && { boot: item.boot }),
      said: sayingOf(item),
    },
  ];
}

function claimOf(item: Evidence, context: JudgeContext): Claim[] {
  if (item.kind !== "check-in" && item.kind !== "response") return [];
  const said = item.lastUpdate;
  if (said === undefined || !context.updateCommandIds.includes(said.command_id)) return [];
  return [{ atMs: item.atMs, said: sayingOf(item), state: said.state, ...(said.error !== undefined && { error: said.error }) }];
}

function sayingOf(item: Evidence): Saying {
  return item.kind === "check-in" && item.statement !== undefined ? "signed" : "over the channel";
}

function refusalOf(item: Evidence, context: JudgeContext): { atMs: number; status: number }[] {
  if (item.kind !== "response" || !context.updateCommandIds.includes(item.requestId) || item.status < 400) return [];
  return [{ atMs: item.atMs, status: item.status }];
}

function isRelease(item: Evidence, context: JudgeContext): boolean {
  return item.kind === "download" && item.atMs >= context.decidedMs && isImage(item, context.sha256);
}

/** Whether what was fetched is this image, or a delta that makes it. */
export function isImage({ sha256, makes = sha256 }: Extract<Evidence, { readonly kind: "download" }>, image: string): boolean {
  return makes.toLowerCase() === image.toLowerCase();
}

/** The newest thing seen of the channel. Whoever speaks has one; `sent` (stamped late) proves one only where nothing else is known. */
function channelOf(seen: readonly Evidence[]): ChannelSeen {
  const last = seen.findLast((item) => item.kind !== "sent" && item.kind !== "download");
  switch (last?.kind) {
    case "disconnected":
      return { state: "away", atMs: last.atMs, reason: last.reason };
    case "refused":
      return { state: "refused", atMs: last.atMs, reason: last.reason };
    case "connected":
    case "check-in":
    case "response":
    case "unasked":
      return { state: "connected", atMs: last.atMs };
    default: {
      const sentMs = seen.findLast((item) => item.kind === "sent")?.atMs;
      return sentMs === undefined ? { state: "never" } : { state: "connected", atMs: sentMs };
    }
  }
}

/** A reconnect within one millisecond reads as away, then back, then speaking. */
const RANK: { readonly [kind in Evidence["kind"]]: number } = {
  sent: 0,
  refused: 1,
  disconnected: 2,
  connected: 3,
  "check-in": 4,
  response: 5,
  unasked: 6,
  download: 7,
};

function inOrder(a: Evidence, b: Evidence): number {
  return a.atMs - b.atMs || RANK[a.kind] - RANK[b.kind] || bootOf(a) - bootOf(b) || stateRank(a) - stateRank(b) || inText(a, b);
}

function bootOf(item: Evidence): number {
  return item.kind === "check-in" ? item.boot : 0;
}

function stateRank(item: Evidence): number {
  const said = item.kind === "check-in" || item.kind === "response" ? item.lastUpdate : undefined;
  return said === undefined ? -1 : UPDATE_STATES.indexOf(said.state);
}

/** Only so that the order is total: whatever still ties differs in nothing that time could order. */
function inText(a: Evidence, b: Evidence): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
