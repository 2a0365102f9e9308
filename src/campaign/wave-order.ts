/**
 * Which devices go first. Pure.
 *
 * Waves are ranges of HMAC-SHA-256(campaign, device id): the canary is a fair sample of models and regions, the same campaign
 * always has the same waves, and no device is the canary every time. The hash orders; it protects nothing.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Ladder, Wave } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import {
  CANARY_COUNT_MAX,
  CANARY_COUNT_MIN,
  CANARY_COUNT_USUAL,
  CANARY_LARGE_SHARE,
  CANARY_SHARE,
  CONTROL_COUNT_MAX,
  CONTROL_SHARE,
  EMERGENCY,
  GROWTH_MAX,
  LOST_DEFAULT_MS,
  SETTLE_DEFAULT_MS,
  SETTLED_SHARE_DEFAULT,
  SOAK_DEFAULT_MS,
  WAVES_MAX,
} from "./limits.ts";
import { cappedSizes, type WaveCap } from "./wave-caps.ts";

const encoder = new TextEncoder();

/** How fast a campaign may climb. An emergency has shorter soaks; its ladder, halt rules and signatures are the same. */
export type Lane = "calm" | "emergency";
export type LadderChoice = { readonly [name in keyof Ladder]?: number | undefined } & { readonly lane?: Lane | undefined };

const CALM = {
  soakMs: SOAK_DEFAULT_MS,
  settledShare: SETTLED_SHARE_DEFAULT,
  settleMaxMs: SETTLE_DEFAULT_MS,
  lostAfterMs: LOST_DEFAULT_MS,
} as const;

/** The ladder of a campaign of this size in its lane, but for what was chosen. */
export function defaultLadder(targeted: number, choice: LadderChoice = {}): Ladder {
  const pace = choice.lane === "emergency" ? EMERGENCY : CALM;
  return {
    canaryCount: choice.canaryCount ?? usualCanary(targeted),
    growth: choice.growth ?? GROWTH_MAX,
    soakMs: choice.soakMs ?? pace.soakMs,
    settledShare: choice.settledShare ?? pace.settledShare,
    settleMaxMs: choice.settleMaxMs ?? pace.settleMaxMs,
    lostAfterMs: choice.lostAfterMs ?? pace.lostAfterMs,
    controlCount: choice.controlCount ?? Math.min(CONTROL_COUNT_MAX, Math.floor(targeted * CONTROL_SHARE)),
    ...(choice.regionCountMax !== undefined && { regionCountMax: choice.regionCountMax }),
    ...(choice.hardwareCountMax !== undefined && { hardwareCountMax: choice.hardwareCountMax }),
  };
}

function usualCanary(targeted: number): number {
  const small = Math.min(CANARY_COUNT_USUAL, Math.max(CANARY_COUNT_MIN, Math.ceil(targeted * CANARY_SHARE)));
  const large = Math.min(CANARY_COUNT_MAX, Math.floor(targeted * CANARY_LARGE_SHARE));
  return Math.min(targeted, Math.max(small, large));
}

/** The rule of three: this many healthy devices bound the failure rate below the result (0..1) at 95 % confidence. */
export function canaryBound(healthyCount: number): number {
  return healthyCount > 3 ? 3 / healthyCount : 1;
}

/** How many devices each wave holds; a control group is the last. Throws ERR_CAMPAIGN_LADDER for a ladder that does not climb. */
export function waveSizes(targeted: number, ladder: Ladder): readonly number[] {
  checked(ladder);
  const controlCount = Math.min(ladder.controlCount, Math.max(0, targeted - ladder.canaryCount));
  const sizes: number[] = [];
  let left = targeted - controlCount;
  let size = ladder.canaryCount;
  while (left > 0) {
    if (sizes.length === WAVES_MAX) throw new CampaignError("ERR_CAMPAIGN_LADDER", `the ladder needs more than ${WAVES_MAX} waves`);
    size = Math.min(left, size);
    sizes.push(size);
    left -= size;
    size = Math.floor(size * ladder.growth);
  }
  return controlCount > 0 ? [...sizes, controlCount] : sizes;
}

