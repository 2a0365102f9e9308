/** Load over time: starts recomputed as devices draw them, buckets and peaks worked out by hand. */
import { expect, test } from "bun:test";
import { bucketMsFor, loadCurve, plannedStartMs } from "../../src/campaign/load-curve.ts";
import { LOAD_BUCKETS_MAX } from "../../src/campaign/limits.ts";

const at = (atMs: number, bytes = 1_000, region = "east") => ({ atMs, bytes, region });

test("a start is t0 and the device's rank in the spread (x-swup 3.3): anybody gets the same", async () => {
  const id = "urn:dev:ops:32473-cam-1";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${id}\nwc17`)));
  const rank = digest.slice(0, 8).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const order = { toldMs: 5_000, commandId: "wc17", spreadMs: 60_000 };
  expect(plannedStartMs(id, order)).toBe(5_000 + Number(rank % 60_000n));
  expect(plannedStartMs(id, { ...order, startTimeMs: 9_000 })).toBe(9_000 + Number(rank % 60_000n));
  expect(plannedStartMs(id, { ...order, spreadMs: 0 })).toBe(5_000);
});

test("a spread flattens the load: ten thousand devices over a hundred seconds are about a hundred a second", () => {
  const order = { toldMs: 0, commandId: "wc17", spreadMs: 100_000 };
  const starts = Array.from({ length: 10_000 }, (_, index) => at(plannedStartMs(`urn:dev:ops:1-${index}`, order)));
  const { peak, buckets } = loadCurve(starts, 1_000);
  expect(buckets.length).toBe(100);
  expect(buckets.reduce((sum, { devices }) => sum + devices, 0)).toBe(10_000);
  expect(peak.devicesPerSecond).toBeGreaterThan(100);
  expect(peak.devicesPerSecond).toBeLessThan(150);
});

test("buckets are filled without gaps, and the peak is that of the fullest, of all and of each region", () => {
  const curve = loadCurve([at(0), at(100), at(3_000, 4_000, "west")], 1_000);
  expect(curve.buckets).toEqual([
    { atMs: 0, devices: 2, bytes: 2_000 },
    { atMs: 1_000, devices: 0, bytes: 0 },
    { atMs: 2_000, devices: 0, bytes: 0 },
    { atMs: 3_000, devices: 1, bytes: 4_000 },
  ]);
  expect(curve.peak).toEqual({ devicesPerSecond: 2, gigabitsPerSecond: 0.000_032 });
  expect(curve.regions).toEqual([
    { region: "east", devicesPerSecond: 2, gigabitsPerSecond: 0.000_016 },
    { region: "west", devicesPerSecond: 1, gigabitsPerSecond: 0.000_032 },
  ]);
});

test("a pause of days between two waves is left out", () => {
  expect(loadCurve([at(0), at(10 * 86_400_000)], 1_000).buckets.length).toBe(2);
});

test("nothing is a curve without a peak", () => {
  expect(loadCurve([], 1_000)).toEqual({ bucketMs: 1_000, buckets: [], peak: { devicesPerSecond: 0, gigabitsPerSecond: 0 }, regions: [] });
});

test("buckets are whole seconds, and few enough to draw", () => {
  expect(bucketMsFor(0)).toBe(1_000);
  expect(bucketMsFor(3_600_000)).toBe(30_000);
  expect(3_600_000 / bucketMsFor(3_600_000)).toBeLessThanOrEqual(LOAD_BUCKETS_MAX);
});
