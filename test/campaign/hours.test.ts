/** Maintenance hours by the device's own clock: windows in known zones, at the change of clocks, and one order for each. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import { checkHours, type Hours, windowIn } from "../../src/campaign/hours.ts";
import { isOpenAt, Opening } from "../../src/channel/gateway/opening.ts";
import { DriverWorld } from "./driver-world.ts";
import { T0 } from "./world.ts";

const NIGHT: Hours = { from: 60, to: 300, zone: "UTC" };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (text: string) => Date.parse(text);
const isOpen = (zone: string, hours: Hours, time: string) => isOpenAt({ window: windowIn(zone, hours, at(time)) }, at(time));

describe("hours of one to five", () => {
  test.each([
    ["UTC", "2026-11-25T00:59:59Z", false],
    ["UTC", "2026-11-25T01:00:00Z", true],
    ["UTC", "2026-11-25T04:59:59Z", true],
    ["UTC", "2026-11-25T05:00:00Z", false],
    ["Europe/Amsterdam", "2026-11-25T00:00:00Z", true],
    ["Europe/Amsterdam", "2026-11-25T04:00:00Z", false],
    ["Europe/Amsterdam", "2026-07-25T02:59:00Z", true],
    ["Europe/Amsterdam", "2026-07-25T03:00:00Z", false],
    ["Asia/Kolkata", "2026-11-24T19:30:00Z", true],
    ["America/Los_Angeles", "2026-11-25T09:00:00Z", true],
    ["America/Los_Angeles", "2026-11-25T08:59:00Z", false],
    ["", "2026-11-25T01:00:00Z", true],
    ["Mars/Olympus", "2026-11-25T01:00:00Z", true],
  ])("in %p at %s: %p", (zone, time, expected) => {
    expect(isOpen(zone, NIGHT, time)).toBe(expected);
  });

  test("past midnight", () => {
    const late = { from: 22 * 60, to: 4 * 60, zone: "UTC" };
    expect(["21:59", "22:00", "03:59", "04:00"].map((time) => isOpen("UTC", late, `2026-11-25T${time}:00Z`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

test("a window opens once a day for as long as it says, whenever it was asked for", () => {
  const minute = fc.integer({ min: 0, max: 1_439 });
  fc.assert(
    fc.property(
      minute,
      minute,
      fc.integer({ min: 0, max: 2_000_000_000_000 }),
      fc.constantFrom("UTC", "Asia/Kathmandu"),
      (from, to, nowMs, zone) => {
        fc.pre(from !== to);
        const window = windowIn(zone, { from, to, zone: "UTC" }, nowMs);
        expect(window.opensMs).toBeLessThanOrEqual(nowMs);
        expect(window.opensMs).toBeGreaterThan(nowMs - DAY_MS - 60_000);
        for (const dayMs of [-DAY_MS, 0, DAY_MS]) {
          expect(isOpenAt({ window }, window.opensMs + dayMs)).toBe(true);
          expect(isOpenAt({ window }, window.opensMs + dayMs - 1)).toBe(false);
          expect(isOpenAt({ window }, window.opensMs + dayMs + window.lengthMs)).toBe(false);
        }
      },
    ),
  );
});

test.each([
  { from: -1, to: 60 },
  { from: 60, to: 1_440 },
  { from: 60, to: 60 },
  { from: 1.5, to: 60 },
  { from: 60, to: 120, zone: "Mars/Olympus" },
])("hours that are none are refused: %j", (change) => {
  expect(() => checkHours({ ...NIGHT, ...change })).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_TERMS" }));
});

test("an order is taken up when its window opens, and only then", () => {
  const always = {};
  const nightly = { window: windowIn("UTC", NIGHT, at("2026-11-25T12:00:00Z")) };
  const opening = new Opening<{ window?: { opensMs: number; lengthMs: number } }>();
  const ask = (time: string) => opening.opened([always, nightly], at(`2026-11-${time}:00Z`));
  expect(ask("25T12:00")).toEqual([]);
  expect(ask("26T00:59")).toEqual([]);
  expect(ask("26T01:00")).toEqual([nightly]);
  expect(ask("26T01:05")).toEqual([]);
  expect(ask("26T05:00")).toEqual([]);
  expect(ask("27T03:00")).toEqual([nightly]);
});

describe("a wave with hours", () => {
  let world: DriverWorld;
  beforeEach(() => {
    world = new DriverWorld();
  });
  afterEach(() => world.close());

  test("becomes one order for each window, which together are all of it, and has a day longer to settle", async () => {
    await world.draft(200, { hours: NIGHT, notAfterMs: T0 + 3 * DAY_MS });
    world.zonesOf = (targets) => {
      const all = targets.toArray();
      const names = ["Europe/Amsterdam", "Europe/Berlin", "Asia/Tokyo", ""];
      return names.map((value, index) => ({ value, devices: new RoaringBitmap32(all.filter((_, place) => place % 4 === index)) }));
    };
    await world.approve();
    world.driver.tick();
    const orders = world.store.ordersAfter(0);
    const sets = orders.map(({ targets = new Uint8Array() }) => RoaringBitmap32.deserialize("portable", targets));
    // Amsterdam and Berlin share one.
    expect(orders.map(({ wave }) => wave)).toEqual([0, 0, 0]);
    expect(RoaringBitmap32.orMany(sets).isEqual(world.store.wave(world.campaign.id, 0))).toBe(true);
    expect(new Set(orders.map(({ window }) => window?.opensMs)).size).toBe(3);

    world.see(0, { sent: 6, settled: 6, offline: 0 });
    world.nowMs += 2 * HOUR_MS;
    world.driver.tick();
    expect(world.campaign.state).toBe("canary");
    world.nowMs += DAY_MS;
    world.driver.tick();
    expect(world.campaign.state).toBe("soaking");
  });
});
