/** Devices, bytes, time and spread, worked out by hand and compared. */
import { expect, test } from "bun:test";
import { dryRun } from "../../src/campaign/dry-run.ts";
import { defaultLadder } from "../../src/campaign/wave-order.ts";
import { LEFT_OUT_REASONS } from "../../src/fleet/cohort.ts";
import type { CohortReport } from "../../src/fleet/cohort.ts";

const leftOut = Object.fromEntries(LEFT_OUT_REASONS.map((reason) => [reason, 0])) as CohortReport["leftOut"];
const asked = {
  selected: 1_000,
  leftOut,
  bytes: 1_000_000,
  depotBitsPerSecond: 100_000_000,
  ratePerSecond: 500,
  ladder: defaultLadder(1_000, { soakMs: 3_000, controlCount: 0 }),
};

test("the spread gives the depot the time that its largest wave takes", () => {
  // 50 + 200 + 750 devices; 750 of 1 MB at 100 Mbit/s.
  expect(dryRun(asked)).toEqual({
    devices: 1_000,
    leftOut,
    totalBytes: 1_000_000_000,
    gigabitsPerSecond: 0.1,
    durationMs: 2_000 + 3 * 60_000 + 2 * 3_000,
    spreadMs: 60_000,
    waves: [
      { index: 0, count: 50 },
      { index: 1, count: 200 },
      { index: 2, count: 750 },
    ],
    canaryBound: 0.06,
  });
});

test("a given spread is kept, and the bit rate follows from it", () => {
  expect(dryRun({ ...asked, spreadMs: 120_000 })).toMatchObject({ spreadMs: 120_000, gigabitsPerSecond: 0.05 });
});

test("a shorter spread than the depot can bear does not make the depot faster", () => {
  expect(dryRun({ ...asked, spreadMs: 0 })).toMatchObject({ spreadMs: 0, gigabitsPerSecond: 0.1 });
});

test("nobody selected is an answer, not a failure", () => {
  expect(dryRun({ ...asked, selected: 0 })).toMatchObject({
    devices: 0,
    waves: [],
    spreadMs: 0,
    durationMs: 0,
    canaryBound: 1,
    gigabitsPerSecond: 0,
  });
});
