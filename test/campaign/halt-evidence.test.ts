/** Commanded against control: a million devices under the real planner, healthy ones and bad patches, each second of the campaign. */
import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../lab/story/random.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { failsTooOften, worseThanControl } from "../../src/campaign/halt-evidence.ts";
import { plan } from "../../src/campaign/plan.ts";
import type { WaveFacts } from "../../src/campaign/plan-types.ts";
import { defaultLadder, waveSizes } from "../../src/campaign/wave-order.ts";
import { campaignOf, factsOf, seen, T0 } from "./world.ts";

const MILLION = 1_000_000;
/** Share of devices that are gone for reasons of their own. */
const BACKGROUND = 0.005;
/** Commanded devices are away from here on until they return, a minute or two after the command; both in seconds. */
const LEAVE_SECONDS = 40;
const RETURN_SECONDS = [60, 120] as const;

interface Outcome {
  readonly state: Campaign["state"];
  readonly reason: string;
  readonly commanded: number;
  /** When the last wave but the control group was ordered. */
  readonly climbedSeconds: number;
}

/** Plays an emergency campaign; `bricked` (0..1) of those who install never come back. */
function play(bricked: number, seed: number): Outcome {
  const random = seededRandom(seed);
  const ladder = defaultLadder(MILLION, { lane: "emergency" });
  const sizes = waveSizes(MILLION, ladder);
  const { permit } = campaignOf();
  let campaign = campaignOf({
    ladder,
    targeted: MILLION,
    waves: sizes.map((count, index) => ({ index, count })),
    permit: { ...permit, count_max: MILLION, rate_max_per_second: 50_000, not_after: T0 + 86_400_000 },
  });
  const waves: { readonly atSecond: number; readonly gone: number; readonly back: Uint32Array }[] = [];
  let climbedSeconds = 0;
  for (let second = 0; second < 3_600; second += 1) {
    const facts = waves.map((wave, index) => look(wave, index, second));
    const commanded = waves.reduce((sum, _, index) => sum + (sizes[index] ?? 0), 0);
    const watched = MILLION - commanded;
    const control = { watched, lost: Math.round(watched * BACKGROUND), looping: 0 };
    for (const step of plan(campaign, { waves: facts, control }, T0 + second * 1_000)) {
      if (step.kind === "halt") return { state: "halted", reason: step.reason, commanded, climbedSeconds };
      if (step.kind === "finish") return { state: "done", reason: "", commanded, climbedSeconds };
      if (step.kind === "enter") campaign = { ...campaign, state: step.state, soakingSinceMs: T0 + second * 1_000 };
      if (step.kind === "send-wave") {
        waves.push(send(sizes[step.wave] ?? 0, second));
        campaign = { ...campaign, wave: step.wave, waveAtMs: T0 + second * 1_000 };
        if (step.wave === sizes.length - 2) climbedSeconds = second;
      }
    }
  }
  return { state: campaign.state, reason: "it never ended", commanded: 0, climbedSeconds };

  function send(count: number, atSecond: number) {
    const back = new Uint32Array(RETURN_SECONDS[1] + 1);
    let gone = 0;
    for (let device = 0; device < count; device += 1) {
      const second = RETURN_SECONDS[0] + Math.floor(random() * (RETURN_SECONDS[1] - RETURN_SECONDS[0] + 1));
      if (random() < bricked || random() < BACKGROUND) gone += 1;
      else back[second] = (back[second] ?? 0) + 1;
    }
    return { atSecond, gone, back };
  }

  function look({ atSecond, gone, back }: (typeof waves)[number], index: number, second: number): WaveFacts {
    const age = second - atSecond;
    const count = sizes[index] ?? 0;
    const settled = back.subarray(0, Math.max(0, age + 1)).reduce((sum, returned) => sum + returned, 0);
    const lost = age * 1_000 >= LEAVE_SECONDS * 1_000 + ladder.lostAfterMs ? gone : 0;
    const away = age >= LEAVE_SECONDS ? count - settled : 0;
    return factsOf(index, count, { sent: count, settled, updated: settled, away, lost, watched: settled + lost });
  }
}

describe("an emergency to a million devices", () => {
  test("that are healthy is through its ladder in less than ten minutes, in ten worlds of ten", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { state, climbedSeconds, reason } = play(0, seed);
      expect([state, reason]).toEqual(["done", ""]);
      expect(climbedSeconds).toBeLessThan(600);
    }
  });

  test("halts before 1 % is commanded when the patch kills 1 %, with the figures", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { state, commanded, reason } = play(0.01, seed);
      expect(state).toBe("halted");
      expect(commanded).toBeLessThan(MILLION * 0.01);
      expect(reason).toMatch(/^\d+ of \d+ commanded devices .*of the control group \d+ of \d+/);
    }
  });

  test("halts before 0.1 % is commanded when the patch kills them all", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { state, commanded } = play(1, seed);
      expect(state).toBe("halted");
      expect(commanded).toBeLessThan(MILLION * 0.001);
    }
  });
});

describe("commanded against control", () => {
  const commanded = (lost: number, looping = 0) => [
    factsOf(0, 1_000, { sent: 1_000, settled: 1_000 - lost, lost, looping, watched: 1_000 }),
  ];

  test("a region without power strikes both alike and is no reason to halt", () => {
    const facts = seen(commanded(200), { control: { watched: 50_000, lost: 10_000, looping: 0 } });
    expect(worseThanControl(facts.waves, facts)).toBeUndefined();
  });

  test("boot loops count as much as losses", () => {
    const facts = seen(commanded(0, 40), { control: { watched: 50_000, lost: 0, looping: 100 } });
    expect(worseThanControl(facts.waves, facts)).toBe(
      "40 of 1000 commanded devices (4 %) are gone or start again and again: 0 lost, 40 looping; " +
        "of the control group 100 of 50000 (0.2 %), so 2 were expected; alpha 1 %",
    );
  });

  test("one kind of device among many is seen by itself", () => {
    const sick = {
      name: "hardware r2",
      commanded: { watched: 50, lost: 15, looping: 0 },
      control: { watched: 5_000, lost: 20, looping: 0 },
    };
    const facts = seen(commanded(0), { control: { watched: 50_000, lost: 0, looping: 0 }, kinds: [sick] });
    expect(worseThanControl(facts.waves, facts)).toContain("(hardware r2)");
  });

  test("without a control group nothing is concluded", () => {
    const facts = seen(commanded(400));
    expect(worseThanControl(facts.waves, facts)).toBeUndefined();
  });

  test("failures beyond what the permit allows halt as soon as chance is excluded", () => {
    const rules = { failed_share_max: 0.05, missing_share_max: 0.1 };
    const at = (failed: number) => failsTooOften([factsOf(0, 1_000, { sent: 100, settled: failed, failed })], rules);
    expect(at(7)).toBeUndefined();
    expect(at(25)).toBe("25 of 100 commanded devices (25 %) failed, the permit allows 5 %; alpha 1 %");
  });
});
