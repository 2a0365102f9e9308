/** The ladder, the halt rules and the end of the permit as sentences, and what holds for any input. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CAMPAIGN_STATES, type Campaign, type CampaignState } from "../../src/campaign/campaign.ts";
import { plan as planWith } from "../../src/campaign/plan.ts";
import type { ReleaseChange, WaveFacts } from "../../src/campaign/plan-types.ts";
import type { Command } from "../../src/openc2/index.ts";
import { campaignOf, factsOf, seen, T0 } from "./world.ts";

const plan = (campaign: Campaign, waves: readonly WaveFacts[], nowMs: number) => planWith(campaign, seen(waves), nowMs);

const WAVE_1: Partial<Campaign> = { state: "sending", wave: 1, waveAtMs: T0 };
const healthy = { sent: 40, settled: 38, updated: 38 };
/** 40 at 1,000 a second, the spread of 20 s, 60 s to settle. */
const TIME_UP = T0 + 40 + 20_000 + 60_000;

describe("the ladder", () => {
  test("an approved campaign sends the canary", () => {
    expect(plan(campaignOf(), [], T0)).toEqual([
      { kind: "send-wave", wave: 0 },
      { kind: "enter", state: "canary" },
    ]);
  });

  test("it waits for the permit's beginning", () => {
    expect(plan(campaignOf(), [], T0 - 1)).toEqual([]);
  });

  test("a wave that is not settled is waited for", () => {
    expect(plan(campaignOf(WAVE_1), [factsOf(1, 40, { sent: 40, settled: 35 })], T0 + 1)).toEqual([]);
  });

  test("a wave of which only the first few were sent to is not settled by them", () => {
    expect(plan(campaignOf(WAVE_1), [factsOf(1, 40, { sent: 2, settled: 2 })], T0 + 1)).toEqual([]);
  });

  test("devices that are offline do not block a wave", () => {
    expect(plan(campaignOf(WAVE_1), [factsOf(1, 40, { sent: 10, settled: 9, offline: 30 })], T0 + 1)).toEqual([
      { kind: "enter", state: "soaking" },
    ]);
  });

  test("a healthy wave soaks, and only then comes the next", () => {
    const soaking = campaignOf({ ...WAVE_1, state: "soaking", soakingSinceMs: T0 + 100 });
    expect(plan(campaignOf(WAVE_1), [factsOf(1, 40, healthy)], T0 + 100)).toEqual([{ kind: "enter", state: "soaking" }]);
    expect(plan(soaking, [factsOf(1, 40, healthy)], T0 + 5_099)).toEqual([]);
    expect(plan(soaking, [factsOf(1, 40, healthy)], T0 + 5_100)).toEqual([
      { kind: "send-wave", wave: 2 },
      { kind: "enter", state: "sending" },
    ]);
  });

  test("a draft is sent to nobody, and a campaign without waves is done", () => {
    expect(plan(campaignOf({ state: "draft" }), [], T0)).toEqual([]);
    expect(plan(campaignOf({ waves: [] }), [], T0)).toEqual([{ kind: "finish" }]);
  });

  test("without a soak the next wave comes at once, also when nobody noted when it began", () => {
    const { ladder } = campaignOf();
    const soaking = campaignOf({ ...WAVE_1, state: "soaking", ladder: { ...ladder, soakMs: 0 } });
    expect(plan(soaking, [factsOf(1, 40, healthy)], T0 + 1)[0]).toEqual({ kind: "send-wave", wave: 2 });
  });

  test("the last healthy wave finishes without a soak", () => {
    const facts = factsOf(2, 160, { sent: 150, settled: 149, offline: 10 });
    expect(plan(campaignOf({ ...WAVE_1, wave: 2 }), [facts], T0 + 1)).toEqual([{ kind: "finish" }]);
  });

  test("a wave that does not settle is judged when sending, spread and settling have had their time", () => {
    const facts = [factsOf(1, 40, { sent: 40, settled: 20 })];
    expect(plan(campaignOf(WAVE_1), facts, TIME_UP - 1)).toEqual([]);
    expect(plan(campaignOf(WAVE_1), facts, TIME_UP)).toEqual([{ kind: "enter", state: "soaking" }]);
  });

  test("the time of a wave starts anew when people let it go on", () => {
    const facts = [factsOf(1, 40, { sent: 40, settled: 20 })];
    expect(plan(campaignOf({ ...WAVE_1, resumedMs: T0 + 1 }), facts, TIME_UP)).toEqual([]);
  });
});

