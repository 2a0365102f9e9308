/**
 * Which devices go first. Pure.
 *
 * Waves are ranges of HMAC-SHA-256(campaign, device id), see keyed-order.ts: the canary is a fair sample of models and regions, the same
 * campaign always has the same waves, and no device is the canary every time.
 */
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
import { KeyedOrder, type Named, stretches } from "./keyed-order.ts";
import { cappedSizes, type WaveCap } from "./wave-caps.ts";

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

/** One set of ordinals per wave, wave 0 first, the control group last; together they are exactly the devices given. Throws as `waveSizes`. */
export function assignWaves(devices: Iterable<Named>, key: string, ladder: Ladder, caps?: readonly WaveCap[]): readonly RoaringBitmap32[] {
  const order = new KeyedOrder(key);
  for (const device of devices) order.add(device);
  const steps = wavesOf(order, ladder, caps);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same for millions of devices: `pause` is awaited between two steps of some milliseconds. */
export async function orderWaves(
  devices: Iterable<Named> | AsyncIterable<Named>,
  key: string,
  ladder: Ladder,
  { caps, pause }: { readonly caps?: readonly WaveCap[]; readonly pause: () => Promise<void> },
): Promise<readonly RoaringBitmap32[]> {
  const order = new KeyedOrder(key);
  for await (const device of devices) order.add(device);
  const steps = wavesOf(order, ladder, caps);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

function* wavesOf(order: KeyedOrder, ladder: Ladder, caps: readonly WaveCap[] = []): Generator<void, readonly RoaringBitmap32[]> {
  const ordinals = yield* order.ordinals();
  const sizes = caps.length === 0 ? waveSizes(ordinals.length, ladder) : yield* cappedSizes(ordinals, checked(ladder), caps);
  const waves: RoaringBitmap32[] = [];
  let begin = 0;
  for (const size of sizes) {
    const wave = new RoaringBitmap32();
    for (const { from, to } of stretches(begin, begin + size)) {
      // In no order, one by one, they would cost fifty times as much (ADR 23).
      const some = new RoaringBitmap32(ordinals.subarray(from, to).sort());
      wave.orInPlace(some);
      some.dispose();
      yield;
    }
    waves.push(wave);
    begin += size;
  }
  return waves;
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
