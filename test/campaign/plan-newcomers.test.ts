/** Devices that appear later: when a campaign that is done takes them, how many, which, and what holds for any of it. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import { CAMPAIGN_STATES, type Campaign, type Ladder, type Wave } from "../../src/campaign/campaign.ts";
import { NEWCOMER_WAVES_MAX } from "../../src/campaign/limits.ts";
import { placesLeft } from "../../src/campaign/plan-newcomers.ts";
import { plan } from "../../src/campaign/plan.ts";
import type { PlanFacts, Step } from "../../src/campaign/plan-types.ts";
import { campaignOf, factsOf, seen, T0 } from "./world.ts";

const HOUR_MS = 3_600_000;
const CRITERIA = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" };

/** Done a second after its last wave, with these waves of newcomers behind it; the permit ends an hour after T0. */
function continuous(joined: readonly number[] = [], countMax = 1_000, change: Partial<Campaign> = {}): Campaign {
  const { permit, waves } = campaignOf();
  const all: Wave[] = [...waves, ...joined.map((count, place) => ({ index: waves.length + place, count, isJoined: true as const }))];
  return campaignOf({
    state: "done",
    waves: all,
    wave: all.length - 1,
    waveAtMs: T0,
    permit: { ...permit, newcomers: { count_max: countMax, criteria: CRITERIA } },
    ...change,
  });
}

const waiting = (count: number, first = 1_000) => RoaringBitmap32.fromRange(first, first + count);
const planned = (campaign: Campaign, newcomers: RoaringBitmap32 | undefined, nowMs: number, change: Partial<PlanFacts> = {}) =>
  plan(campaign, seen([], { newcomers, ...change }), nowMs);

function joinOf(steps: readonly Step[]): readonly number[] {
  const [join] = steps;
  return join?.kind === "join" ? join.devices.toArray() : [];
}
const sizeOf = (steps: readonly Step[]) => joinOf(steps).length;

describe("a campaign that is done", () => {
  test("takes those that appeared, in a wave of their own, at once", () => {
    expect(planned(continuous(), waiting(3), T0 + 1)).toEqual([
      { kind: "join", wave: 3, devices: waiting(3) },
      { kind: "enter", state: "sending" },
    ]);
  });

  test("takes nobody when nobody appeared, and when people did not sign that anybody may", () => {
    expect(planned(continuous(), waiting(0), T0 + 1)).toEqual([]);
    expect(planned(continuous(), undefined, T0 + 1)).toEqual([]);
    expect(planned(campaignOf({ state: "done", wave: 2 }), waiting(3), T0 + 1)).toEqual([]);
  });

  test("takes a canary first, then at most four times the largest wave of newcomers so far", () => {
    expect(sizeOf(planned(continuous(), waiting(500), T0 + 1))).toBe(10);
    expect(sizeOf(planned(continuous([10]), waiting(500), T0 + HOUR_MS / 2))).toBe(40);
    expect(sizeOf(planned(continuous([10, 40, 2]), waiting(500), T0 + HOUR_MS / 2))).toBe(160);
    expect(sizeOf(planned(continuous([1]), waiting(500), T0 + HOUR_MS / 2))).toBe(10);
  });

  test("takes no more than its ladder does, be it small or slow", () => {
    const { ladder } = campaignOf();
    const at = (joined: readonly number[], change: Partial<Ladder>) =>
      sizeOf(planned(continuous(joined, 1_000, { ladder: { ...ladder, ...change } }), waiting(500), T0 + HOUR_MS / 2));
    expect(at([], { canaryCount: 2 })).toBe(2);
    expect(at([3], { canaryCount: 2, growth: 1.5 })).toBe(4);
  });

  test("takes no more of one region or revision in a wave than its caps allow, by taking no more at all", () => {
    const { ladder } = campaignOf();
    const capped = (change: Partial<Ladder>) =>
      sizeOf(planned(continuous([], 1_000, { ladder: { ...ladder, ...change } }), waiting(9), T0));
    expect(capped({ regionCountMax: 4 })).toBe(4);
    expect(capped({ hardwareCountMax: 3, regionCountMax: 4 })).toBe(3);
  });

  test("takes as many as people signed and not one more", () => {
    expect(sizeOf(planned(continuous([10, 7], 20), waiting(500), T0 + HOUR_MS / 2))).toBe(3);
    expect(planned(continuous([10, 10], 20), waiting(500), T0 + HOUR_MS / 2)).toEqual([]);
    expect([placesLeft(continuous([10, 7], 20), T0), placesLeft(continuous([10, 10], 20), T0)]).toEqual([3, 0]);
  });

  test("keeps its distance, so that the waves last as long as the permit does", () => {
    const pauseMs = HOUR_MS / (NEWCOMER_WAVES_MAX - 1);
    expect(planned(continuous([1]), waiting(1), T0 + Math.floor(pauseMs))).toEqual([]);
    expect(sizeOf(planned(continuous([1]), waiting(1), T0 + Math.ceil(pauseMs)))).toBe(1);
  });

  test("has no wave left for whoever appears after the last but one: its share is all the time that is left", () => {
    const most = continuous(Array.from({ length: NEWCOMER_WAVES_MAX - 1 }, () => 1));
    expect(planned(most, waiting(1), T0 + HOUR_MS - 1)).toEqual([]);
    const one = continuous(Array.from({ length: NEWCOMER_WAVES_MAX - 2 }, () => 1));
    expect(planned(one, waiting(1), T0 + HOUR_MS / 2 - 1)).toEqual([]);
    expect(sizeOf(planned(one, waiting(1), T0 + HOUR_MS / 2))).toBe(1);
  });

  test("soaks between two waves of newcomers as between those of the ladder", () => {
    const soakMs = HOUR_MS / 2;
    const calm = continuous([1], 1_000, { ladder: { ...campaignOf().ladder, soakMs } });
    expect(planned(calm, waiting(1), T0 + soakMs - 1)).toEqual([]);
    expect(sizeOf(planned(calm, waiting(1), T0 + soakMs))).toBe(1);
  });

  test("takes nobody after so many waves, and nobody when the permit has ended", () => {
    const most = continuous(Array.from({ length: NEWCOMER_WAVES_MAX }, () => 1));
    expect(planned(most, waiting(1), T0 + HOUR_MS - 1)).toEqual([]);
    expect(sizeOf(planned(continuous(), waiting(1), T0 + HOUR_MS - 1))).toBe(1);
    expect(planned(continuous(), waiting(1), T0 + HOUR_MS)).toEqual([]);
    expect([placesLeft(most, T0), placesLeft(continuous(), T0 + HOUR_MS), placesLeft(continuous(), Number.NaN)]).toEqual([0, 0, 0]);
  });

  test("takes nobody while it would begin no wave: an overloaded depot, a certificate that ends", () => {
    expect(planned(continuous(), waiting(1), T0, { depot: { requests: 0, errors: 0, loadShare: 1.1 } })).toEqual([]);
    expect(planned(continuous(), waiting(1), T0, { waitsFor: "the certificate authority ends" })).toEqual([]);
  });

  test.each(CAMPAIGN_STATES.filter((state) => state !== "done"))("only: nobody joins one that is %s", (state) => {
    expect(planned(continuous([], 1_000, { state, wave: -1 }), waiting(5), T0).map(({ kind }) => kind)).not.toContain("join");
  });
});

