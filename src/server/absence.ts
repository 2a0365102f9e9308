/** Who is without a channel, and who has been so for longer than a given time, to an eighth of that time. */
import { RoaringBitmap32 } from "roaring-wasm";

/** Those who left at about the same time. */
interface Leaving {
  readonly sinceMs: number;
  readonly ordinals: RoaringBitmap32;
}

const STEPS = 8;

export class Absence {
  readonly away = new RoaringBitmap32();
  readonly #longerMs: number;
  /** Away for less than that, the newest last. */
  #leaving: Leaving[] = [];
  readonly #longer = new RoaringBitmap32();

  constructor(longerMs: number) {
    this.#longerMs = longerMs;
  }

  leave(ordinal: number, atMs: number): void {
    if (!this.away.tryAdd(ordinal)) return;
    const last = this.#leaving.at(-1);
    if (last !== undefined && atMs - last.sinceMs < this.#longerMs / STEPS) last.ordinals.add(ordinal);
    else this.#leaving.push({ sinceMs: atMs, ordinals: new RoaringBitmap32([ordinal]) });
  }

  comeBack(ordinal: number): void {
    if (!this.away.delete(ordinal)) return;
    this.#longer.remove(ordinal);
    for (const { ordinals } of this.#leaving) ordinals.remove(ordinal);
  }

  /** Away for longer than that at this moment. */
  longer(nowMs: number): RoaringBitmap32 {
    const isLonger = ({ sinceMs }: Leaving) => nowMs - sinceMs > this.#longerMs * (1 + 1 / STEPS);
    for (const { ordinals } of this.#leaving.filter(isLonger)) {
      this.#longer.orInPlace(ordinals);
      ordinals.dispose();
    }
    this.#leaving = this.#leaving.filter((leaving) => !isLonger(leaving));
    return this.#longer;
  }
}