describe("the halt rules", () => {
  test("too many failures halt at once, with the figures", () => {
    const facts = factsOf(1, 40, { sent: 40, settled: 8, failed: 7, updated: 1 });
    expect(plan(campaignOf(WAVE_1), [facts], T0 + 1)).toEqual([
      { kind: "halt", reason: "wave 1: 7 of 40 (17.5 %) failed, the permit allows 5 %" },
    ]);
  });

  test("a failure among the first few sent to decides nothing while the others are still to come", () => {
    expect(plan(campaignOf(WAVE_1), [factsOf(1, 40, { sent: 2, settled: 2, failed: 1 })], T0 + 1)).toEqual([]);
  });

  test("exactly as many as the permit allows do not halt, one more does", () => {
    const at = (failed: number) => plan(campaignOf(WAVE_1), [factsOf(1, 40, { sent: 40, settled: 38, failed })], T0 + 1)[0]?.kind;
    expect(at(2)).toBe("enter");
    expect(at(3)).toBe("halt");
  });

  test("a failure that comes during the soak still halts", () => {
    const soaking = campaignOf({ ...WAVE_1, state: "soaking", soakingSinceMs: T0 });
    expect(plan(soaking, [factsOf(1, 40, { sent: 40, settled: 40, failed: 3 })], T0 + 9_000)[0]?.kind).toBe("halt");
  });

  test("devices that get lost during the soak halt; those that are away for a moment do not", () => {
    const soaking = campaignOf({ ...WAVE_1, state: "soaking", soakingSinceMs: T0 });
    const at = (lost: number) => plan(soaking, [factsOf(1, 40, { sent: 40, settled: 40, away: 5, lost })], T0 + 9_000)[0]?.kind;
    expect(at(4)).toBe("send-wave");
    expect(at(5)).toBe("halt");
  });

  test("a wave of mostly offline devices is judged by those it was sent to", () => {
    const facts = factsOf(1, 40, { sent: 10, settled: 10, failed: 1, offline: 30 });
    expect(plan(campaignOf(WAVE_1), [facts], T0 + 1)[0]).toEqual({
      kind: "halt",
      reason: "wave 1: 1 of 10 (10 %) failed, the permit allows 5 %",
    });
  });

  test("devices that are away are waited for, and halt when the time is up", () => {
    const facts = [factsOf(1, 40, { sent: 40, settled: 35, away: 5 })];
    expect(plan(campaignOf(WAVE_1), facts, TIME_UP - 1)).toEqual([]);
    expect(plan(campaignOf(WAVE_1), facts, TIME_UP)).toEqual([
      { kind: "halt", reason: "wave 1: 5 of 40 (12.5 %) went away and did not come back, the permit allows 10 %" },
    ]);
  });

  test("a canary that nobody was heard of halts instead of going on without evidence", () => {
    const canary = campaignOf({ state: "canary", wave: 0, waveAtMs: T0 });
    const facts = [factsOf(0, 10, { offline: 10 })];
    expect(plan(canary, facts, T0 + 1)).toEqual([]);
    expect(plan(canary, facts, T0 + 80_010)).toEqual([
      { kind: "halt", reason: "wave 0: not one of 10 canaries has answered or come back (0 sent to, 10 offline)" },
    ]);
  });

  test("a wave of which nothing is known yet was sent to nobody", () => {
    const canary = campaignOf({ state: "canary", wave: 0, waveAtMs: T0 });
    expect(plan(canary, [], T0 + 80_009)).toEqual([]);
    expect(plan(canary, [], T0 + 80_010)).toEqual([
      { kind: "halt", reason: "wave 0: not one of 10 canaries has answered or come back (0 sent to, 0 offline)" },
    ]);
  });

  test("a halt that people have overruled does not fire again for the same wave, but does for the next", () => {
    const ill = { sent: 40, settled: 40, failed: 20 };
    expect(plan(campaignOf({ ...WAVE_1, waivedWave: 1 }), [factsOf(1, 40, ill)], T0 + 1)).toEqual([{ kind: "enter", state: "soaking" }]);
    expect(plan(campaignOf({ ...WAVE_1, wave: 2, waivedWave: 1 }), [factsOf(2, 40, ill)], T0 + 1)[0]?.kind).toBe("halt");
  });
});

describe("the depot", () => {
  const soaked = campaignOf({ ...WAVE_1, state: "soaking", soakingSinceMs: T0 });
  const at = (depot: { requests: number; errors: number; loadShare: number }) =>
    planWith(soaked, seen([factsOf(1, 40, healthy)], { depot }), T0 + 5_000)[0];

  test("that answers with errors halts, at its limit and with few requests it does not", () => {
    expect(at({ requests: 200, errors: 11, loadShare: 0 })).toEqual({
      kind: "halt",
      reason: "depot: 11 of 200 (5.5 %) requests were answered with an error of the depot, 5 % may be",
    });
    expect(at({ requests: 200, errors: 10, loadShare: 0 })?.kind).toBe("send-wave");
    expect(at({ requests: 99, errors: 99, loadShare: 0 })?.kind).toBe("send-wave");
  });

  test("that is loaded beyond what it bears keeps the next wave back without a halt, and so does another campaign", () => {
    expect(at({ requests: 0, errors: 0, loadShare: 1.01 })).toBeUndefined();
    expect(planWith(soaked, seen([factsOf(1, 40, healthy)], { waitsFor: "wc18 goes first" }), T0 + 5_000)).toEqual([]);
  });
});

