/** The statistics against published tables, against the distribution summed up by brute force, and against chance itself. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { shareDifference } from "../../src/after-action/statistics/difference.ts";
import { hypergeometricBounds, lowerTail } from "../../src/after-action/statistics/hypergeometric.ts";
import { wilson } from "../../src/after-action/statistics/wilson.ts";

describe("Wilson's interval", () => {
  test("agrees with published values", () => {
    // Agresti and Coull 1998, and the rule of three: 0 of 300 bounds the share at about 1 %.
    expect(wilson(0, 300).high).toBeCloseTo(0.01264, 5);
    expect(wilson(5, 10).low).toBeCloseTo(0.23659, 5);
    expect(wilson(5, 10).high).toBeCloseTo(0.76341, 5);
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 1 of 29.
    expect([wilson(81, 263), wilson(15, 148), wilson(1, 29)].map(({ low, high }) => `${low.toFixed(4)} ${high.toFixed(4)}`)).toEqual([
      "0.2553 0.3662",
      "0.0624 0.1605",
      "0.0061 0.1718",
    ]);
    expect([wilson(0, 10).low, wilson(10, 10).high, wilson(0, 0)]).toEqual([0, 1, { low: 0, high: 1 }]);
  });
  test("refuses a sample that cannot be", () => {
    for (const [hits, size] of [
      [-1, 3],
      [4, 3],
      [1.5, 3],
      [Number.NaN, 3],
    ] as const) {
      expect(() => wilson(hits, size)).toThrow(expect.objectContaining({ code: "ERR_AFTER_ACTION_SAMPLE" }));
    }
  });
});

describe("the hypergeometric distribution", () => {
  test("agrees with hands of cards", () => {
    // No ace among five of 52 cards, and at most one.
    expect(lowerTail(0, 5, 4, 52)).toBeCloseTo(0.658_842, 6);
    expect(lowerTail(1, 5, 4, 52)).toBeCloseTo(0.958_316, 6);
  });
  test("is the sum of its terms, for every small population", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), fc.nat(), (population, a, b, c) => {
        const [size, total] = [a % (population + 1), b % (population + 1)];
        const bad = c % (size + 1);
        const terms = Array.from(
          { length: bad + 1 },
          (_, k) => (choose(total, k) * choose(population - total, size - k)) / choose(population, size),
        );
        expect(lowerTail(bad, size, total, population)).toBeCloseTo(
          terms.reduce((sum, term) => sum + term, 0),
          8,
        );
      }),
    );
  });
  test("bounds hold what was seen, and nothing is left open when all were asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(), fc.nat(), (population, a, b) => {
        const size = a % (population + 1);
        const bad = b % (size + 1);
        const { low, high } = hypergeometricBounds(bad, size, population, 0.95);
        expect(low).toBeGreaterThanOrEqual(bad);
        expect(high).toBeLessThanOrEqual(population - (size - bad));
        expect(low).toBeLessThanOrEqual(high);
        if (size === population) expect([low, high]).toEqual([bad, bad]);
      }),
    );
  });
  test("bounds of a half of the population are as narrow as those of twice as many of an endless one (Cochran 1977, §2.6)", () => {
    const width = ({ low, high }: { low: number; high: number }, of: number) => (high - low) / of;
    const half = width(hypergeometricBounds(2_500, 5_000, 10_000, 0.95), 10_000);
    const endless = width(hypergeometricBounds(5_000, 10_000, 1e9, 0.95), 1e9);
    expect(half / endless).toBeCloseTo(1, 1);
  });
  test("of a sample that cannot be are refused", () => {
    for (const [bad, size, population, confidence] of [
      [2, 1, 9, 0.95],
      [1, 10, 9, 0.95],
      [-1, 1, 9, 0.95],
      [0.5, 1, 9, 0.95],
      [1, 1, 9, 1],
      [1, 1, 9, 0],
      [1, 1, Infinity, 0.95],
    ] as const) {
      expect(() => hypergeometricBounds(bad, size, population, confidence)).toThrow(
        expect.objectContaining({ code: "ERR_AFTER_ACTION_SAMPLE" }),
      );
    }
  });
  test("bounds cover the truth at least as often as they say", () => {
    const [population, total, size] = [500, 40, 60];
    let missed = 0;
    for (let bad = 0; bad <= size; bad += 1) {
      const { low, high } = hypergeometricBounds(bad, size, population, 0.9);
      const before = bad === 0 ? 0 : lowerTail(bad - 1, size, total, population);
      if (total < low || total > high) missed += lowerTail(bad, size, total, population) - before;
    }
    expect(missed).toBeGreaterThan(0);
    expect(missed).toBeLessThanOrEqual(0.1);
  });
  test("of ten million with one in a thousand bad, is near to what Wilson says", () => {
    const exact = hypergeometricBounds(10, 10_000, 10_000_000, 0.95);
    const near = wilson(10, 10_000);
    expect(exact.low / 1e7).toBeCloseTo(near.low, 3);
    expect(exact.high / 1e7).toBeCloseTo(near.high, 3);
  });
});

describe("how far two shares are apart", () => {
  test("agrees with Newcombe 1998, table II, method 10", () => {
    const text = (a: readonly [number, number], b: readonly [number, number]) => {
      const { difference, low, high } = shareDifference({ hits: b[0], size: b[1] }, { hits: a[0], size: a[1] });
      return [difference, low, high].map((value) => value.toFixed(4)).join(" ");
    };
    expect(text([56, 70], [48, 80])).toBe("0.2000 0.0524 0.3339");
    expect(text([9, 10], [3, 10])).toBe("0.6000 0.1705 0.8090");
    expect(text([10, 10], [0, 20])).toBe("1.0000 0.6791 1.0000");
  });
});

function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let product = 1;
  for (let step = 1; step <= k; step += 1) product = (product * (n - k + step)) / step;
  return product;
}
