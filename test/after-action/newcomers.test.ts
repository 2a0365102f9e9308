/** A report says who was not in the cohort: how many joined, when, and whom people had signed for, in every form. */
import { expect, test } from "bun:test";
import { renderPdf } from "../../src/after-action/pdf/render-pdf.ts";
import { renderHtml } from "../../src/after-action/render-html.ts";
import { renderTerminal } from "../../src/after-action/render-terminal.ts";
import type { Report } from "../../src/after-action/report-model.ts";
import { reportOf, sample } from "./sample.ts";
import { T0 } from "./world.ts";

function reportWith(query: string, joined: number): Report {
  const { campaign, ...input } = sample(20);
  const criteria = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4", query };
  const waves = [...campaign.waves, { index: 2, count: joined, isJoined: true as const }];
  const permit = { ...campaign.permit, newcomers: { count_max: 50, criteria } };
  return reportOf({ ...input, campaign: { ...campaign, permit, ...(joined > 0 && { waves, wave: 2, waveAtMs: T0 + 60_000 }) } });
}

const SENTENCE =
  '3 devices of at most 50 joined later, from 2026-03-01T03:01:00Z to 2026-03-01T03:01:00Z; those may that match {"vendor":"famousMaker","name":"famousModel","new_version":"2.3.4","query":"region==east"}';
const oneLine = (text: string) => text.replaceAll(/\s+/g, " ");

test("in a terminal and on a page, beside the waves with which they joined", async () => {
  const report = reportWith("region==east", 3);
  expect(report.waves[2]).toEqual({ index: 2, count: 3, responseRequested: "none", isJoined: true, orderedMs: T0 + 60_000 });
  const terminal = oneLine(renderTerminal(report, { columns: 120 }));
  expect(terminal).toContain(SENTENCE);
  expect(terminal).toContain("canary 2, 18, joined 3");
  const page = renderHtml(report);
  expect(page).toContain(SENTENCE.replaceAll('"', "&quot;"));
  expect(page).toContain("wave 2, joined");
  expect((await renderPdf(report)).length).toBeGreaterThan((await renderPdf(reportOf(sample(20)))).length);
});

test("nobody yet is said too, and nothing where nobody may", () => {
  expect(oneLine(renderTerminal(reportWith("region==east", 0), { columns: 120 }))).toContain("0 devices of at most 50 joined later; those");
  expect(renderTerminal(reportOf(sample(20)), { columns: 120 })).not.toContain("newcomers");
});

test("attack: criteria in the words of a terminal or a page stay words", () => {
  const report = reportWith("<script>alert(1)</script>\u001b]0;owned\u0007", 3);
  expect(renderTerminal(report, { columns: 120 })).not.toContain("\u001b");
  expect(renderHtml(report)).not.toContain("<script>alert(1)");
});
