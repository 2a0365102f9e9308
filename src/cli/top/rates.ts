/** What moves between two looks at the channel. Of a single look nothing is known. */
import type { ChannelView } from "../../server/channel-watch.ts";

export interface Rates {
  /** Commands a second, of all parts. */
  readonly sent: number;
  /** The same of each part and of each order, by part's name and by seq. */
  readonly parts: ReadonlyMap<string, number>;
  readonly orders: ReadonlyMap<number, number>;
}

export function ratesOf(now: ChannelView, before: ChannelView | undefined): Rates | undefined {
  if (before === undefined || now.atMs <= before.atMs) return undefined;
  // A part that was started anew counts from nothing: it has not sent less than none.
  const rate = (after: number, earlier = 0) => (Math.max(0, after - earlier) * 1_000) / (now.atMs - before.atMs);
  const sentBy = new Map(before.parts.map(({ part, stats }) => [part, stats.sent]));
  const sentOf = new Map(before.orders.map(({ seq, sent }) => [seq, sent]));
  return {
    sent: rate(now.total.sent, before.total.sent),
    parts: new Map(now.parts.map(({ part, stats }) => [part, rate(stats.sent, sentBy.get(part) ?? stats.sent)])),
    orders: new Map(now.orders.map(({ seq, sent }) => [seq, rate(sent, sentOf.get(seq))])),
  };
}
