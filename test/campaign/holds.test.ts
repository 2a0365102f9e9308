/** What a hold does to a campaign, and which resume is about which hold. */
import { describe, expect, test } from "bun:test";
import { checkResume, goOn, held, reasonOf } from "../../src/campaign/holds.ts";
import { REASON_CHARACTERS_MAX, STATEMENT_AHEAD_MAX_MS } from "../../src/campaign/limits.ts";
import { campaignOf, T0 } from "./world.ts";

const resumeAt = (atMs: number) => ({ campaign_id: "wc17_9674309", at_ms: atMs, reason: "seen", persons: [] });
const statement = expect.objectContaining({ code: "ERR_CAMPAIGN_STATEMENT" });

describe("a campaign", () => {
  test("that is held says since when and why, and nothing else of it changes", () => {
    const sending = campaignOf({ state: "sending", wave: 1 });
    expect(held(sending, "stopped", "smoke", T0 + 5)).toEqual({ ...sending, state: "stopped", reason: "smoke", heldMs: T0 + 5 });
  });

  test.each([
    [-1, "approved"],
    [0, "canary"],
    [1, "sending"],
    [2, "sending"],
  ] as const)("held in wave %d goes on as %s, and soaks anew", (wave, state) => {
    const paused = campaignOf({ state: "paused", wave, reason: "smoke", heldMs: T0, soakingSinceMs: T0 });
    const { reason: _reason, soakingSinceMs: _soaking, ...rest } = paused;
    expect(goOn(paused, T0 + 9)).toEqual({ ...rest, state, resumedMs: T0 + 9 });
  });

  test("that a rule halted is not halted again for the wave that people saw", () => {
    expect(goOn(campaignOf({ state: "halted", wave: 1 }), T0)).toMatchObject({ state: "sending", waivedWave: 1 });
    expect(goOn(campaignOf({ state: "paused", wave: 1 }), T0)).not.toHaveProperty("waivedWave");
  });
});

describe("a resume", () => {
  const halted = campaignOf({ state: "halted", heldMs: T0 });

  test("attack: one that was signed before the hold is a replay", () => {
    checkResume(halted, resumeAt(T0), T0);
    expect(() => checkResume(halted, resumeAt(T0 - 1), T0)).toThrow(statement);
  });

  test("attack: one from the future could be used for a later hold", () => {
    expect(STATEMENT_AHEAD_MAX_MS).toBe(300_000);
    checkResume(halted, resumeAt(T0 + 300_000), T0);
    expect(() => checkResume(halted, resumeAt(T0 + 300_001), T0)).toThrow(statement);
  });

  test("of a campaign of which nobody knows when it was held may be of any time before now", () => {
    checkResume(campaignOf({ state: "paused" }), resumeAt(0), T0);
  });
});

test("a stop is never refused because it is explained at length", () => {
  expect(REASON_CHARACTERS_MAX).toBe(500);
  expect(reasonOf({ reason: "x".repeat(501) })).toBe("x".repeat(500));
});
