/** The promises of the sequential tests, kept by simulation: how often they err, looked at after every device. */
import { describe, expect, test } from "bun:test";
import { evidenceAbove, isRuledOut, upperRate } from "../../src/campaign/sequential-test.ts";
import { seededRandom } from "../../lab/story/random.ts";

const random = seededRandom(18);

/** Looks after every one of `count` devices; the count at which the evidence was enough, undefined when it never was. */
function firstAlarm(count: number, rate: number, allowed: number, alpha: number): number | undefined {
  let bad = 0;
  for (let seen = 1; seen <= count; seen += 1) {
    const isBad = random() < rate;
    if (isBad) bad += 1;
    // Evidence only grows with a bad device.
    if (isBad && evidenceAbove({ count: seen, bad }, allowed) >= Math.log(1 / alpha)) return seen;
  }
  return undefined;
}

describe("evidence of an excess", () => {
  test.each([0.001, 0.01, 0.05])("at a rate of %p, as allowed, errs in no more than alpha of all cases, looking 2,000 times", (rate) => {
    const runs = 600;
    const alarms = Array.from({ length: runs }, () => firstAlarm(2_000, rate, rate, 0.05)).filter((at) => at !== undefined).length;
    // 5 % of 600 are 30; three standard deviations more are 46.
    expect(alarms).toBeLessThanOrEqual(46);
  });

  test.each([
    [1, 10],
    [0.1, 120],
    [0.015, 3_000],
  ])("finds a rate of %p where 0.5 %% are allowed, most often within %i devices", (rate, within) => {
    const found = Array.from({ length: 100 }, () => firstAlarm(within, rate, 0.005, 0.005)).filter((at) => at !== undefined).length;
    expect(found).toBeGreaterThanOrEqual(90);
  });

  test("grows with every bad device and shrinks with every good one", () => {
    const at = (count: number, bad: number) => evidenceAbove({ count, bad }, 0.01);
    expect(at(100, 6)).toBeGreaterThan(at(100, 5));
    expect(at(101, 5)).toBeLessThan(at(100, 5));
  });

  test.each([
    [0, 0, 0.01],
    [Number.NaN, 1, 0.01],
    [10, 5, 1],
    [10, 5, Number.NaN],
    [-1, Number.POSITIVE_INFINITY, 0.1],
  ])("of %p devices, %p bad, at a rate of %p is no alarm", (count, bad, rate) => {
    expect(evidenceAbove({ count, bad }, rate) >= Math.log(100)).toBe(false);
  });
});

describe("ruling out", () => {
  test("is the rule of three where nobody is bad: 300 exclude 1 %, 3,000 exclude 0.1 %, one in twenty times wrongly", () => {
    expect(isRuledOut({ count: 300, bad: 0 }, 0, 0.01, 0.05)).toBe(true);
    expect(isRuledOut({ count: 290, bad: 0 }, 0, 0.01, 0.05)).toBe(false);
    expect(isRuledOut({ count: 3_000, bad: 0 }, 0, 0.001, 0.05)).toBe(true);
  });

  test("passes a rate that is too much in no more than beta of all cases", () => {
    const passed = Array.from({ length: 500 }, () => {
      let bad = 0;
      for (let device = 0; device < 4_500; device += 1) if (random() < 0.015) bad += 1;
      return isRuledOut({ count: 4_500, bad }, 0.005, 0.01, 0.05);
    }).filter(Boolean).length;
    expect(passed).toBeLessThanOrEqual(25);
  });

  test("says nothing of nobody", () => {
    expect(isRuledOut({ count: 0, bad: 0 }, 0.01, 0.01, 0.05)).toBe(false);
    expect(isRuledOut({ count: Number.NaN, bad: 0 }, 0.01, 0.01, 0.05)).toBe(false);
  });
});

test("Wilson's bound, as tables have it, and 1 where nothing is known", () => {
  expect(upperRate({ count: 100, bad: 5 }, 1.96)).toBeCloseTo(0.1118, 3);
  expect(upperRate({ count: 1_000, bad: 0 }, 1.96)).toBeCloseTo(0.0038, 3);
  expect(upperRate({ count: 0, bad: 0 }, 3)).toBe(1);
});
