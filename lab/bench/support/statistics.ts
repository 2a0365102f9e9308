/** Numbers of a bench: medians and percentiles of what was measured, never a best run. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that at least this share (0..1) does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Wall times of a fan-out in ms since it was ordered: to the first device, the median, the 99th percentile and the last. */
export function spreadOf(timesUs: readonly number[], startMs: number): Spread {
  const sorted = timesUs.map((timeUs) => timeUs / 1_000 - startMs).toSorted((a, b) => a - b);
  const at = (share: number) => round(percentile(sorted, share), 1);
  return { firstMs: round(sorted[0] ?? Number.NaN, 1), medianMs: at(0.5), p99Ms: at(0.99), lastMs: at(1) };
}

export interface Spread {
  readonly firstMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly lastMs: number;
}