describe("a release that its manufacturer takes back", () => {
  const at = (change: Partial<Campaign>, release: ReleaseChange, nowMs = T0 + 1) =>
    planWith(campaignOf(change), seen([], { release }), nowMs);

  test.each(["approved", "canary", "soaking", "sending", "done"] as const)("halts a campaign that is %s", (state) => {
    expect(at({ state }, "withdrawn")).toEqual([
      { kind: "halt", reason: "famousMaker famousModel 2.3.4 is withdrawn: the image repository does not name it any more" },
    ]);
    expect(at({ state }, "replaced")).toEqual([
      {
        kind: "halt",
        reason: "famousMaker famousModel 2.3.4 is another by now: the image repository names other bytes than the signed command",
      },
    ]);
  });

  test("halts a wave that people have waived too: the manufacturer is not overruled", () => {
    expect(at({ ...WAVE_1, waivedWave: 1 }, "withdrawn")[0]?.kind).toBe("halt");
  });

  test("changes nothing for a draft, which is not sent, and for one that is held or over", () => {
    for (const state of ["draft", "paused", "halted", "stopped", "cancelled", "expired"] as const)
      expect(at({ state }, "withdrawn")).toEqual([]);
    expect(at({ state: "done" }, "withdrawn", T0 + 3_600_000)).toEqual([]);
    expect(at({ state: "sending" }, "withdrawn", T0 + 3_600_000)).toEqual([{ kind: "expire" }]);
  });
});

describe("the end of the permit", () => {
  test.each(["draft", "approved", "canary", "soaking", "sending"] as const)("expires a campaign that is %s", (state) => {
    expect(plan(campaignOf({ state, wave: 1 }), [factsOf(1, 40, healthy)], T0 + 3_600_000)).toEqual([{ kind: "expire" }]);
  });

  test.each(["paused", "halted", "stopped", "cancelled", "done", "expired"] as const)("plans nothing for one that is %s", (state) => {
    expect(plan(campaignOf({ state, wave: 1 }), [factsOf(1, 40, healthy)], T0 + 3_600_000)).toEqual([]);
  });
});

const number = fc.oneof(fc.nat(300), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5));
const anyFacts: fc.Arbitrary<WaveFacts> = fc.record({
  index: fc.integer({ min: -2, max: 4 }),
  count: number,
  sent: number,
  away: number,
  settled: number,
  updated: number,
  failed: number,
  offline: number,
  lost: number,
  looping: number,
  watched: number,
});
const stop: Command = {
  action: "stop",
  target: { process: { name: "dvrHelper" } },
  args: { response_requested: "none", "x-iot": { not_after: T0 + 3_600_000, spread: 20_000 } },
  command_id: "wc17_9674308",
};
const anyCampaign = fc
  .record({
    state: fc.constantFrom(...CAMPAIGN_STATES),
    wave: fc.integer({ min: -1, max: 5 }),
    waveAtMs: number,
    soakingSinceMs: number,
    command: fc.constantFrom(campaignOf().command, stop),
    count: fc.nat(3),
  })
  .map(({ count, ...change }) => campaignOf({ ...change, waves: campaignOf().waves.slice(0, count) }));
const HELD: readonly CampaignState[] = ["draft", "paused", "halted", "stopped", "cancelled", "done", "expired"];

describe("for any campaign, facts and time", () => {
  test("planning never throws, never skips or repeats a wave, and sends nothing in a held state", () => {
    fc.assert(
      fc.property(
        anyCampaign,
        fc.array(anyFacts, { maxLength: 5 }),
        fc.oneof(number, fc.integer({ min: T0 - 10, max: T0 + 4_000_000 })),
        (campaign, facts, nowMs) => {
          const sends = plan(campaign, facts, nowMs).flatMap((step) => (step.kind === "send-wave" ? [step.wave] : []));
          expect(sends.length).toBeLessThanOrEqual(1);
          for (const wave of sends) {
            expect(HELD).not.toContain(campaign.state);
            expect(wave).toBe(campaign.wave + 1);
            expect(nowMs).toBeLessThan(campaign.permit.not_after);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
