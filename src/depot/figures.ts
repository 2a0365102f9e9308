/** What a depot counts about itself, since it started: its load now and at its peak, and how often it could not serve. */

export interface DepotFigures {
  /** For blobs; metadata is small and never turned away. */
  readonly requests: number;
  /** Turned away with 503. */
  readonly shed: number;
  /** Answered with 404. Not the depot's fault, for a device may ask for anything. */
  readonly missing: number;
  /** Answered with 500. */
  readonly failed: number;
  /** Sent to the end of what was asked for. */
  readonly served: number;
  /** Begun and cut short, by the device, the network or a deadline. */
  readonly cut: number;
  /** Blobs being sent. */
  readonly sending: number;
  readonly sendingPeak: number;
  /** That left, on all connections, up to the last second. */
  readonly bytes: number;
  /** On all connections, of the last second and of the fullest one. */
  readonly bytesPerSecond: number;
  readonly bytesPerSecondPeak: number;
}

export type DepotOutcome = "shed" | "missing" | "failed" | "served" | "cut";

export class Figures {
  #counts: { -readonly [name in keyof DepotFigures]: number } = {
    requests: 0,
    shed: 0,
    missing: 0,
    failed: 0,
    served: 0,
    cut: 0,
    sending: 0,
    sendingPeak: 0,
    bytes: 0,
    bytesPerSecond: 0,
    bytesPerSecondPeak: 0,
  };
  #measuredBytes = 0;

  get current(): DepotFigures {
    return { ...this.#counts };
  }

  request(): void {
    this.#counts.requests += 1;
  }

  ended(outcome: DepotOutcome): void {
    this.#counts[outcome] += 1;
  }

  sendBegins(): void {
    const counts = this.#counts;
    counts.sending += 1;
    counts.sendingPeak = Math.max(counts.sendingPeak, counts.sending);
  }

  sendEnds(): void {
    this.#counts.sending -= 1;
  }

  /** Bytes that left, of whatever connection. */
  sent(bytes: number): void {
    this.#counts.bytes += bytes;
  }

  /** A stretch of time is over. */
  measure(elapsedMs: number): void {
    const counts = this.#counts;
    counts.bytesPerSecond = ((counts.bytes - this.#measuredBytes) * 1_000) / elapsedMs;
    counts.bytesPerSecondPeak = Math.max(counts.bytesPerSecondPeak, counts.bytesPerSecond);
    this.#measuredBytes = counts.bytes;
  }
}
