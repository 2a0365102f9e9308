/**
 * When devices that appeared later join a campaign that is done, and which of them: pure and total. They come in waves of their own after
 * the ladder, one at a time, small at first, and each is judged before the next: the release was found well on the cohort, but newcomers
 * may be of another kind. Waves keep a distance, so that however devices trickle in there are never more than NEWCOMER_WAVES_MAX.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "./campaign.ts";
import { NEWCOMER_WAVES_MAX } from "./limits.ts";
import { joinedCount, joinedWaves } from "./newcomers.ts";
import type { Step } from "./plan-types.ts";

/** Devices that may still join, by what people signed; 0 when nobody may any more. */
export function placesLeft(campaign: Pick<Campaign, "permit" | "waves">, nowMs: number): number {
  const { permit } = campaign;
  if (permit.newcomers === undefined || !(nowMs < permit.not_after)) return 0;
  return joinedWaves(campaign).length < NEWCOMER_WAVES_MAX ? permit.newcomers.count_max - joinedCount(campaign) : 0;
}

/** `waiting`: who has a channel and matches now, and is in no campaign yet. */
export function joinNewcomers(campaign: Campaign, waiting: RoaringBitmap32 | undefined, nowMs: number): readonly Step[] {
  if (waiting === undefined || !(nowMs >= nextJoinMs(campaign))) return [];
  const count = Math.floor(Math.min(waiting.size, placesLeft(campaign, nowMs), waveSizeMax(campaign)));
  if (!(count >= 1)) return [];
  return [
    { kind: "join", wave: campaign.waves.length, devices: evenly(waiting, count) },
    { kind: "enter", state: "sending" },
  ];
}

/** The first wave goes at once; each further one takes its share of the permit's time that is left, and the soak at least. */
function nextJoinMs(campaign: Campaign): number {
  const joined = joinedWaves(campaign).length;
  if (joined === 0) return campaign.waveAtMs;
  const { waveAtMs, permit, ladder } = campaign;
  return waveAtMs + Math.max(ladder.soakMs, (permit.not_after - waveAtMs) / (NEWCOMER_WAVES_MAX - joined));
}

/** As the ladder climbs, from a canary on. A wave with no more devices than a cap allows of one region has no more of any. */
function waveSizeMax(campaign: Campaign): number {
  const { canaryCount, growth, regionCountMax = Infinity, hardwareCountMax = Infinity } = campaign.ladder;
  const largest = Math.max(0, ...joinedWaves(campaign).map(({ count }) => count));
  return Math.min(Math.max(canaryCount, growth * largest), regionCountMax, hardwareCountMax);
}

/** So many of them at even distances in the order of their numbers, so that no import or shop comes first as a whole. */
function evenly(devices: RoaringBitmap32, count: number): RoaringBitmap32 {
  return RoaringBitmap32.from(Array.from({ length: count }, (_, place) => devices.select(Math.floor((place * devices.size) / count))));
}
