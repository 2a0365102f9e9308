/**
 * What a part of the gateway says of itself: plain numbers, so that it can travel and be put together with what the others say.
 * No device is named in it. What a figure means to an operations team stands in docs/operate/metrics.md.
 */
import { addCounts, type Counts } from "./tally.ts";

/** How one figure of several parts is made: a count since the start, which stays when its part has gone, or a level of now. */
type Merge = "count" | "sum" | "max";

/** Every figure, in the unit that its name ends with. */
const MERGES = {
  /** TLS handshakes that brought a certificate of ours; those of them that took up an earlier session. */
  handshakes: "count",
  resumptions: "count",
  /** Connections that became channels, and those that were refused. */
  opened: "count",
  refused: "count",
  /** Commands that kernels took; commands that were written, with their framing, before TLS. */
  sent: "count",
  sentBytes: "count",
  /** From devices with a certificate of ours. */
  receivedBytes: "count",
  slices: "count",
  /** Orders that waited for a device until it came back. */
  late: "count",
  stops: "count",
  /** Identities that two live devices used at once. */
  clones: "count",
  /** Application bytes that came up in answer to commands that asked for none. */
  unaskedBytes: "count",
  channels: "sum",
  opening: "sum",
  /** Channels whose kernel takes no more for now, and what waits for them. */
  backlogged: "sum",
  queuedBytes: "sum",
  /** Until the manager has committed them. */
  reportsWaiting: "sum",
  residentBytes: "sum",
  /** 1 when the manager has been silent for so long that nothing is sent any more. */
  silenced: "sum",
  denied: "max",
  /** The longest slice of the fan-out and the longest delay of the event loop in the last one to two minutes. */
  sliceLongestMs: "max",
  loopDelayMs: "max",
  /** Of the newest stop: from its signature to the moment when nothing more was sent. */
  stopMs: "max",
  managerSilentMs: "max",
} as const satisfies Record<string, Merge>;

type Figure = keyof typeof MERGES;

/** Of one part, or of all together. */
export interface GatewayTotal extends Readonly<Record<Figure, number>> {
  /** Connections by the reason for which they were refused. */
  readonly refusals: Counts;
  /** Channels by the reason for which they ended. */
  readonly closings: Counts;
  /** By the budget that was overdrawn: frames, bytes, handshakes, channels. */
  readonly breaches: Counts;
}

export interface GatewayStats extends GatewayTotal {
  /** When it was started, ms since the epoch: with another start its counts begin anew. */
  readonly startedMs: number;
  /** The newest order that it has applied. */
  readonly ordersSeq: number;
}

const FIGURES = Object.keys(MERGES) as Figure[];
const NOTHING: GatewayTotal = { ...figures(() => 0), refusals: {}, closings: {}, breaches: {} };

export function mergeStats(all: readonly GatewayTotal[]): GatewayTotal {
  return all.reduce((one, other) => {
    const merge = (figure: Figure) => (MERGES[figure] === "max" ? Math.max(one[figure], other[figure]) : one[figure] + other[figure]);
    return {
      ...figures(merge),
      refusals: addCounts(one.refusals, other.refusals),
      closings: addCounts(one.closings, other.closings),
      breaches: addCounts(one.breaches, other.breaches),
    };
  }, NOTHING);
}

/** What is left of a part that has gone. A sum that fell when one worker dies would look like a restart of all of them. */
export function countsOf(stats: GatewayTotal): GatewayTotal {
  const { refusals, closings, breaches } = stats;
  return { ...figures((figure) => (MERGES[figure] === "count" ? stats[figure] : 0)), refusals, closings, breaches };
}

function figures(of: (figure: Figure) => number): Record<Figure, number> {
  return Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<Figure, number>;
}
