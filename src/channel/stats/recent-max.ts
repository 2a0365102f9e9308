/**
 * The largest value of the last one to two minutes: every reader sees the worst that happened since it last looked, however many
 * readers there are, and what is long over is forgotten.
 */
import { RECENT_WINDOW_MS } from "../limits.ts";

export class RecentMax {
  #window = 0;
  #before = 0;
  #now = 0;

  note(value: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#now = Math.max(this.#now, value);
  }

  read(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#before, this.#now);
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / RECENT_WINDOW_MS);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#now : 0;
    this.#now = 0;
    this.#window = window;
  }
}
