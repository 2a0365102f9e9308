/**
 * Time for a device that may have no clock: never earlier than the newest moment that somebody trustworthy vouched for
 * (when its image was built, when a verified command was created). It never goes back. Pure.
 */
import type { Clock } from "./clock.ts";

export class TimeFloor implements Clock {
  readonly #clock: Clock;
  #floorMs: number;

  constructor(clock: Clock, floorMs: number) {
    this.#clock = clock;
    this.#floorMs = floorMs;
  }

  get floorMs(): number {
    return this.#floorMs;
  }

  nowMs(): number {
    return Math.max(this.#clock.nowMs(), this.#floorMs);
  }

  /** Call it only with a time that was verified: whoever raises the floor can make everything older expire. */
  raise(vouchedMs: number): void {
    this.#floorMs = Math.max(this.#floorMs, vouchedMs);
  }
}
