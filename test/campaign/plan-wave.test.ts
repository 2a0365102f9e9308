/** How a wave under way is judged: what counts as evidence, when proof of health is asked for, and when its time is up, to the device and the ms. */
import { describe, expect, test } from "bun:test";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { PlanFacts, WaveFacts } from "../../src/campaign/plan-types.ts";
import { judgeWave, type Judgement } from "../../src/campaign/plan-wave.ts";
import { campaignOf, factsOf, seen, T0 } from "./world.ts";

const CONTROL = { control: { watched: 50_000, lost: 100, looping: 0 } };
const SOON = T0 + 1;
/** 40 at 1,000 a second, the spread of 20 s, 60 s to settle. */
const TIME_UP = T0 + 40 + 20_000 + 60_000;

function judge(change: Partial<Campaign>, facts: readonly WaveFacts[], nowMs: number, rest: Partial<PlanFacts> = {}) {
  const campaign = campaignOf({ state: "sending", wave: 1, waveAtMs: T0, ...change });
  const current = facts.find(({ index }) => index === campaign.wave) ?? factsOf(campaign.wave, 40);
  return judgeWave(campaign, current, seen(facts, rest), nowMs);
}
const kind = (...given: Parameters<typeof judge>) => judge(...given).kind;
const saysIll = (text: string): Judgement => ({ kind: "ill", reason: expect.stringContaining(text) as string });

describe("the evidence", () => {
  test("is the failures of the wave under way, long before it is over", () => {
    const facts = [factsOf(1, 1_000, { sent: 100, settled: 25, failed: 25 })];
    expect(judge({}, facts, SOON)).toEqual(saysIll("25 of 100 commanded devices (25 %) failed"));
  });

  test("is also that of earlier waves, but for those that people have seen and waived", () => {
    const facts = [factsOf(0, 100, { sent: 100, settled: 60, failed: 60 }), factsOf(1, 40, { sent: 40, settled: 40 })];
    expect(judge({}, facts, SOON)).toEqual(saysIll("60 of 140 commanded devices"));
    expect(kind({ waivedWave: 0 }, facts, SOON)).toBe("healthy");
  });

  test("is not that of a wave that was not ordered yet", () => {
    const facts = [factsOf(1, 40, { sent: 40, settled: 40 }), factsOf(2, 160, { sent: 100, settled: 60, failed: 60 })];
    expect(kind({}, facts, SOON)).toBe("healthy");
  });

  test("is the control group's, when the commanded get lost more often", () => {
    const facts = [factsOf(1, 1_000, { sent: 1_000, settled: 960, lost: 40, watched: 1_000 })];
    expect(judge({}, facts, SOON, CONTROL)).toEqual(saysIll("of the control group 100 of 50000"));
  });

  test("is held against those sent to when the time is up, also when not all were", () => {
    const facts = [factsOf(1, 40, { sent: 10, settled: 10, failed: 1 })];
    expect(kind({}, facts, SOON)).toBe("waiting");
    expect(judge({}, facts, TIME_UP)).toEqual(saysIll("1 of 10 (10 %) failed"));
  });
});

test("a wave that people have waived goes on when all were sent to or its time is up, however ill it is", () => {
  const waived = { waivedWave: 1 };
  expect(kind(waived, [factsOf(1, 40, { sent: 10, failed: 10 })], TIME_UP - 1)).toBe("waiting");
  expect(kind(waived, [factsOf(1, 40, { sent: 10, failed: 10 })], TIME_UP)).toBe("healthy");
  expect(kind(waived, [factsOf(1, 40, { sent: 10, failed: 10, offline: 30 })], SOON)).toBe("healthy");
});

describe("proof of health", () => {
  const large = (counts: readonly number[], wave: number): Partial<Campaign> => ({
    targeted: 100_000,
    waves: counts.map((count, index) => ({ index, count })),
    wave,
  });
  /** All have settled, and of `watched` of them it is known that they are well. */
  const settled = (counts: readonly number[], wave: number, watched: number) => {
    const count = counts[wave] ?? 0;
    return factsOf(wave, count, { sent: count, settled: count, watched });
  };

  test.each<readonly [string, "waiting" | "healthy", readonly number[], number]>([
    ["is asked for before the step over 1 % of the cohort", "waiting", [300, 701], 0],
    ["is not asked for up to 1 %", "healthy", [300, 700], 0],
    ["is not asked for when fewer than 300 are commanded", "healthy", [299, 1_200], 0],
    ["is asked for at a later step", "waiting", [300, 400, 800], 1],
    ["is asked for at exactly 1 %", "waiting", [300, 700, 2_800], 1],
    ["is not asked for again beyond it", "healthy", [300, 701, 2_800], 1],
    ["is asked for after a canary that is beyond it already", "waiting", [2_000, 8_000], 0],
    ["is not asked for when nothing follows", "healthy", [300, 700], 1],
  ])("%s", (_, expected, counts, wave) => {
    expect(kind(large(counts, wave), [settled(counts, wave, 0)], SOON)).toBe(expected);
  });

  test("is that enough devices are known to be well", () => {
    expect(kind(large([300, 701], 0), [settled([300, 701], 0, 300)], SOON)).toBe("healthy");
    expect(kind(large([300, 701], 0), [settled([300, 701], 0, 100)], SOON)).toBe("waiting");
  });

  test("that does not come in all the time there is halts, when there were devices enough for it", () => {
    const campaign = { ...large([3_000, 97_001], 0), targeted: 10_000_000 };
    const timeUp = T0 + 3_000 + 20_000 + 60_000;
    const facts = (watched: number, lost: number) => [
      factsOf(0, 3_000, { sent: 3_000, settled: watched - lost, away: lost, lost, watched }),
    ];
    const control = { control: { watched: 100_000, lost: 500, looping: 0 } };
    expect(kind(campaign, facts(3_000, 25), timeUp - 1, control)).toBe("waiting");
    expect(judge(campaign, facts(3_000, 25), timeUp, control)).toEqual(saysIll("25 of 3000 commanded devices are gone"));
    expect(kind(campaign, facts(2_999, 25), timeUp, control)).toBe("healthy");
    expect(kind(campaign, facts(3_000, 0), timeUp, control)).toBe("healthy");
  });
});

describe("the time of a wave", () => {
  const facts = [factsOf(1, 40, { sent: 10 })];
  const { command } = campaignOf();

  test("has no spread when the command has none", () => {
    const plain = { command: { ...command, args: { response_requested: "none" } } as Campaign["command"] };
    expect(kind(plain, facts, TIME_UP - 20_001)).toBe("waiting");
    expect(kind(plain, facts, TIME_UP - 20_000)).toBe("healthy");
  });

  test("is a day longer when there are hours, which have come once everywhere by then", () => {
    const hours = { hours: { from: 120, to: 240, zone: "Europe/Berlin" } };
    expect(kind(hours, facts, TIME_UP + 86_399_999)).toBe("waiting");
    expect(kind(hours, facts, TIME_UP + 86_400_000)).toBe("healthy");
  });
});
