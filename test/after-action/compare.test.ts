/** Two campaigns side by side: the same definitions, differences with bounds, and what may be chance. */
import { expect, test } from "bun:test";
import { compareReports } from "../../src/after-action/compare.ts";
import { renderComparison } from "../../src/after-action/render-comparison.ts";
import type { Report } from "../../src/after-action/report-model.ts";
import { reportOf, sample } from "./sample.ts";
import { T0 } from "./world.ts";

function failing(count: number, failed: number): Report {
  const input = sample(count);
  return reportOf({
    ...input,
    verdicts: input.targets.map(({ ordinal }) => ({ ordinal, verdict: ordinal < failed ? "failed" : "verified", because: "" })),
  });
}

test("a difference that chance does not explain has bounds on one side of zero", () => {
  const { shares, campaigns } = compareReports(failing(1_000, 10), failing(1_000, 50));
  const failed = shares.find(({ name }) => name === "failed or rolled back");
  expect(failed).toMatchObject({ first: 0.01, second: 0.05 });
  expect(failed?.difference).toBeCloseTo(0.04, 9);
  expect(failed?.low).toBeGreaterThan(0);
  expect(campaigns.map(({ targeted, ageMs }) => [targeted, ageMs])).toEqual([
    [1_000, 600_000],
    [1_000, 600_000],
  ]);
  const text = renderComparison(compareReports(failing(1_000, 10), failing(1_000, 50)));
  expect(text).toMatch(/failed or rolled back +1\.00 % +5\.00 % {2}\+4\.00 points \(\+2\.\d\d to \+5\.\d\d\)\n/);
});

test("one that chance may explain is said to be that", () => {
  const text = renderComparison(compareReports(failing(1_000, 10), failing(1_000, 13)));
  expect(text).toMatch(/failed or rolled back .* \+0\.30 points \(-\d\.\d\d to \+\d\.\d\d\), may be chance\n/);
});

test("turned round it is the same with the other sign", () => {
  const there = compareReports(failing(500, 5), failing(800, 60)).shares;
  const back = compareReports(failing(800, 60), failing(500, 5)).shares;
  for (const [index, share] of there.entries()) {
    const other = back[index];
    expect(share.difference).toBeCloseTo(-(other?.difference ?? Number.NaN), 12);
    expect(share.low).toBeCloseTo(-(other?.high ?? Number.NaN), 12);
  }
});

test("figures that a campaign has not are a dash, and none is made up", () => {
  const nobody = reportOf(sample(3, { evidence: [], verdicts: [0, 1, 2].map((ordinal) => ({ ordinal, verdict: "stale", because: "" })) }));
  const comparison = compareReports(reportOf(sample(1000)), nobody);
  const lastSent = comparison.figures.find(({ name }) => name === "decision to last sent");
  expect([lastSent?.first, lastSent?.second]).toEqual([1_000, undefined]);
  expect(renderComparison(comparison)).toMatch(/decision to last sent +1\.0 s +-\n/);
});

test("campaigns of different sizes are compared by device, and an empty one divides by nothing", () => {
  const exposure = compareReports(failing(10, 10), failing(1_000, 1_000)).figures.at(-1);
  expect(exposure?.first).toBeCloseTo(exposure?.second ?? Number.NaN, 9);
  expect(JSON.stringify(compareReports(reportOf(sample(0)), reportOf(sample(0))))).not.toContain("null");
});

test("what is no report of this schema is refused", () => {
  const old = { ...reportOf(sample(1)), schema: "edict.report/1" as const } as object as Report;
  expect(() => compareReports(reportOf(sample(1)), old)).toThrow(expect.objectContaining({ code: "ERR_AFTER_ACTION_COMPARE" }));
});

test("the moment is that of the reports, not of the comparison", () => {
  expect(compareReports(reportOf(sample(1, { nowMs: T0 + 5_000 })), reportOf(sample(1))).campaigns[0].ageMs).toBe(5_000);
});
