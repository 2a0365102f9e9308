/** Devices that start again and again: counted from the boot numbers in their check-ins, in the time that an update may take. */
import { RoaringBitmap32 } from "roaring-wasm";
import { LOOP_BOOTS, LOOP_MS } from "../campaign/limits.ts";

const SECOND_MS = 1_000;

export class BootLoops {
  /** Once seen, it stays: a loop that somebody interrupted by hand was one. */
  readonly ordinals = new RoaringBitmap32();
  /** By ordinal: the boot that is counted from, and when it was, in seconds since the epoch; 8 bytes a device. */
  #boots = new Uint32Array(0);
  #seconds = new Uint32Array(0);

  note(ordinal: number, boot: number, atMs: number): void {
    if (ordinal >= this.#boots.length) this.#grow(ordinal);
    const second = Math.floor(atMs / SECOND_MS);
    const since = this.#seconds[ordinal] ?? 0;
    const isNew = since === 0 || second - since > LOOP_MS / SECOND_MS;
    if (isNew) {
      this.#boots[ordinal] = boot;
      this.#seconds[ordinal] = second;
    } else if (boot - (this.#boots[ordinal] ?? 0) >= LOOP_BOOTS) {
      this.ordinals.add(ordinal);
    }
  }

  /** Sent the command: what it did before is not the command's doing. */
  forget(ordinal: number): void {
    if (ordinal < this.#seconds.length) this.#seconds[ordinal] = 0;
    this.ordinals.remove(ordinal);
  }

  #grow(ordinal: number): void {
    const length = Math.max(ordinal + 1, this.#boots.length * 2);
    const [boots, seconds] = [new Uint32Array(length), new Uint32Array(length)];
    boots.set(this.#boots);
    seconds.set(this.#seconds);
    this.#boots = boots;
    this.#seconds = seconds;
  }
}
