/** Waves partition the cohort, climb as the ladder says, and follow the keyed hash. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import { DEVICES_PER_STEP } from "../../src/campaign/limits.ts";
import {
  assignWaves,
  canaryBound,
  defaultLadder,
  describeWaves,
  type LadderChoice,
  orderWaves,
  waveSizes,
} from "../../src/campaign/wave-order.ts";

const fleet = (count: number) =>
  Array.from({ length: count }, (_, ordinal) => ({ id: `urn:dev:ops:32473-famousModel-${ordinal}`, ordinal }));

describe("waves", () => {
  test("partition the cohort and grow at most as the ladder says, whatever the sizes", () => {
    const ladder = fc.record({ canaryCount: fc.integer({ min: 1, max: 400 }), growth: fc.double({ min: 1, max: 4, noNaN: true }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), ladder, fc.string(), (count, choice, key) => {
        fc.pre(choice.canaryCount * 200 > count);
        const waves = assignWaves(fleet(count), key, defaultLadder(count, { ...choice, controlCount: 0 }));
        expect(RoaringBitmap32.orMany([...waves]).size).toBe(count);
        expect(waves.reduce((sum, wave) => sum + wave.size, 0)).toBe(count);
        expect(waves[0]?.size).toBe(Math.min(count, choice.canaryCount));
        for (const [index, wave] of waves.slice(1).entries())
          expect(wave.size).toBeLessThanOrEqual((waves[index]?.size ?? 0) * choice.growth);
      }),
    );
  });

  test("are the same for the same campaign, in whatever order the devices come, and differ for another", () => {
    const ladder = defaultLadder(500);
    const [waves, again, other] = [
      assignWaves(fleet(500), "wc17", ladder),
      assignWaves(fleet(500).reverse(), "wc17", ladder),
      assignWaves(fleet(500), "wc18", ladder),
    ];
    expect(waves.map((wave) => wave.toArray())).toEqual(again.map((wave) => wave.toArray()));
    expect(waves[0]?.toArray()).not.toEqual(other[0]?.toArray());
  });

  test("are the same when others go first between the steps, and bytes for bytes what their devices make by themselves", async () => {
    const [count, ladder] = [3 * DEVICES_PER_STEP + 5, defaultLadder(3 * DEVICES_PER_STEP + 5)];
    let pauses = 0;
    const pause = async () => void (pauses += 1);
    const caps = [{ countMax: count, groups: [RoaringBitmap32.fromRange(0, count)] }];
    const atOnce = assignWaves(fleet(count), "wc17", ladder);
    expect(atOnce.map(({ size }) => size)).toEqual([...waveSizes(count, ladder)]);
    for (const options of [{ pause }, { pause, caps }]) {
      const inSteps = await orderWaves(fleet(count), "wc17", ladder, options);
      expect(inSteps.map((wave) => wave.serialize("portable"))).toEqual(
        atOnce.map((wave) => RoaringBitmap32.from(wave.toArray()).serialize("portable")),
      );
      // At the least for each of counting, sorting into buckets, sorting these and filling the waves.
      expect(pauses).toBeGreaterThan(4 * 3);
      pauses = 0;
    }
  });

  test("take canaries from all over the fleet, not from its oldest devices", () => {
    const [canary] = assignWaves(fleet(2_000), "wc17", defaultLadder(2_000));
    expect(canary?.size).toBe(100);
    const ofOldestHalf = canary?.rangeCardinality(0, 1_000) ?? 0;
    expect(ofOldestHalf).toBeGreaterThan(25);
    expect(ofOldestHalf).toBeLessThan(75);
  });

  test("are ranges of HMAC-SHA-256: a known canary", () => {
    const [canary] = assignWaves(fleet(20), "wc17_9674309", defaultLadder(20, { canaryCount: 3 }));
    const byHash = fleet(20)
      .map(({ id, ordinal }) => ({ ordinal, hash: new Bun.CryptoHasher("sha256", "wc17_9674309").update(id).digest("hex") }))
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
      .slice(0, 3)
      .map(({ ordinal }) => ordinal);
    expect(canary?.toArray().sort()).toEqual(byHash.sort());
  });
});

describe("the ladder", () => {
  test.each([
    [4, 4],
    [100, 10],
    [1_000, 50],
    [1_001, 51],
    [6_000, 300],
    [330_000, 300],
    [1_000_000, 900],
    [1_000_900, 900],
    [10_000_000, 3_000],
  ])("for %d devices has a canary of %d", (targeted, canaryCount) => {
    expect(defaultLadder(targeted).canaryCount).toBe(canaryCount);
  });

  test("reaches ten million devices in nine waves", () => {
    expect(waveSizes(10_000_000, defaultLadder(10_000_000)).length).toBe(8);
  });

  test("ends with the control group: 2 % of the cohort, 3,000 at the most, and nobody when all are canaries", () => {
    const sizes = (count: number) => waveSizes(count, defaultLadder(count));
    expect(sizes(1_000)).toEqual([50, 200, 730, 20]);
    expect(sizes(1_000_000)).toEqual([900, 3_600, 14_400, 57_600, 230_400, 690_100, 3_000]);
    expect(sizes(10)).toEqual([10]);
    expect(sizes(40)).toEqual([10, 30]);
  });

  test("of a calm campaign waits for hours, and keeps whatever was chosen", () => {
    const chosen = { canaryCount: 7, growth: 2, soakMs: 1, settledShare: 0.1, settleMaxMs: 2, lostAfterMs: 3, controlCount: 4 };
    expect(defaultLadder(5_000)).toMatchObject({ soakMs: 3_600_000, settledShare: 0.95, settleMaxMs: 7_200_000, lostAfterMs: 600_000 });
    for (const lane of ["calm", "emergency"] as const) expect(defaultLadder(5_000, { ...chosen, lane })).toEqual(chosen);
  });

  test("holds back at the least one device, and none of the canary's", () => {
    expect(waveSizes(100, defaultLadder(100, { controlCount: 1 }))).toEqual([10, 40, 49, 1]);
    expect(waveSizes(10, defaultLadder(10, { controlCount: 5 }))).toEqual([10]);
    expect(waveSizes(8, defaultLadder(8, { canaryCount: 10, controlCount: 5 }))).toEqual([8]);
  });

  test("is described wave by wave, and a control group of one device is one", () => {
    const ladder = defaultLadder(50, { controlCount: 1 });
    expect(describeWaves([10, 1], ladder)).toEqual([
      { index: 0, count: 10 },
      { index: 1, count: 1, isControl: true },
    ]);
    expect(describeWaves([10], ladder)).toEqual([{ index: 0, count: 10 }]);
    expect(describeWaves([10, 40], { ...ladder, controlCount: 0 })[1]).toEqual({ index: 1, count: 40 });
  });

  test.each([
    { canaryCount: 1, growth: 4, settledShare: 0, soakMs: 0, settleMaxMs: 0, lostAfterMs: 0, controlCount: 0 },
    { canaryCount: 100, growth: 1, settledShare: 1 },
  ])("is taken at its ends: %j", (choice) => {
    expect(waveSizes(1_000, defaultLadder(1_000, choice)).length).toBeGreaterThan(1);
  });

  test("of an emergency differs in its times only", () => {
    const { canaryCount, growth, controlCount, ...times } = defaultLadder(5_000, { lane: "emergency" });
    const calm = defaultLadder(5_000);
    expect({ canaryCount, growth, controlCount }).toEqual({ canaryCount: calm.canaryCount, growth: 4, controlCount: 100 });
    expect(times).toEqual({ soakMs: 0, settledShare: 0.5, settleMaxMs: 300_000, lostAfterMs: 150_000 });
  });

  test("holds back those whose hash comes last", () => {
    const waves = assignWaves(fleet(500), "wc17", defaultLadder(500));
    const without = assignWaves(fleet(500), "wc17", defaultLadder(500, { controlCount: 0 }));
    expect(waves.at(-1)?.size).toBe(10);
    expect(waves.at(-1)?.isSubset(without.at(-1) ?? new RoaringBitmap32())).toBe(true);
  });

  test.each<readonly [LadderChoice, string]>([
    [{ canaryCount: 0 }, "the canary counts 0 devices"],
    [{ canaryCount: 1.5 }, "the canary counts 1.5 devices"],
    [{ growth: 0.5 }, "waves grow by 0.5"],
    [{ growth: 5 }, "waves grow by 5"],
    [{ growth: Number.NaN }, "waves grow by NaN"],
    [{ settledShare: 2 }, "the settled share is 2"],
    [{ settledShare: -0.1 }, "the settled share is -0.1"],
    [{ soakMs: -1 }, "time is negative"],
    [{ settleMaxMs: -1 }, "time is negative"],
    [{ lostAfterMs: -1 }, "time is negative"],
    [{ controlCount: 0.5 }, "the control group counts 0.5 devices"],
    [{ controlCount: -1 }, "the control group counts -1 devices"],
    [{ growth: 1, canaryCount: 1 }, "more than 256 waves"],
  ])("that does not climb is refused: %j", (choice, says) => {
    const refused = expect.objectContaining({ code: "ERR_CAMPAIGN_LADDER", message: expect.stringContaining(says) });
    expect(() => waveSizes(1_000, defaultLadder(1_000, choice))).toThrow(refused);
  });
});

test("300 healthy canaries bound failure below 1 %, 3,000 below 0.1 %, and a handful bounds nothing", () => {
  expect([300, 3_000, 4, 2, 0].map(canaryBound)).toEqual([0.01, 0.001, 0.75, 1, 1]);
});
