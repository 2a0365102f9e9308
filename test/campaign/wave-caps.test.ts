/** Caps per region and hardware revision: no wave holds more, nobody is left out, and waves stay ranges of the keyed hash. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import type { WaveCap } from "../../src/campaign/wave-caps.ts";
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";

const fleet = (count: number) => Array.from({ length: count }, (_, ordinal) => ({ id: `urn:dev:ops:32473-capped-${ordinal}`, ordinal }));

/** Every `of`-th device, beginning with each of the first. */
function capOf(count: number, of: number, countMax: number): WaveCap {
  const groups = Array.from(
    { length: of },
    (_, first) =>
      new RoaringBitmap32(
        fleet(count)
          .map(({ ordinal }) => ordinal)
          .filter((ordinal) => ordinal % of === first),
      ),
  );
  return { countMax, groups };
}

describe("capped waves", () => {
  test("hold no more of a group than its cap, and together are the cohort", () => {
    const chosen = fc.record({
      count: fc.integer({ min: 1, max: 400 }),
      canaryCount: fc.integer({ min: 1, max: 60 }),
      controlCount: fc.nat(40),
      regions: fc.integer({ min: 1, max: 5 }),
      hardware: fc.integer({ min: 1, max: 3 }),
      most: fc.integer({ min: 4, max: 60 }),
    });
    fc.assert(
      fc.property(chosen, ({ count, canaryCount, controlCount, regions, hardware, most }) => {
        const ladder = defaultLadder(count, { canaryCount, controlCount });
        const caps = [capOf(count, regions, most), capOf(count, hardware, most)];
        const waves = assignWaves(fleet(count), "wc17", ladder, caps);
        expect(RoaringBitmap32.orMany([...waves]).size).toBe(count);
        expect(waves.reduce((sum, { size }) => sum + size, 0)).toBe(count);
        expect(waves[0]?.size).toBeLessThanOrEqual(canaryCount);
        for (const wave of waves) {
          for (const { groups } of caps) for (const group of groups) expect(wave.andCardinality(group)).toBeLessThanOrEqual(most);
        }
        const body = waves.slice(0, -1).map(({ size }) => size);
        for (const [index, size] of body.entries()) if (index > 0) expect(size).toBeLessThanOrEqual(4 * Math.max(...body.slice(0, index)));
      }),
      { numRuns: 100 },
    );
  });

  test("are those without a cap when the cap is larger than any wave", () => {
    const ladder = defaultLadder(1_000);
    const [capped, free] = [assignWaves(fleet(1_000), "wc17", ladder, [capOf(1_000, 2, 1_000)]), assignWaves(fleet(1_000), "wc17", ladder)];
    expect(capped.map((wave) => wave.toArray())).toEqual(free.map((wave) => wave.toArray()));
  });

  test("are those without a cap when no group comes to its cap, though all together would", () => {
    const ladder = defaultLadder(1_000, { canaryCount: 100, growth: 1, controlCount: 0 });
    const sizes = assignWaves(fleet(1_000), "wc17", ladder, [capOf(1_000, 2, 70)]).map(({ size }) => size);
    expect(sizes).toEqual(Array.from({ length: 10 }, () => 100));
  });

  test("a cap of none, and one that needs more waves than a ladder may have, are refused", () => {
    const refused = expect.objectContaining({ code: "ERR_CAMPAIGN_LADDER" });
    for (const most of [0, 0.5, Number.NaN])
      expect(() => assignWaves(fleet(10), "wc17", defaultLadder(10), [capOf(10, 1, most)])).toThrow(refused);
    expect(() => assignWaves(fleet(400), "wc17", defaultLadder(400), [capOf(400, 1, 1)])).toThrow(refused);
  });

  test("of a ladder that does not climb are refused", () => {
    const refused = expect.objectContaining({ code: "ERR_CAMPAIGN_LADDER", message: "the canary counts 0 devices" });
    expect(() => assignWaves(fleet(10), "wc17", defaultLadder(10, { canaryCount: 0 }), [capOf(10, 1, 10)])).toThrow(refused);
  });
});
