/** Several campaigns for one software: who goes first, who waits, who is over, and what holds for any of them. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CAMPAIGN_STATES, type Campaign } from "../../src/campaign/campaign.ts";
import { firstBefore, firstToBeDone, overlapText, type Rival, supersededBy, supersederOf } from "../../src/campaign/overlap.ts";
import { plan, waitsFor } from "../../src/campaign/plan.ts";
import { campaignOf, factsOf, seen, T0 } from "./world.ts";

const rivalOf = (change: Partial<Campaign>, where: Partial<Rival> = {}): Rival => ({
  campaign: campaignOf({ id: "other", state: "sending", wave: 1, releaseCounter: 3, ...change }),
  common: 50,
  isWithin: true,
  isAround: true,
  ...where,
});
const ours = (change: Partial<Campaign> = {}) => campaignOf({ id: "ours", releaseCounter: 3, createdMs: T0 + 10, ...change });
const planned = (campaign: Campaign, rival: Rival, nowMs = T0 + 20) => plan(campaign, seen([], { rivals: [rival] }), nowMs);

const CANARY = [
  { kind: "send-wave", wave: 0 },
  { kind: "enter", state: "canary" },
] as const;

describe("a newer release", () => {
  test.each(["approved", "canary", "soaking", "sending", "paused", "halted", "stopped", "done"] as const)(
    "ends an older campaign that is %s with its own first wave",
    (state) => {
      const supersede = { kind: "supersede", campaign: "other", by: "ours" } as const;
      expect(planned(ours({ releaseCounter: 4 }), rivalOf({ state }))).toEqual([supersede, ...CANARY]);
    },
  );

  test("leaves an older campaign alone that has still to reach devices outside its cohort; that one waits", () => {
    expect(planned(ours({ releaseCounter: 4 }), rivalOf({}, { isWithin: false }))).toEqual([...CANARY]);
    const newer = rivalOf({ releaseCounter: 4 }, { isAround: false });
    const soaked = ours({ state: "soaking", wave: 1, soakingSinceMs: T0 - 3_600_000 });
    expect(plan(soaked, seen([factsOf(1, 40, { sent: 40, settled: 40 })], { rivals: [newer] }), T0 + 20)).toEqual([]);
  });

  test("that has begun ends an older campaign that was approved after it", () => {
    expect(planned(ours(), rivalOf({ releaseCounter: 4 }))).toEqual([{ kind: "supersede", campaign: "ours", by: "other" }]);
  });

  test("that was halted does not: the older release may be the remedy", () => {
    expect(planned(ours(), rivalOf({ releaseCounter: 4, state: "halted" }))).toEqual([...CANARY]);
  });
});

describe("two campaigns for the same release", () => {
  test("the one that was drafted first goes first, and the other waits while it climbs", () => {
    for (const state of ["approved", "canary", "soaking", "sending"] as const) expect(planned(ours(), rivalOf({ state }))).toEqual([]);
    for (const state of ["paused", "halted", "done"] as const) expect(planned(ours(), rivalOf({ state }))).toEqual([...CANARY]);
  });

  test("a higher priority goes before an earlier draft", () => {
    expect(planned(ours({ priority: 5 }), rivalOf({}))).toEqual([...CANARY]);
    expect(planned(ours({ priority: 5 }), rivalOf({ priority: 6 }))).toEqual([]);
  });

  test("one whose permit has not begun holds nobody up", () => {
    const { permit } = campaignOf();
    expect(planned(ours(), rivalOf({ state: "approved", permit: { ...permit, not_before: T0 + 21 } }))).toEqual([...CANARY]);
  });
});

describe("a campaign that waits", () => {
  const loaded = (loadShare: number) => ({ depot: { requests: 0, errors: 0, loadShare } });

  test("says for what", () => {
    const says = (change: Parameters<typeof seen>[1]) => waitsFor(ours(), seen([], change), T0 + 20);
    expect(says(loaded(1.01))).toBe("the depot bears 101 % of what it can");
    expect(says(loaded(1))).toBeUndefined();
    expect(says({ rivals: [rivalOf({})] })).toBe("campaign other goes first: 50 devices are in both");
    expect(says({ waitsFor: "the night", ...loaded(2) })).toBe("the night");
  });

  test("ends no older one before its own first wave goes out", () => {
    expect(plan(ours({ releaseCounter: 4 }), seen([], { rivals: [rivalOf({})], ...loaded(2) }), T0 + 20)).toEqual([]);
  });
});

describe("a campaign that comes after another", () => {
  const first = (change: Partial<Campaign>) => [campaignOf({ id: "first", wave: 2, ...change })];

  test.each(CAMPAIGN_STATES.filter((state) => state !== "done"))("waits while that one is %s", (state) => {
    expect(firstToBeDone({ after: "first" }, first({ state }))).toBe(`campaign first has to be done first, and it is ${state}`);
  });

  test("does not wait for its newcomers: with its cohort it was done", () => {
    const waves = [...campaignOf().waves, { index: 3, count: 2, isJoined: true as const }];
    expect(firstToBeDone({ after: "first" }, first({ state: "sending", waves, wave: 3 }))).toBeUndefined();
    expect(firstToBeDone({ after: "first" }, first({ state: "halted", waves, wave: 3 }))).toContain("it is halted");
  });

  test("begins when it is done, and never when it is not there", () => {
    expect(firstToBeDone({ after: "first" }, first({ state: "done" }))).toBeUndefined();
    expect(firstToBeDone({ after: "first" }, [])).toContain("not there");
    expect(firstToBeDone({}, [])).toBeUndefined();
  });

  test("holds nobody up before it has begun: the one that it waits for might be among them", () => {
    const rival = { priority: 9, after: "ours" };
    expect(planned(ours(), rivalOf({ ...rival, state: "approved" }))).toEqual([...CANARY]);
    expect(planned(ours(), rivalOf({ ...rival, state: "canary" }))).toEqual([]);
  });
});

test("whoever is about to sign is told what becomes of whom", () => {
  const text = (campaign: Campaign, rival: Rival) => overlapText(campaign, rival).replace(/^.*: /, "");
  expect(overlapText(ours({ releaseCounter: 4 }), rivalOf({}))).toBe(
    "50 devices are in other too (2.3.4, sending): this one supersedes it, it sends nothing more",
  );
  expect(text(ours(), rivalOf({ releaseCounter: 4 }))).toBe("it supersedes this one, which will send nothing");
  expect(text(ours(), rivalOf({}))).toBe("it goes first");
  expect(text(ours({ priority: 1 }), rivalOf({}))).toBe("this one goes first, it waits");
  expect(text(ours(), rivalOf({ state: "done" }))).toBe("it sends no further wave");
  const criteria = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" };
  const open = { ...campaignOf().permit, newcomers: { count_max: 5, criteria } };
  expect(text(ours(), rivalOf({ state: "done", permit: open }))).toBe("it sends to devices that appear later, and to no others");
});

const anyCampaign = fc
  .record({
    id: fc.constantFrom("a", "b", "c"),
    state: fc.constantFrom(...CAMPAIGN_STATES),
    createdMs: fc.nat(3),
    priority: fc.option(fc.nat(2), { nil: undefined }),
    releaseCounter: fc.option(fc.nat(2), { nil: undefined }),
  })
  .map(({ priority, releaseCounter, ...change }) =>
    campaignOf({ ...change, ...(priority !== undefined && { priority }), ...(releaseCounter !== undefined && { releaseCounter }) }),
  );

describe("for any two campaigns", () => {
  test("they never wait for one another, and never supersede one another", () => {
    fc.assert(
      fc.property(anyCampaign, anyCampaign, fc.boolean(), fc.boolean(), (one, other, isWithin, isAround) => {
        fc.pre(one.id !== other.id);
        const seenByOne: Rival = { campaign: other, common: 1, isWithin, isAround };
        const seenByOther: Rival = { campaign: one, common: 1, isWithin: isAround, isAround: isWithin };
        const isWaiting = [firstBefore(one, [seenByOne], T0), firstBefore(other, [seenByOther], T0)].map((first) => first !== undefined);
        expect(isWaiting).not.toEqual([true, true]);
        const isOver = [supersededBy(one, [seenByOne]).length > 0, supersededBy(other, [seenByOther]).length > 0];
        expect(isOver).not.toEqual([true, true]);
        if (supersederOf(one, [seenByOne]) !== undefined) expect(isOver[0]).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});
