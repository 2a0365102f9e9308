/**
 * What a campaign would do, before anybody signs it: devices, bytes, time, and the spread that keeps depots and access networks
 * within their capacity. Waves follow one another, so the largest wave is what they must bear at once. Pure.
 */
import type { CohortReport } from "../fleet/cohort.ts";
import type { Ladder, Wave } from "./campaign.ts";
import { canaryBound } from "./wave-order.ts";

/** Devices that are alike to whoever has to feed them. */
export interface DeviceGroup {
  readonly region: string;
  /** What they run. */
  readonly version: string;
  /** Devices. */
  readonly count: number;
  /** What each of them fetches: the image, or the delta from what it runs. */
  readonly bytes: number;
}

export interface Capacity {
  /** All depots together: devices begin at each in proportion to what it bears. */
  readonly depotBitsPerSecond: number;
  /** Region -> what its access network bears for updates; a region that is not named bears anything. */
  readonly accessBitsPerSecond?: { readonly [region: string]: number } | undefined;
}

export interface DryRunInput {
  /** The selected devices. */
  readonly groups: readonly DeviceGroup[];
  readonly leftOut: CohortReport["leftOut"];
  /** Bytes of the image, which is what a device fetches without a delta. */
  readonly imageBytes: number;
  readonly capacity: Capacity;
  /** Commands a second, all gateways together. */
  readonly ratePerSecond: number;
  readonly ladder: Ladder;
  readonly waves: readonly Wave[];
  /** Overrides the solved spread. ms */
  readonly spreadMs?: number | undefined;
  /** Devices that may join later. */
  readonly newcomersMax?: number | undefined;
  /** Length of a maintenance window, within which a wave should be done. ms */
  readonly windowMs?: number | undefined;
}

/** What limits a campaign: the depots together, or one region's access network. */
export interface Bottleneck {
  readonly at: "depot" | "access";
  readonly region?: string;
  readonly bitsPerSecond: number;
}

export interface RegionLoad {
  readonly region: string;
  readonly devices: number;
  /** While the largest wave fetches. */
  readonly gigabitsPerSecond: number;
}

export interface DryRun {
  readonly devices: number;
  readonly leftOut: CohortReport["leftOut"];
  readonly totalBytes: number;
  /** What the deltas save of what full images would take. */
  readonly savedBytes: number;
  /** What the depots give while the largest wave fetches. */
  readonly gigabitsPerSecond: number;
  readonly regions: readonly RegionLoad[];
  /** Absent when nobody has anything to fetch. */
  readonly bottleneck?: Bottleneck;
  /** From the first send until the last device may start, if every wave is healthy and settles at once. ms */
  readonly durationMs: number;
  readonly spreadMs: number;
  /** Maintenance windows that the largest wave takes; absent without windows. */
  readonly windows?: number;
  readonly waves: readonly Wave[];
  /** Devices that appear later and may join; absent when none may. */
  readonly newcomersMax?: number;
  /** If the whole canary is healthy, the failure rate is below this (0..1) at 95 %. */
  readonly canaryBound: number;
}

export function dryRun(input: DryRunInput): DryRun {
  const { groups, leftOut, imageBytes, ladder, waves, ratePerSecond, windowMs, newcomersMax } = input;
  const devices = sum(groups.map(({ count }) => count));
  const totalBytes = sum(groups.map(({ count, bytes }) => count * bytes));
  // Waves are a fair draw, so each has every region and version in the same shares.
  const largestShare = devices === 0 ? 0 : Math.max(...waves.map(({ count }) => count)) / devices;
  const demands = demandsOf(input, largestShare);
  const slowest = demands.toSorted((one, other) => other.takesMs - one.takesMs)[0];
  const leastMs = slowest?.takesMs ?? 0;
  const spreadMs = input.spreadMs ?? Math.ceil(leastMs);
  // What starts sooner than it can be fed waits for its bytes.
  const fetchingMs = Math.max(1, spreadMs, leastMs);
  const gigabits = (bytes: number) => (bytes * 8 * largestShare) / fetchingMs / 1_000_000;
  return {
    devices,
    leftOut,
    totalBytes,
    savedBytes: devices * imageBytes - totalBytes,
    gigabitsPerSecond: gigabits(totalBytes),
    regions: regionsOf(groups).map(({ region, devices: count, bytes }) => ({ region, devices: count, gigabitsPerSecond: gigabits(bytes) })),
    ...(slowest && totalBytes > 0 && { bottleneck: slowest.bottleneck }),
    durationMs: Math.ceil((devices / ratePerSecond) * 1_000 + spreadMs * waves.length + ladder.soakMs * Math.max(0, waves.length - 1)),
    spreadMs,
    ...(windowMs !== undefined && { windows: Math.ceil(fetchingMs / windowMs) }),
    waves,
    ...(newcomersMax !== undefined && { newcomersMax }),
    canaryBound: canaryBound(waves[0]?.count ?? 0),
  };
}

interface Demand {
  readonly bottleneck: Bottleneck;
  /** For the largest wave. */
  readonly takesMs: number;
}

/** The depots first: where times are equal they are what is named. */
function demandsOf({ groups, capacity }: DryRunInput, share: number): readonly Demand[] {
  if (share === 0) return [];
  const takesMs = (bytes: number, bitsPerSecond: number) => ((bytes * 8 * share) / bitsPerSecond) * 1_000;
  const { depotBitsPerSecond, accessBitsPerSecond = {} } = capacity;
  const regions = regionsOf(groups);
  const all = sum(regions.map(({ bytes }) => bytes));
  return [
    { bottleneck: { at: "depot", bitsPerSecond: depotBitsPerSecond }, takesMs: takesMs(all, depotBitsPerSecond) },
    ...regions.flatMap(({ region, bytes }): readonly Demand[] => {
      const bitsPerSecond = accessBitsPerSecond[region];
      if (bitsPerSecond === undefined) return [];
      return [{ bottleneck: { at: "access", region, bitsPerSecond }, takesMs: takesMs(bytes, bitsPerSecond) }];
    }),
  ];
}

function regionsOf(groups: readonly DeviceGroup[]) {
  const regions = new Map<string, { readonly region: string; readonly devices: number; readonly bytes: number }>();
  for (const { region, count, bytes } of groups) {
    const before = regions.get(region) ?? { region, devices: 0, bytes: 0 };
    regions.set(region, { region, devices: before.devices + count, bytes: before.bytes + count * bytes });
  }
  return [...regions.values()].toSorted((one, other) => other.devices - one.devices);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
