/**
 * Turning a share of the requests away when an operator says so. Each one is told a different time to come back
 * (half to one and a half of the mean): the same time for all would bring the herd back in one piece.
 */

export interface ShedOrder {
  /** 0..1 of the requests for blobs; 0 ends it. */
  readonly share: number;
  /** Mean of the Retry-After given. */
  readonly retryAfterSeconds: number;
}

export class Shedding {
  readonly #random: () => number;
  #order: ShedOrder = { share: 0, retryAfterSeconds: 1 };

  constructor(random: () => number) {
    this.#random = random;
  }

  order(order: ShedOrder): void {
    this.#order = order;
  }

  /** Seconds after which this request may come again, or undefined if it may stay. */
  retryAfterSeconds(): number | undefined {
    const { share, retryAfterSeconds } = this.#order;
    if (this.#random() >= share) return undefined;
    return Math.max(1, Math.round(retryAfterSeconds * (0.5 + this.#random())));
  }
}
