/**
 * Devices in the order of a keyed hash of their ids, HMAC-SHA-256: the same for the same key, in whatever order they come. The hash orders; it
 * protects nothing. Pure. Ten million are hashed and sorted in a minute of work, so that it is done in steps: each `yield` is a moment at which
 * whoever asked may let others go first.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { DEVICES_PER_STEP } from "./limits.ts";

export interface Named {
  readonly id: string;
  readonly ordinal: number;
}

/** By the first 12 bits of the hash, each sorted by itself: of ten million devices some 2,400 in one. */
const BUCKETS = 4_096;
const encoder = new TextEncoder();

export class KeyedOrder {
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #work: ReturnType<typeof hmac.create>;
  readonly #digest = new Uint8Array(sha256.outputLen);
  readonly #view = new DataView(this.#digest.buffer);
  #ordinals = new Uint32Array(1_024);
  /** The first 64 bits of the hash; no two devices share them, in any fleet there will be. */
  #high = new Uint32Array(1_024);
  #low = new Uint32Array(1_024);
  #count = 0;

  constructor(key: string) {
    this.#keyed = hmac.create(sha256, encoder.encode(key));
    this.#work = hmac.create(sha256, new Uint8Array());
  }

  add({ id, ordinal }: Named): void {
    if (this.#count === this.#ordinals.length) this.#grow();
    // Into the same object again: a new one for each device takes twice as long.
    this.#keyed._cloneInto(this.#work).update(encoder.encode(id)).digestInto(this.#digest);
    this.#ordinals[this.#count] = ordinal;
    this.#high[this.#count] = this.#view.getUint32(0);
    this.#low[this.#count] = this.#view.getUint32(4);
    this.#count += 1;
  }

  /** Their ordinals, the lowest hash first. */
  *ordinals(): Generator<void, Uint32Array> {
    const [high, low] = [this.#high, this.#low];
    const byHash = (one: number, other: number) => (high[one] ?? 0) - (high[other] ?? 0) || (low[one] ?? 0) - (low[other] ?? 0);
    const { places, starts } = yield* this.#inBuckets();
    let rested = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const [start = 0, end = 0] = [starts[bucket], starts[bucket + 1]];
      if (start === end) continue;
      places.subarray(start, end).sort(byHash);
      for (let at = start; at < end; at += 1) places[at] = this.#ordinals[places[at] ?? 0] ?? 0;
      if (end - rested < DEVICES_PER_STEP) continue;
      rested = end;
      yield;
    }
    return places;
  }

  /** The places of all devices bucket by bucket, and where each of these starts. */
  *#inBuckets(): Generator<void, { readonly places: Uint32Array; readonly starts: Uint32Array }> {
    const bucketOf = (place: number) => (this.#high[place] ?? 0) >>> 20;
    const starts = new Uint32Array(BUCKETS + 1);
    for (const { from, to } of stretches(0, this.#count)) {
      for (let place = from; place < to; place += 1) starts[bucketOf(place)] = (starts[bucketOf(place)] ?? 0) + 1;
      yield;
    }
    for (let bucket = 1; bucket <= BUCKETS; bucket += 1) starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
    const places = new Uint32Array(this.#count);
    for (const { from, to } of stretches(0, this.#count)) {
      for (let place = from; place < to; place += 1) {
        const start = (starts[bucketOf(place)] ?? 0) - 1;
        starts[bucketOf(place)] = start;
        places[start] = place;
      }
      yield;
    }
    return { places, starts };
  }

  #grow(): void {
    const twice = (before: Uint32Array<ArrayBuffer>) => {
      const after = new Uint32Array(before.length * 2);
      after.set(before);
      return after;
    };
    this.#ordinals = twice(this.#ordinals);
    this.#high = twice(this.#high);
    this.#low = twice(this.#low);
  }
}

/** So many devices at a time as take some milliseconds. */
export function* stretches(from: number, to: number): Iterable<{ readonly from: number; readonly to: number }> {
  for (let at = from; at < to; at += DEVICES_PER_STEP) yield { from: at, to: Math.min(to, at + DEVICES_PER_STEP) };
}