test("which of them go first is spread over all of them, whoever sold or imported them, and the same each time", () => {
  const shops = RoaringBitmap32.or(waiting(50, 0), waiting(50, 1_000_000));
  const chosen = joinOf(planned(continuous(), shops, T0));
  expect(chosen).toEqual([0, 10, 20, 30, 40, 1_000_000, 1_000_010, 1_000_020, 1_000_030, 1_000_040]);
  expect(joinOf(planned(continuous(), shops.clone(), T0))).toEqual(chosen);
  const { ladder } = campaignOf();
  expect(joinOf(planned(continuous([], 9, { ladder: { ...ladder, canaryCount: 2 } }), waiting(5, 0), T0))).toEqual([0, 2]);
});

describe("a wave of newcomers", () => {
  const under = (joined: readonly number[], change: Partial<Campaign> = {}) => continuous(joined, 1_000, { state: "sending", ...change });
  const cohort = [factsOf(0, 10, { sent: 10 }), factsOf(1, 40, { sent: 40 }), factsOf(2, 160, { sent: 160 })];
  const judged = (campaign: Campaign, ...newcomers: readonly ReturnType<typeof factsOf>[]) =>
    plan(campaign, seen([...cohort, ...newcomers]), T0 + 1)[0];

  test("that is well ends with the campaign done again", () => {
    expect(judged(under([3]), factsOf(3, 3, { sent: 3, settled: 3 }))).toEqual({ kind: "finish" });
    expect(judged(under([3]), factsOf(3, 3, { sent: 2, settled: 2 }))).toBeUndefined();
  });

  test("of a canary's size halts as every wave does", () => {
    expect(judged(under([10]), factsOf(3, 10, { sent: 10, settled: 10, failed: 1 }))).toEqual({
      kind: "halt",
      reason: "wave 3: 1 of 10 (10 %) failed, the permit allows 5 %",
    });
    expect(judged(under([10]), factsOf(3, 10, { sent: 10, settled: 8, lost: 2 }))?.kind).toBe("halt");
  });

  test("that is smaller is no evidence by itself: one of three that fails or is lost does not halt", () => {
    expect(judged(under([3]), factsOf(3, 3, { sent: 3, settled: 3, failed: 1 }))).toEqual({ kind: "finish" });
    expect(judged(under([3]), factsOf(3, 3, { sent: 3, settled: 3, lost: 1 }))).toEqual({ kind: "finish" });
  });

  test("is small below the canary that people chose, and a wave of the cohort never is", () => {
    const { ladder } = campaignOf();
    const large = under([12], { ladder: { ...ladder, canaryCount: 300 } });
    expect(judged(large, factsOf(3, 12, { sent: 12, settled: 12, failed: 1 }))).toEqual({ kind: "finish" });
    const small = under([9], { ladder: { ...ladder, canaryCount: 2 } });
    expect(judged(small, factsOf(3, 9, { sent: 9, settled: 9, failed: 1 }))).toEqual({ kind: "finish" });
    const rest = campaignOf({
      state: "sending",
      wave: 1,
      waveAtMs: T0,
      waves: [
        { index: 0, count: 10 },
        { index: 1, count: 3 },
      ],
    });
    expect(plan(rest, seen([factsOf(1, 3, { sent: 3, settled: 3, failed: 1 })]), T0 + 1)[0]?.kind).toBe("halt");
  });

  test("that is smaller halts with those before it, as soon as chance is excluded, and the healthy cohort hides nothing", () => {
    const failed = [3, 4, 5].map((index) => factsOf(index, 3, { sent: 3, settled: 3, failed: 2 }));
    expect(judged(under([3, 3, 3]), ...failed)).toEqual({
      kind: "halt",
      reason: "6 of 9 commanded devices (66.7 %) failed, the permit allows 5 %; alpha 1 %",
    });
    const lost = [3, 4, 5].map((index) => factsOf(index, 3, { sent: 3, lost: 3 }));
    expect(judged(under([3, 3, 3]), ...lost)).toEqual({
      kind: "halt",
      reason: "9 of 9 commanded devices (100 %) went away and did not come back, the permit allows 10 %; alpha 1 %",
    });
  });

  test("that halted is not judged again when people let it go on, and the next is judged without it", () => {
    const ill = factsOf(3, 9, { sent: 9, settled: 9, failed: 9 });
    expect(judged(under([9], { waivedWave: 3 }), ill)).toEqual({ kind: "finish" });
    expect(judged(under([9, 1], { waivedWave: 3 }), ill, factsOf(4, 1, { sent: 1, settled: 1 }))).toEqual({ kind: "finish" });
  });

  test("that is under way when the permit ends ends with it", () => {
    expect(plan(under([3]), seen([]), T0 + HOUR_MS)).toEqual([{ kind: "expire" }]);
  });
});

