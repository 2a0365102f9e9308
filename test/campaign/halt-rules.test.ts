/** The halt rules one by one, at their limits; how they act together in a wave is plan.test.ts. */
import { describe, expect, test } from "bun:test";
import { canaryIsSilent, depotFails, tooManyFailed, tooManyMissing } from "../../src/campaign/halt-rules.ts";
import { factsOf } from "./world.ts";

const RULES = { failed_share_max: 0.1, missing_share_max: 0.2 };
const NONE = { failed_share_max: 0, missing_share_max: 0 };

describe("too many failed", () => {
  test("of the whole wave while it is under way, of those sent to when it is over", () => {
    const facts = factsOf(1, 40, { sent: 30, failed: 4 });
    expect(tooManyFailed(facts, RULES, false)).toBeUndefined();
    expect(tooManyFailed(facts, RULES, true)).toBe("wave 1: 4 of 30 (13.3 %) failed, the permit allows 10 %");
  });

  test("when none may, and none did, is not so", () => {
    expect(tooManyFailed(factsOf(1, 40, { sent: 40 }), NONE, true)).toBeUndefined();
    expect(tooManyFailed(factsOf(1, 40, { sent: 40, failed: 1 }), NONE, true)).toContain("1 of 40 (2.5 %)");
  });
});

describe("too many are missing", () => {
  test("counts the lost, and all that are away once the time is up", () => {
    const facts = factsOf(1, 40, { sent: 20, lost: 4, away: 5 });
    expect(tooManyMissing(facts, RULES, false)).toBeUndefined();
    expect(tooManyMissing(facts, RULES, true)).toBe("wave 1: 5 of 20 (25 %) went away and did not come back, the permit allows 20 %");
  });

  test("says no share of nobody, and all of one", () => {
    expect(tooManyMissing(factsOf(1, 40, { lost: 1 }), RULES, false)).toStartWith("wave 1: 1 of 0 went away");
    expect(tooManyMissing(factsOf(1, 40, { sent: 1, lost: 1 }), RULES, false)).toStartWith("wave 1: 1 of 1 (100 %) went away");
  });
});

test("a canary is silent until the first settles; a later wave never is", () => {
  expect(canaryIsSilent(factsOf(0, 10, { sent: 8, offline: 2 }))).toBe(
    "wave 0: not one of 10 canaries has answered or come back (8 sent to, 2 offline)",
  );
  expect(canaryIsSilent(factsOf(0, 10, { sent: 8, settled: 1 }))).toBeUndefined();
  expect(canaryIsSilent(factsOf(0, 10, { settled: Number.NaN }))).toStartWith("wave 0");
  expect(canaryIsSilent(factsOf(1, 40, { sent: 40 }))).toBeUndefined();
});

test("the depot is judged from its hundredth request on", () => {
  expect(depotFails({ requests: 100, errors: 6, loadShare: 0 })).toBe(
    "depot: 6 of 100 (6 %) requests were answered with an error of the depot, 5 % may be",
  );
  expect(depotFails({ requests: 100, errors: 5, loadShare: 0 })).toBeUndefined();
  expect(depotFails({ requests: 99, errors: 99, loadShare: 0 })).toBeUndefined();
});
