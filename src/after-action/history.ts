/**
 * What the evidence about one device amounts to, before anybody concludes: what it said about its software, what it said about our
 * command, what was seen of its channel, what it fetched. Pure, and independent of the order in which evidence is given: it is put
 * into one total order first (time, then kind, then content; at the same instant bad news counts as the newer).
 *
 * Which moment counts as "the command" for this device: its first `sent`, or earlier its first own words that name our command,
 * because gateways report `sent` in batches and a device cannot name what it has not got. Causes beat clocks.
 */
import { HOUSEKEEPING_STATES } from "../openc2/profiles/x-iot/model.ts";
import { UPDATE_STATES, type InstalledSoftware, type LastUpdate, type UpdateState } from "../openc2/profiles/x-swup/model.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { JudgeTerms, UpdateContext } from "./judge.ts";

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
export interface Claim<State extends string = UpdateState> {
  readonly atMs: number;
  readonly said: Saying;
  readonly state: State;
  readonly error?: string;
}

export interface ChannelSeen {
  readonly state: "connected" | "away" | "refused" | "never";
  readonly atMs?: number;
  /** Why it went away or was refused. */
  readonly reason?: string;
}

/** What can be known of a device whatever it was commanded to do. */
export interface Seen {
  /** Whether anything shows that the command was sent to the device or got there. */
  readonly commanded: boolean;
  /** The moment of the command for this device; of the decision if it was not commanded. ms since the epoch */
  readonly sinceMs: number;
  /** The newest of its words about our command. */
  readonly claim?: Pick<Claim<string>, "state">;
  readonly channel: ChannelSeen;
  /** When the last byte of the release was first sent to it. */
  readonly fetchedMs?: number;
  /** The newest evidence that the device itself caused (being sent to is our act, not its). */
  readonly heardMs?: number;
}

export interface History extends Seen {
  /** Oldest first. */
  readonly inventories: readonly Inventory[];
  /** The newest. */
  readonly claim?: Claim;
  /** The newest answer to our command with an error status (LS 1.0 §3.3.2.2). */
  readonly refusal?: { readonly atMs: number; readonly status: number };
  /** The newest connection after the command. */
  readonly cameBackMs?: number;
  readonly fetchedBytes: number;
}

export function historyOf(ordinal: number, evidence: readonly Evidence[], context: UpdateContext): History {
  const items = inOrderOf(ordinal, evidence);
  const inventories = items.flatMap((item) => inventoryOf(item, context));
  const claims = items.flatMap((item) => claimOf(item, context));
  const fetches = items.filter((item) => item.kind === "download" && isRelease(item, context));
  const seen = seenOf(items, context, claims[0]?.atMs, fetches[0]?.atMs);

  const claim = claims.at(-1);
  const refusal = items.flatMap((item) => refusalOf(item, context)).at(-1);
  const cameBackMs = items.findLast((item) => item.kind === "connected" && item.atMs > seen.sinceMs)?.atMs;
  const fetchedMs = fetches.find((item) => item.kind === "download" && item.complete)?.atMs;
  return {
    ...seen,
    inventories,
    fetchedBytes: fetches.reduce((bytes, item) => bytes + (item.kind === "download" ? item.bytes : 0), 0),
    ...(claim !== undefined && { claim }),
    ...(refusal !== undefined && { refusal }),
    ...(cameBackMs !== undefined && { cameBackMs }),
    ...(fetchedMs !== undefined && { fetchedMs }),
  };
}

/** The device's own, in the one total order. */
export function inOrderOf(ordinal: number, evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.filter((item) => item.ordinal === ordinal && Number.isFinite(item.atMs)).sort(inOrder);
}

/** `namedMs`: when it first named our command; `fetchedMs`: when it first fetched for it, which counts where nothing else is known. */
export function seenOf(
  items: readonly Evidence[],
  { commandIds, decidedMs }: JudgeTerms,
  namedMs?: number,
  fetchedMs?: number,
): Pick<Seen, "commanded" | "sinceMs" | "channel" | "heardMs"> {
  const sentMs = items.find((item) => item.kind === "sent" && commandIds.includes(item.commandId))?.atMs;
  const starts = [sentMs, namedMs].filter((ms) => ms !== undefined);
  const startMs = starts.length > 0 ? Math.min(...starts) : fetchedMs;
  const heardMs = items.findLast((item) => item.kind !== "sent")?.atMs;
  return {
    commanded: startMs !== undefined,
    sinceMs: startMs ?? decidedMs,
    channel: channelOf(items),
    ...(heardMs !== undefined && { heardMs }),
  };
}

function inventoryOf(item: Evidence, context: UpdateContext): Inventory[] {
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

function claimOf(item: Evidence, context: UpdateContext): Claim[] {
  if (item.kind !== "check-in" && item.kind !== "response") return [];
  const said = item.lastUpdate;
  if (said === undefined || !context.commandIds.includes(said.command_id)) return [];
  return [{ atMs: item.atMs, said: sayingOf(item), state: said.state, ...(said.error !== undefined && { error: said.error }) }];
}

export function sayingOf(item: Evidence): Saying {
  return item.kind === "check-in" && item.statement !== undefined ? "signed" : "over the channel";
}

function refusalOf(item: Evidence, context: UpdateContext): { atMs: number; status: number }[] {
  if (item.kind !== "response" || !context.commandIds.includes(item.requestId) || item.status < 400) return [];
  return [{ atMs: item.atMs, status: item.status }];
}

function isRelease(item: Evidence, context: UpdateContext): boolean {
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
  return (
    a.atMs - b.atMs ||
    RANK[a.kind] - RANK[b.kind] ||
    bootOf(a) - bootOf(b) ||
    stateRank(a) - stateRank(b) ||
    commandRank(a) - commandRank(b) ||
    inText(a, b)
  );
}

function bootOf(item: Evidence): number {
  return item.kind === "check-in" ? item.boot : 0;
}

function stateRank(item: Evidence): number {
  const said = item.kind === "check-in" || item.kind === "response" ? item.lastUpdate : undefined;
  return said === undefined ? -1 : UPDATE_STATES.indexOf(said.state);
}

function commandRank(item: Evidence): number {
  const said = item.kind === "check-in" || item.kind === "response" ? item.lastCommand : undefined;
  return said === undefined ? -1 : HOUSEKEEPING_STATES.indexOf(said.state);
}

/** Only so that the order is total: whatever still ties differs in nothing that time could order. */
function inText(a: Evidence, b: Evidence): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