describe("for any waves, newcomers and time", () => {
  test("joining never throws, never goes beyond what people signed, and never grows faster than the ladder", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 70 }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.uniqueArray(fc.nat(100_000), { maxLength: 500 }),
        fc.oneof(fc.integer({ min: T0 - 10, max: T0 + HOUR_MS + 10 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
        (joined, countMax, appeared, nowMs) => {
          const campaign = continuous(joined, countMax);
          const chosen = joinOf(planned(campaign, RoaringBitmap32.from(appeared), nowMs));
          if (chosen.length === 0) return;
          expect(new Set(chosen).isSubsetOf(new Set(appeared))).toBe(true);
          expect(chosen.length + joined.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(countMax);
          expect(chosen.length).toBeLessThanOrEqual(Math.max(10, 4 * Math.max(0, ...joined)));
          expect(joined.length).toBeLessThan(NEWCOMER_WAVES_MAX);
          expect(nowMs).toBeLessThan(campaign.permit.not_after);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("with newcomers at every moment there are never more waves than gateways are to hold", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5_000, max: 200_000 }), { minLength: 1, maxLength: 300 }), (stepsMs) => {
        let campaign = continuous();
        for (let nowMs = T0, turn = 0; nowMs < T0 + HOUR_MS; nowMs += stepsMs[turn++ % stepsMs.length] ?? 1) {
          const [join] = planned(campaign, waiting(1), nowMs);
          if (join?.kind !== "join") continue;
          const waves = [...campaign.waves, { index: join.wave, count: 1, isJoined: true as const }];
          campaign = { ...campaign, waves, wave: join.wave, waveAtMs: nowMs };
        }
        expect(campaign.waves.length - 3).toBeLessThanOrEqual(NEWCOMER_WAVES_MAX);
      }),
      { numRuns: 50 },
    );
  });
});
