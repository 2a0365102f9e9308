/**
 * Waves that hold at most so many devices of one region, or of one hardware revision: whoever exchanges what a patch has killed, or feeds it,
 * has only so many hands there. Waves stay ranges of the keyed hash; a wave ends early where its next device would be one too many. Pure.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Ladder } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import { stretches } from "./keyed-order.ts";
import { WAVES_MAX } from "./limits.ts";

export interface WaveCap {
  /** Devices of one group in one wave, at least 1. */
  readonly countMax: number;
  /** No device is in two of them. */
  readonly groups: Iterable<RoaringBitmap32>;
}

/** How many devices each wave holds, when they come in this order; the control group is the last. Throws ERR_CAMPAIGN_LADDER. */
export function* cappedSizes(ordinals: Uint32Array, ladder: Ladder, caps: readonly WaveCap[]): Generator<void, readonly number[]> {
  const counters: GroupCounter[] = [];
  for (const cap of caps) counters.push(yield* GroupCounter.of(cap));
  const controlCount = controlOf(ordinals, ladder, counters);
  const sizes: number[] = [];
  let [size, most, largest] = [0, ladder.canaryCount, 0];
  const close = () => {
    sizes.push(size);
    if (sizes.length > WAVES_MAX)
      throw new CampaignError("ERR_CAMPAIGN_LADDER", `under its caps the ladder needs more than ${WAVES_MAX} waves`);
    largest = Math.max(largest, size);
    most = Math.floor(largest * ladder.growth);
    size = 0;
    for (const counter of counters) counter.empty();
  };
  for (const { from, to } of stretches(0, ordinals.length - controlCount)) {
    for (const ordinal of ordinals.subarray(from, to)) {
      if (size === most || counters.some((counter) => counter.isFull(ordinal))) close();
      for (const counter of counters) counter.add(ordinal);
      size += 1;
    }
    yield;
  }
  if (size > 0) close();
  return controlCount > 0 ? [...sizes, controlCount] : sizes;
}

/** As many from the end as the ladder holds back, as far as the caps allow. */
function controlOf(ordinals: Uint32Array, { canaryCount, controlCount }: Ladder, counters: readonly GroupCounter[]): number {
  const most = Math.min(controlCount, Math.max(0, ordinals.length - canaryCount));
  let count = 0;
  for (; count < most; count += 1) {
    const ordinal = ordinals[ordinals.length - 1 - count] ?? -1;
    if (counters.some((counter) => counter.isFull(ordinal))) break;
    for (const counter of counters) counter.add(ordinal);
  }
  for (const counter of counters) counter.empty();
  return count;
}

/** Devices of each group in the wave that is being filled. */
class GroupCounter {
  readonly #countMax: number;
  /** By ordinal; 0 is that of whoever is in none. */
  readonly #groupOf: Uint32Array;
  readonly #counts: Uint32Array;

  private constructor(countMax: number, groupOf: Uint32Array, groupCount: number) {
    this.#countMax = countMax;
    this.#groupOf = groupOf;
    this.#counts = new Uint32Array(groupCount + 1);
  }

  static *of({ countMax, groups }: WaveCap): Generator<void, GroupCounter> {
    if (!(Number.isInteger(countMax) && countMax >= 1))
      throw new CampaignError("ERR_CAMPAIGN_LADDER", `a wave may hold ${countMax} devices of a region or revision; at least 1`);
    const sets = [...groups];
    const groupOf = new Uint32Array(sets.reduce((most, set) => Math.max(most, set.maximum() + 1), 0));
    for (const [index, set] of sets.entries()) {
      const members = set.toUint32Array();
      for (const { from, to } of stretches(0, members.length)) {
        for (const ordinal of members.subarray(from, to)) groupOf[ordinal] = index + 1;
        yield;
      }
    }
    return new GroupCounter(countMax, groupOf, sets.length);
  }

  isFull(ordinal: number): boolean {
    return (this.#counts[this.#groupOf[ordinal] ?? 0] ?? 0) >= this.#countMax;
  }

  add(ordinal: number): void {
    const group = this.#groupOf[ordinal] ?? 0;
    this.#counts[group] = (this.#counts[group] ?? 0) + 1;
  }

  empty(): void {
    this.#counts.fill(0);
  }
}
