/** Devices, bytes, time and spread, worked out by hand and compared. */
import { expect, test } from "bun:test";
import { dryRun } from "../../src/campaign/dry-run.ts";
import { defaultLadder, describeWaves, waveSizes } from "../../src/campaign/wave-order.ts";
import { LEFT_OUT_REASONS } from "../../src/fleet/cohort.ts";
import type { CohortReport } from "../../src/fleet/cohort.ts";

const leftOut = Object.fromEntries(LEFT_OUT_REASONS.map((reason) => [reason, 0])) as CohortReport["leftOut"];
const east = { region: "east", version: "1.2.3", count: 1_000, bytes: 1_000_000 };
const ladder = defaultLadder(1_000, { soakMs: 3_000, controlCount: 0 });
const asked = {
  groups: [east],
  leftOut,
  imageBytes: 1_000_000,
  capacity: { depotBitsPerSecond: 100_000_000 },
  ratePerSecond: 500,
  ladder,
  waves: describeWaves(waveSizes(1_000, ladder), ladder),
};
/** 600 in the east that fetch the image, 400 in the west that fetch a tenth of it. */
const twoRegions = {
  ...asked,
  groups: [
    { ...east, count: 600 },
    { region: "west", version: "1.2.2", count: 400, bytes: 100_000 },
  ],
};

test("the spread gives the depot the time that its largest wave takes", () => {
  // 50 + 200 + 750 devices; 750 of 1 MB at 100 Mbit/s.
  expect(dryRun(asked)).toEqual({
    devices: 1_000,
    leftOut,
    totalBytes: 1_000_000_000,
    savedBytes: 0,
    gigabitsPerSecond: 0.1,
    regions: [{ region: "east", devices: 1_000, gigabitsPerSecond: 0.1 }],
    bottleneck: { at: "depot", bitsPerSecond: 100_000_000 },
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

test("who has a delta fetches less, and the spread is that much shorter", () => {
  const run = dryRun(twoRegions);
  // 640 MB instead of 1,000; three quarters of it at once.
  expect(run).toMatchObject({ totalBytes: 640_000_000, savedBytes: 360_000_000, spreadMs: 38_400 });
});

test("a region whose access network bears less than the depot decides the spread, and is named", () => {
  // 750 of 1,000 devices at once, 60 % of them in the east: 450 MB at 20 Mbit/s.
  const run = dryRun({ ...twoRegions, capacity: { ...asked.capacity, accessBitsPerSecond: { east: 20_000_000, west: 20_000_000 } } });
  expect(run).toMatchObject({ spreadMs: 180_000, bottleneck: { at: "access", region: "east", bitsPerSecond: 20_000_000 } });
  expect(run.regions).toEqual([
    { region: "east", devices: 600, gigabitsPerSecond: 0.02 },
    { region: "west", devices: 400, gigabitsPerSecond: (30_000_000 * 8) / 180_000 / 1_000_000 },
  ]);
});

test("a region without a figure bears anything", () => {
  expect(dryRun({ ...twoRegions, capacity: { ...asked.capacity, accessBitsPerSecond: { north: 1 } } })).toMatchObject({ spreadMs: 38_400 });
});

test("it says how many maintenance windows the largest wave takes", () => {
  expect(dryRun({ ...asked, windowMs: 60_000 }).windows).toBe(1);
  expect(dryRun({ ...asked, windowMs: 59_999 }).windows).toBe(2);
  expect(dryRun({ ...asked, windowMs: 10_000, spreadMs: 0 }).windows).toBe(6);
  expect(dryRun(asked)).not.toHaveProperty("windows");
});

test("nobody selected is an answer, not a failure", () => {
  const run = dryRun({ ...asked, groups: [], waves: [] });
  expect(run).toMatchObject({ devices: 0, waves: [], spreadMs: 0, durationMs: 0, canaryBound: 1, gigabitsPerSecond: 0, regions: [] });
  expect(run).not.toHaveProperty("bottleneck");
});
