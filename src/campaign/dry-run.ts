/**
 * What a campaign would do, before anybody signs it: devices, bytes, time, and the spread that keeps the depot within its
 * capacity. Waves follow one another, so the largest wave is what the depot must bear at once.
 */
import type { CohortReport } from "../fleet/cohort.ts";
import type { Ladder, Wave } from "./campaign.ts";
import { canaryBound, waveSizes } from "./wave-order.ts";

export interface DryRunInput {
  /** Devices. */
  readonly selected: number;
  readonly leftOut: CohortReport["leftOut"];
  /** Size of the blob that each device fetches. */
  readonly bytes: number;
  readonly depotBitsPerSecond: number;
  /** Commands a second, all gateways together. */
  readonly ratePerSecond: number;
  readonly ladder: Ladder;
  /** Overrides the solved spread. ms */
  readonly spreadMs?: number | undefined;
}

export interface DryRun {
  readonly devices: number;
  readonly leftOut: CohortReport["leftOut"];
  readonly totalBytes: number;
  /** What the depot gives while the largest wave fetches. */
  readonly gigabitsPerSecond: number;
  /** From the first send until the last device may start, if every wave is healthy and settles at once. ms */
  readonly durationMs: number;
  readonly spreadMs: number;
  readonly waves: readonly Wave[];
  /** If the whole canary is healthy, the failure rate is below this (0..1) at 95 %. */
  readonly canaryBound: number;
}

/** Throws ERR_CAMPAIGN_LADDER. */
export function dryRun(input: DryRunInput): DryRun {
  const { selected, leftOut, bytes, ladder, ratePerSecond } = input;
  const waves = waveSizes(selected, ladder).map((count, index) => ({ index, count }));
  const largestBits = Math.max(0, ...waves.map((wave) => wave.count)) * bytes * 8;
  const spreadMs = input.spreadMs ?? Math.ceil((largestBits / input.depotBitsPerSecond) * 1_000);
  const sendingMs = (selected / ratePerSecond) * 1_000;
  const largestMs = Math.max(1, spreadMs, (largestBits / input.depotBitsPerSecond) * 1_000);
  return {
    devices: selected,
    leftOut,
    totalBytes: selected * bytes,
    gigabitsPerSecond: largestBits / largestMs / 1_000_000,
    durationMs: Math.ceil(sendingMs + spreadMs * waves.length + ladder.soakMs * Math.max(0, waves.length - 1)),
    spreadMs,
    waves,
    canaryBound: canaryBound(waves[0]?.count ?? 0),
  };
}
