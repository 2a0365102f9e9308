/**
 * Turning requests for blobs away: a share of them when an operator says so, and all new ones while the depot is over its limits.
 * Each is told a different time to come back (half to one and a half of the mean): the same time for all would bring the herd back
 * in one piece. What is being sent is never cut off for it: half a download is the most expensive kind.
 */
import { SENDS_MAX, SHED_RETRY_AFTER_SECONDS } from "./limits.ts";

export interface ShedOrder {
  /** 0..1 of the requests for blobs; 0 ends it. */
  readonly share: number;
  /** Mean of the Retry-After given. */
  readonly retryAfterSeconds: number;
}

export interface DepotLimits {
  /** Blobs sent at once. Default 2,000. */
  readonly sendsMax?: number | undefined;
  /** What the last second may have carried before new requests are turned away. Default: no limit. */
  readonly bitsPerSecondMax?: number | undefined;
}

/** What the depot is doing. */
export interface Load {
  readonly sending: number;
  readonly bytesPerSecond: number;
}

export class Shedding {
  readonly #random: () => number;
  readonly #limits: DepotLimits;
  #order: ShedOrder = { share: 0, retryAfterSeconds: 1 };

  constructor(random: () => number, limits: DepotLimits = {}) {
    this.#random = random;
    this.#limits = limits;
  }

  order(order: ShedOrder): void {
    this.#order = order;
  }

  /** Seconds after which this request may come again, or undefined if it may stay. */
  retryAfterSeconds({ sending, bytesPerSecond }: Load): number | undefined {
    const { sendsMax = SENDS_MAX, bitsPerSecondMax = Number.POSITIVE_INFINITY } = this.#limits;
    if (sending >= sendsMax || bytesPerSecond * 8 > bitsPerSecondMax) return this.#around(SHED_RETRY_AFTER_SECONDS);
    const { share, retryAfterSeconds } = this.#order;
    return this.#random() < share ? this.#around(retryAfterSeconds) : undefined;
  }

  #around(meanSeconds: number): number {
    return Math.max(1, Math.round(meanSeconds * (0.5 + this.#random())));
  }
}
