/** The report of a campaign that stops a process: the same report, in words that fit, and a follow-up that stops it again. */
import { describe, expect, test } from "bun:test";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { contextOf } from "../../src/after-action/case-file.ts";
import { compareReports } from "../../src/after-action/compare.ts";
import { renderCra } from "../../src/after-action/cra/render-cra.ts";
import { campaignOf as readCampaign, toLine } from "../../src/after-action/export-lines.ts";
import { followUpOf } from "../../src/after-action/follow-up.ts";
import { judge } from "../../src/after-action/judge.ts";
import { renderComparison } from "../../src/after-action/render-comparison.ts";
import { renderHtml } from "../../src/after-action/render-html.ts";
import { renderTerminal } from "../../src/after-action/render-terminal.ts";
import { ReportBuilder } from "../../src/after-action/report-builder.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { campaignOf, reportOf, sample } from "./sample.ts";
import { lastCommand, stopAnswer, stopCheckIn } from "./stop-world.ts";
import { connected, gone, OURS, sent, T0 } from "./world.ts";

const QUERY = "vendor==famousMaker;name==famousModel";
const limits = { not_after: T0 + 3_600_000, spread: 0 };
const campaign: Campaign = {
  ...campaignOf(4),
  command: {
    action: "stop",
    target: { process: { name: "dvrHelper" } },
    args: { response_requested: "none", "x-iot": { ...limits, grace: 500 } },
    command_id: OURS,
  },
  request: { tenant: "isp", query: QUERY },
};
const STORIES: readonly ((ordinal: number) => readonly Evidence[])[] = [
  (o) => [stopAnswer(30, { processes: 0 }, o)],
  (o) => [stopAnswer(20, { processes: 0 }, o), stopAnswer(30, { processes: 1, last: lastCommand("done") }, o)],
  (o) => [stopCheckIn(10, lastCommand("done"), 5, o)],
  (o) => [gone(2, o)],
];

function stopReport() {
  const file = { campaign, orders: [], ledger: { decidedMs: T0 } };
  const context = contextOf(file, T0 + 600_000, 60_000);
  const builder = new ReportBuilder(file, context);
  for (const device of sample(4).targets) {
    const { ordinal } = device;
    const before = [connected(-60, ordinal), stopCheckIn(-59, undefined, 5, ordinal), sent(1, OURS, ordinal)];
    const evidence = [...before, ...(STORIES[ordinal]?.(ordinal) ?? [])];
    builder.add(device, evidence, judge(device, evidence, context));
  }
  return builder.finish({ isChecked: false });
}

const report = stopReport();

test("counts add up, and a device is safe from when it was asked or said so", () => {
  expect(report.verdicts).toMatchObject({ verified: 1, failed: 1, reported: 1, unreachable: 1 });
  expect(report.campaign).not.toHaveProperty("newVersion");
  expect(report.patchedCurve.at(-1)).toEqual({ seconds: 29, devices: 2 });
  expect(report.exposed).toMatchObject({ count: 2 });
});

describe("its words", () => {
  test("in a terminal and as a page speak of the process, and of nothing that is fetched", () => {
    const page = renderHtml(report);
    const text = renderTerminal(report, { columns: 100 });
    expect(text).toContain(`to stop the process dvrHelper`);
    expect(text).toContain("SEEN WITHOUT THE PROCESS dvrHelper, since the first send");
    expect(text).toContain("FAILED  1 device: says that it could not stop the process, or runs it again");
    expect(page).toContain("Seen without the process dvrHelper");
    for (const rendered of [text, page]) expect(rendered).not.toMatch(/version 2\.3\.4|fetched|undefined/);
  });

  test("for the Cyber Resilience Act name it as a measure, and leave the update to a person", () => {
    const cra = renderCra(report);
    expect(cra).toContain("Measures taken: an order to stop the process dvrHelper was decided at");
    expect(cra).toContain("(iii) Security update made available: **[fill in:");
    expect(cra).toContain("Product: famousModel");
    expect(cra).not.toMatch(/undefined|SHA-256/);
  });

  test("beside an update's in a comparison", () => {
    const text = renderComparison(compareReports(report, reportOf(sample(4))));
    expect(text).toContain("to stop the process dvrHelper");
    expect(text).toContain("to version 2.3.4");
  });
});

test("a process that is known by its digest is called by it", () => {
  const target = { process: { executable: { hashes: { sha256: "AB12" } } } };
  const other = { ...report, campaign: { ...report.campaign, command: { ...report.campaign.command, target } } };
  expect(renderTerminal(other, { columns: 100 })).toContain("to stop the process sha256 AB12");
});

test("the follow-up is the same stop with an id of its own, to those exposed, or to everybody again", () => {
  const { command, query, laterQuery } = followUpOf(report);
  const args = { response_requested: "none", "x-iot": { grace: 500 } } as const;
  expect(command).toEqual({ action: "stop", target: { process: { name: "dvrHelper" } }, args, command_id: `${OURS}-f1` });
  expect(query).toMatch(/^id=in=\("[^"]+1","[^"]+3"\)$/);
  expect(laterQuery).toBe(QUERY);
});

test("an export of it is read back as it was written", () => {
  expect(toLine(readCampaign(toLine(campaign)))).toBe(toLine(campaign));
});
