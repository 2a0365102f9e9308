/** Planning whom to ask, estimating from the answers, and keeping a pace: sizes, strata, bounds under silence, stopping. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { askingOrder } from "../../src/after-action/verification/asking-order.ts";
import { estimateOf } from "../../src/after-action/verification/estimate.ts";
import { afterQuiet, jittered, parseQuietHours } from "../../src/after-action/verification/pace.ts";
import { planVerification } from "../../src/after-action/verification/plan.ts";

const WISH = { within: 0.01, confidence: 0.95, isFull: false };

describe("a plan", () => {
  test("asks some thousands of ten million, and looks four times", () => {
    const { looks, confidencePerLook } = planVerification(WISH, { targeted: 1e7, certainlyExposed: 0, uncertain: 1e7 }, 1);
    expect(confidencePerLook).toBeCloseTo(0.9875, 9);
    // z(0.9875)^2 / (4 * 0.01^2) = 15,592; exact bounds want a little more.
    expect(looks.at(-1)).toBeGreaterThan(15_590);
    expect(looks.at(-1)).toBeLessThan(15_800);
    expect(looks).toHaveLength(4);
  });
  test("asks fewer when fewer are uncertain: the others are counted as they are", () => {
    const { looks } = planVerification(WISH, { targeted: 1e7, certainlyExposed: 0, uncertain: 1e6 }, 1);
    expect(looks.at(-1)).toBeLessThan(200);
  });
  test("asks nobody when all the uncertain ones together are within the bounds", () => {
    expect(planVerification(WISH, { targeted: 1_000, certainlyExposed: 90, uncertain: 20 }, 1).looks).toEqual([]);
    expect(planVerification(WISH, { targeted: 1_000, certainlyExposed: 90, uncertain: 21 }, 1).looks).not.toEqual([]);
  });
  test("of a small fleet asks nearly everybody, and never more than there are", () => {
    const { looks } = planVerification({ ...WISH, within: 0.001 }, { targeted: 200, certainlyExposed: 0, uncertain: 200 }, 0.5);
    expect(looks.at(-1)).toBe(200);
  });
  test("asks more when fewer are expected to answer", () => {
    const frame = { targeted: 1e6, certainlyExposed: 0, uncertain: 1e6 };
    const most = (share: number) => planVerification(WISH, frame, share).looks.at(-1) ?? 0;
    expect(most(0.5)).toBeWithin(2 * most(1) - 1, 2 * most(1) + 2);
  });
  test("in full asks all of them in one go", () => {
    const plan = planVerification({ ...WISH, isFull: true }, { targeted: 500, certainlyExposed: 0, uncertain: 77 }, 1);
    expect(plan).toMatchObject({ looks: [77], confidencePerLook: 0.95 });
  });
  test("refuses a wish that cannot be", () => {
    const frame = { targeted: 9, certainlyExposed: 0, uncertain: 9 };
    for (const wish of [{ within: 0 }, { within: 1 }, { within: Number.NaN }, { confidence: 1 }, { confidence: 0 }]) {
      expect(() => planVerification({ ...WISH, ...wish }, frame, 1)).toThrow(expect.objectContaining({ code: "ERR_AFTER_ACTION_SAMPLE" }));
    }
  });
});

describe("an estimate", () => {
  const plan = planVerification({ ...WISH, within: 0.05 }, { targeted: 1_000, certainlyExposed: 100, uncertain: 600 }, 1);
  const of = (asked: number, answered: number, exposed: number) => estimateOf(plan, { asked, answered, exposed });

  test("knows nothing of the uncertain before anybody is asked", () => {
    expect(of(0, 0, 0)).toMatchObject({ share: 0.4, bounds: { low: 0.1, high: 0.7 }, isEnough: false });
  });
  test("is a point when all were asked and all have answered", () => {
    expect(of(600, 600, 30)).toMatchObject({
      share: 0.13,
      bounds: { low: 0.13, high: 0.13 },
      worstBounds: { low: 0.13, high: 0.13 },
      isEnough: true,
    });
  });
  test("takes the silent ones as chance, and at the worst as all exposed or none", () => {
    const { bounds, worstBounds } = of(600, 540, 0);
    expect(bounds.low).toBeCloseTo(0.1, 9);
    expect(bounds.high).toBeLessThan(0.11);
    expect(worstBounds.low).toBeCloseTo(0.1, 9);
    expect(worstBounds.high).toBeCloseTo(0.16, 9);
    // Who was asked and said nothing makes nothing surer.
    expect(of(600, 300, 0).bounds).toEqual(of(300, 300, 0).bounds);
  });
  test("is enough as soon as the bounds are as narrow as wished: good news needs the fewest answers", () => {
    const answersUntil = (exposedOfHundred: number) => {
      for (let answered = 1; answered <= 600; answered += 1) {
        if (of(answered, answered, Math.floor((answered * exposedOfHundred) / 100)).isEnough) return answered;
      }
      return Infinity;
    };
    expect(answersUntil(0)).toBeLessThan(answersUntil(10));
    expect(answersUntil(10)).toBeLessThan(answersUntil(50));
    expect(answersUntil(50)).toBeLessThanOrEqual((plan.looks.at(-1) ?? 0) + 1);
  });
  test("with four looks misses the truth no more often than was allowed", () => {
    const [targeted, exposed] = [2_000, 160];
    const wide = planVerification(
      { within: 0.02, confidence: 0.9, isFull: false },
      { targeted, certainlyExposed: 0, uncertain: targeted },
      1,
    );
    const ordinals = Array.from({ length: targeted }, (_, ordinal) => ordinal);
    let missed = 0;
    const runs = 300;
    for (let run = 0; run < runs; run += 1) {
      const order = askingOrder([ordinals], wide.looks.at(-1) ?? 0, `run ${run}`);
      for (const asked of wide.looks) {
        const bad = order.slice(0, asked).filter((ordinal) => ordinal < exposed).length;
        const { bounds, isEnough } = estimateOf(wide, { asked, answered: asked, exposed: bad });
        if (!isEnough && asked !== wide.looks.at(-1)) continue;
        if (bounds.low > exposed / targeted || bounds.high < exposed / targeted) missed += 1;
        break;
      }
    }
    expect(missed / runs).toBeLessThanOrEqual(0.1);
  });
});

describe("whom to ask", () => {
  test("any beginning holds every kind by its share, to within one device", () => {
    const kinds = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(kinds, fc.string(), (sizes, seed) => {
        let next = 0;
        const lists = sizes.map((size) => Array.from({ length: size }, () => next++));
        const order = askingOrder(lists, next, seed);
        expect(new Set(order).size).toBe(next);
        for (let count = 1; count <= next; count += 1) {
          const asked = new Set(order.slice(0, count));
          for (const list of lists) {
            const share = (count * list.length) / next;
            const given = list.filter((ordinal) => asked.has(ordinal)).length;
            expect(Math.abs(given - share)).toBeLessThanOrEqual(lists.length === 1 ? 1 : 1 + lists.length / 2);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
  test("is the same for the same seed and another for another, and a shorter list is its beginning", () => {
    const ordinals = Array.from({ length: 5_000 }, (_, ordinal) => ordinal);
    const whole = askingOrder([ordinals], 500, "a");
    expect(askingOrder([ordinals.toReversed()], 500, "a")).toEqual(whole);
    expect(askingOrder([ordinals], 100, "a")).toEqual(whole.slice(0, 100));
    expect(askingOrder([ordinals], 500, "b")).not.toEqual(whole);
  });
  test("chance decides: no part of the fleet is asked much more than another", () => {
    const ordinals = Array.from({ length: 100_000 }, (_, ordinal) => ordinal);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const ordinal of askingOrder([ordinals], 10_000, "seed")) tenths[Math.floor(ordinal / 10_000)]! += 1;
    // 1,000 each; four standard deviations are 120.
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});

describe("the pace", () => {
  const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);
  test("waits until quiet hours are over, also over midnight and in the fleet's own time", () => {
    const night = parseQuietHours("22:00-07:00");
    expect(afterQuiet(at("23:30:15"), night)).toBe(at("07:00:00") + 86_400_000);
    expect(afterQuiet(at("03:00:00"), night)).toBe(at("07:00:00"));
    expect([at("07:00:00"), at("21:59:59")].map((ms) => afterQuiet(ms, night))).toEqual([at("07:00:00"), at("21:59:59")]);
    expect(afterQuiet(at("21:30:00"), parseQuietHours("22:00-07:00+01:00"))).toBe(at("06:00:00") + 86_400_000);
    expect(afterQuiet(at("21:30:00"), undefined)).toBe(at("21:30:00"));
  });
  test("hours that start and end alike are never quiet", () => {
    expect(afterQuiet(at("12:00:00"), parseQuietHours("12:00-12:00"))).toBe(at("12:00:00"));
  });
  test("refuses what is no pair of hours", () => {
    for (const text of ["", "22-7", "24:00-07:00", "22:00-07:60", "22:00-07:00+1", "22:00 - 07:00"])
      expect(parseQuietHours(text)).toBeUndefined();
  });
  test("is never on the dot", () => {
    expect([0, 0.5, 0.999].map((random) => jittered(1_000, random))).toEqual([1_000, 1_250, 1_499.5]);
  });
});
