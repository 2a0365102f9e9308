/** The terms of a draft, each at its last good value and one step beyond, and what a draft says only when there is something to say. */
import { describe, expect, test } from "bun:test";
import type { DraftInput } from "../../src/campaign/draft.ts";
import { NEWCOMERS_MAX, PERMIT_WINDOW_MAX_MS } from "../../src/campaign/limits.ts";
import { draftInput, draftOf } from "./people.ts";
import { T0 } from "./world.ts";

const HOURS = { from: 120, to: 240, zone: "Europe/Berlin" };
const HALT = { failed_share_max: 0, missing_share_max: 0 };

describe("the terms", () => {
  test.each<readonly [string, Partial<DraftInput>]>([
    ["a window of a millisecond, without a spread", { notAfterMs: T0 + 1, spreadMs: 0 }],
    ["the longest window", { notAfterMs: T0 + PERMIT_WINDOW_MAX_MS }],
    ["a beginning as late as a window is long", { notBeforeMs: T0 + PERMIT_WINDOW_MAX_MS, notAfterMs: T0 + PERMIT_WINDOW_MAX_MS + 6_000 }],
    ["a window that has begun", { notBeforeMs: T0 - 10_000, notAfterMs: T0 + 1 }],
    [
      "a beginning as far ahead as a window may last",
      { notBeforeMs: T0 + PERMIT_WINDOW_MAX_MS, notAfterMs: T0 + PERMIT_WINDOW_MAX_MS + 10_000 },
    ],
    ["a spread that ends with the window", { spreadMs: 3_599_999 }],
    ["a command in two seconds", { ratePerSecond: 0.5 }],
    ["no failure at all", { halt: HALT }],
    ["all of them", { halt: { failed_share_max: 1, missing_share_max: 1 } }],
    ["a single newcomer", { newcomersMax: 1 }],
    ["as many newcomers as a fleet has numbers", { newcomersMax: NEWCOMERS_MAX }],
  ])("may be %s", async (_, change) => {
    expect((await draftOf(20, change)).campaign.state).toBe("draft");
  });

  test.each<readonly [string, Partial<DraftInput>, string]>([
    ["a window of nothing", { notAfterMs: T0, spreadMs: 0 }, "would last 0 ms"],
    ["a window that ends before it begins", { notBeforeMs: T0 + 2, notAfterMs: T0 + 1, spreadMs: 0 }, "would last -1 ms"],
    ["a window of no time", { notAfterMs: Number.NaN }, "would last NaN ms"],
    ["a window beyond the longest", { notAfterMs: T0 + PERMIT_WINDOW_MAX_MS + 1 }, "at most 7776000000"],
    [
      "a beginning later than that",
      { notBeforeMs: T0 + PERMIT_WINDOW_MAX_MS + 1, notAfterMs: T0 + PERMIT_WINDOW_MAX_MS + 6_000 },
      "begin in 7776000001 ms",
    ],
    ["hours without a length", { hours: { ...HOURS, to: HOURS.from } }, "hours from minute 120 to minute 120 are none"],
    ["a window that is over", { notBeforeMs: T0 - 10_000, notAfterMs: T0 }, "end before it is signed"],
    [
      "a beginning beyond that",
      { notBeforeMs: T0 + PERMIT_WINDOW_MAX_MS + 1, notAfterMs: T0 + PERMIT_WINDOW_MAX_MS + 10_000 },
      "begin in 7776000001 ms",
    ],
    ["hours of no length", { hours: { from: 60, to: 60, zone: "UTC" } }, "from minute 60 to minute 60 are none"],
    ["a spread as long as the window", { spreadMs: 3_600_000 }, "does not fit the window"],
    ["a spread of parts of a millisecond", { spreadMs: 0.5 }, "does not fit the window"],
    ["a spread into the past", { spreadMs: -1 }, "does not fit the window"],
    ["a rate of nothing", { ratePerSecond: 0 }, "the rate is 0"],
    ["a rate without an end", { ratePerSecond: Number.POSITIVE_INFINITY }, "the rate is Infinity"],
    ["no newcomer at all, by a number", { newcomersMax: 0 }, "0 newcomers may join"],
    ["half a newcomer", { newcomersMax: 1.5 }, "1.5 newcomers may join"],
    ["more newcomers than there can be devices", { newcomersMax: NEWCOMERS_MAX + 1 }, "4294967297 newcomers may join"],
    ["a share below none", { halt: { ...HALT, failed_share_max: -0.01 } }, "failed_share_max is -0.01"],
    ["a share above all", { halt: { ...HALT, missing_share_max: 1.01 } }, "missing_share_max is 1.01"],
  ])("may not be %s", async (_, change, says) => {
    await expect(draftOf(20, change)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_TERMS", message: expect.stringContaining(says) });
  });

  test("of the permit are those that were given, or begin now", async () => {
    expect((await draftOf(20)).campaign.permit.not_before).toBe(T0);
    expect((await draftOf(20, { notBeforeMs: T0 + 5 })).campaign.permit.not_before).toBe(T0 + 5);
  });
});

test("newcomers are of the permit: how many, and the request by which the cohort was selected; nothing where none may join", async () => {
  const { campaign } = await draftOf(20, { newcomersMax: 5 });
  const criteria = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" };
  expect(campaign.permit).toMatchObject({ count_max: 20, newcomers: { count_max: 5, criteria } });
  expect((await draftOf(20)).campaign.permit).not.toHaveProperty("newcomers");
});

describe("a control group", () => {
  const ladder = { ...draftInput(300).ladder, controlCount: 6 };

  test("is the last wave, and the permit says how many it holds", async () => {
    const { campaign } = await draftOf(300, { ladder });
    expect(campaign.waves).toEqual([
      { index: 0, count: 10 },
      { index: 1, count: 40 },
      { index: 2, count: 160 },
      { index: 3, count: 84 },
      { index: 4, count: 6, isControl: true },
    ]);
    expect(campaign.permit).toMatchObject({ count_max: 300, control_count: 6 });
  });

  test.each([
    ["when all are canaries", 10, 6],
    ["when nobody is held back", 300, 0],
  ])("is not there %s", async (_, count, controlCount) => {
    const { campaign } = await draftOf(count, { ladder: { ...ladder, controlCount } });
    expect(campaign.waves.some((wave) => "isControl" in wave)).toBe(false);
    expect(campaign.permit).not.toHaveProperty("control_count");
  });
});

test("who ordered it and what was overridden stands in it when there is something to say, and nothing has been sent", async () => {
  const { campaign } = await draftOf(20);
  for (const name of ["orderedBy", "overrides", "priority", "hours"]) expect(campaign).not.toHaveProperty(name);
  expect(campaign.waveAtMs).toBe(0);
  for (const text of Object.values(campaign.messages)) expect(text).toMatch(/^[\w-]+$/);
  const said = { orderedBy: "soar.example", overrides: { POLICY_NEWER_RUNS: "our lab" }, priority: 2, hours: HOURS };
  expect((await draftOf(20, said)).campaign).toMatchObject(said);
});
