/** A pace: so many a second, and a short burst. It runs on the monotonic clock, so that a step of the wall clock is no burst. */
export class TokenBucket {
  readonly #burstSeconds: number;
  #tokens: number | undefined;
  #atMs = 0;

  constructor(burstSeconds: number) {
    this.#burstSeconds = burstSeconds;
  }

  /** How many may be taken now. Whoever shares the bucket names its own rate; together they never exceed the largest. */
  available(ratePerSecond: number): number {
    const nowMs = performance.now();
    const burst = Math.max(1, ratePerSecond * this.#burstSeconds);
    const grown = ((nowMs - this.#atMs) / 1_000) * ratePerSecond;
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + grown);
    this.#atMs = nowMs;
    return Math.floor(this.#tokens);
  }

  take(count: number): void {
    this.#tokens = (this.#tokens ?? 0) - count;
  }
}
