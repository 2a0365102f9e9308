/** How far two shares are apart, with bounds: Newcombe's hybrid score interval (1998, method 10), made of two Wilson intervals. Pure. */
import { type Interval, wilson } from "./wilson.ts";

export interface Difference extends Interval {
  /** Share of the second less share of the first, -1..1. */
  readonly difference: number;
}

export interface Share {
  readonly hits: number;
  readonly size: number;
}

/** Positive when the second is larger; the 95 % bounds hold 0 when chance alone may explain it. Throws ERR_AFTER_ACTION_SAMPLE. */
export function shareDifference(first: Share, second: Share): Difference {
  const [a, b] = [boundsOf(first), boundsOf(second)];
  const difference = b.share - a.share;
  return {
    difference,
    low: difference - Math.hypot(b.share - b.low, a.high - a.share),
    high: difference + Math.hypot(b.high - b.share, a.share - a.low),
  };
}

function boundsOf({ hits, size }: Share): Interval & { readonly share: number } {
  return { share: size === 0 ? 0.5 : hits / size, ...wilson(hits, size) };
}
