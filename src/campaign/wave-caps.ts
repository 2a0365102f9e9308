/**
 * Waves that hold at most so many devices of one region, or of one hardware revision: whoever exchanges what a patch has killed, or feeds it,
 * has only so many hands there. Waves stay ranges of the keyed hash; a wave ends early where its next device would be one too many. Pure.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Ladder } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import { WAVES_MAX } from "./limits.ts";

export interface WaveCap {
  /** Devices of one group in one wave, at least 1. */
  readonly countMax: number;
  /** No device is in two of them. */
  readonly groups: Iterable<RoaringBitmap32>;
}

/** How many devices each wave holds, when they come in this order; the control group is the last. Throws ERR_CAMPAIGN_LADDER. */
export function cappedSizes(ordinals: readonly number[], ladder: Ladder, caps: readonly WaveCap[]): readonly number[] {
  const counters = caps.map((cap) => new GroupCounter(cap));
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
  for (const ordinal of ordinals.slice(0, ordinals.length - controlCount)) {
    if (size === most || counters.some((counter) => counter.isFull(ordinal))) close();
    for (const counter of counters) counter.add(ordinal);
    size += 1;
  }
  if (size > 0) close();
  return controlCount > 0 ? [...sizes, controlCount] : sizes;
}

/** As many from the end as the ladder holds back, as far as the caps allow. */
function controlOf(ordinals: readonly number[], { canaryCount, controlCount }: Ladder, counters: readonly GroupCounter[]): number {
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
  readonly #groupOf = new Map<number, number>();
  #counts = new Map<number, number>();

  constructor({ countMax, groups }: WaveCap) {
    if (!(Number.isInteger(countMax) && countMax >= 1))
      throw new CampaignError("ERR_CAMPAIGN_LADDER", `a wave may hold ${countMax} devices of a region or revision; at least 1`);
    this.#countMax = countMax;
    let index = 0;
    for (const group of groups) {
      for (const ordinal of group) this.#groupOf.set(ordinal, index);
      index += 1;
    }
  }

  isFull(ordinal: number): boolean {
    return (this.#counts.get(this.#groupOf.get(ordinal) ?? -1) ?? 0) >= this.#countMax;
  }

  add(ordinal: number): void {
    const group = this.#groupOf.get(ordinal) ?? -1;
    this.#counts.set(group, (this.#counts.get(group) ?? 0) + 1);
  }

  empty(): void {
    this.#counts = new Map();
  }
}