/** The waves of these sizes. With a control group the last is it; a cohort that is all canary has none. */
export function describeWaves(sizes: readonly number[], { controlCount }: Ladder): readonly Wave[] {
  const hasControl = controlCount > 0 && sizes.length > 1;
  return sizes.map((count, index) => ({ index, count, ...(hasControl && index === sizes.length - 1 && { isControl: true }) }));
}

export interface Named {
  readonly id: string;
  readonly ordinal: number;
}

/** One set of ordinals per wave, wave 0 first, the control group last; together they are exactly the devices given. Throws as `waveSizes`. */
export function assignWaves(devices: Iterable<Named>, key: string, ladder: Ladder, caps?: readonly WaveCap[]): readonly RoaringBitmap32[] {
  const order = new WaveOrder(key);
  for (const device of devices) order.add(device);
  return order.waves(ladder, caps);
}

/** The same for millions of devices: the caller decides when others may go first. */
export async function orderWaves(
  devices: Iterable<Named> | AsyncIterable<Named>,
  key: string,
  ladder: Ladder,
  caps?: readonly WaveCap[],
): Promise<readonly RoaringBitmap32[]> {
  const order = new WaveOrder(key);
  for await (const device of devices) order.add(device);
  return order.waves(ladder, caps);
}

/** Devices as they come: 12 bytes for each of them. */
class WaveOrder {
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #work: ReturnType<typeof hmac.create>;
  readonly #digest = new Uint8Array(sha256.outputLen);
  readonly #view = new DataView(this.#digest.buffer);
  #ordinals = new Uint32Array(1_024);
  #ranks = new BigUint64Array(1_024);
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
    this.#ranks[this.#count] = this.#view.getBigUint64(0);
    this.#count += 1;
  }

  waves(ladder: Ladder, caps: readonly WaveCap[] = []): readonly RoaringBitmap32[] {
    const sizes = caps.length === 0 ? waveSizes(this.#count, ladder) : cappedSizes(this.#inOrder(), checked(ladder), caps);
    const ranks = this.#ranks.subarray(0, this.#count);
    const ends = rangeEnds(ranks, sizes);
    const waves = sizes.map((): number[] => []);
    for (const [index, rank] of ranks.entries()) waves[ends.findIndex((end) => rank <= end)]?.push(this.#ordinals[index] ?? 0);
    return waves.map((ordinals) => RoaringBitmap32.from(ordinals));
  }

  #inOrder(): readonly number[] {
    const places = Array.from({ length: this.#count }, (_, place) => place);
    places.sort((one, other) => ((this.#ranks[one] ?? 0n) < (this.#ranks[other] ?? 0n) ? -1 : 1));
    return places.map((place) => this.#ordinals[place] ?? 0);
  }

  #grow(): void {
    const [ordinals, ranks] = [this.#ordinals, this.#ranks];
    this.#ordinals = new Uint32Array(ordinals.length * 2);
    this.#ranks = new BigUint64Array(ranks.length * 2);
    this.#ordinals.set(ordinals);
    this.#ranks.set(ranks);
  }
}

/** The highest rank of each wave. Of 2^64 ranks no two devices share one, in any fleet there will be. */
function rangeEnds(ranks: BigUint64Array, sizes: readonly number[]): readonly bigint[] {
  const sorted = ranks.toSorted();
  let end = -1;
  return sizes.map((size) => {
    end += size;
    return sorted[end] ?? 0n;
  });
}

function checked(ladder: Ladder): Ladder {
  const { canaryCount, growth, soakMs, settledShare, settleMaxMs, lostAfterMs, controlCount } = ladder;
  if (!(Number.isInteger(canaryCount) && canaryCount >= 1)) refuse(`the canary counts ${canaryCount} devices`);
  if (!(growth >= 1 && growth <= GROWTH_MAX)) refuse(`waves grow by ${growth}; it must be from 1 to ${GROWTH_MAX}`);
  if (!(settledShare >= 0 && settledShare <= 1)) refuse(`the settled share is ${settledShare}; it must be from 0 to 1`);
  if (!(soakMs >= 0 && settleMaxMs >= 0 && lostAfterMs >= 0)) refuse("a soak, settle or loss time is negative");
  if (!(Number.isInteger(controlCount) && controlCount >= 0)) refuse(`the control group counts ${controlCount} devices`);
  return ladder;
}

function refuse(message: string): never {
  throw new CampaignError("ERR_CAMPAIGN_LADDER", message);
}
