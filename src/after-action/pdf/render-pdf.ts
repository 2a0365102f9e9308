/** The report as a PDF to be sent and filed: A4, selectable text, one curve, the counts and the first names. Small at any size. Pure. */
import { VERDICTS } from "../../fleet/verdict.ts";
import { headlineOf } from "../headline.ts";
import { PDF_NAMED_MAX, STRATA_SHOWN_MAX } from "../limits.ts";
import type { Report } from "../report-model.ts";
import { exposedRange, newcomersText, saidText, sentenceOf } from "../sentences.ts";
import { aimText, isStop, seenWords } from "../speech.ts";
import { meaningOf, nextOf } from "../verdict-facts.ts";
import { bytesText, countText, devicesText, durationText, percentText, timeText } from "../wording.ts";
import { drawCurve } from "./curve.ts";
import { Pages } from "./pages.ts";

/** The same report gives the same bytes. */
export async function renderPdf(report: Report): Promise<Uint8Array> {
  const { campaign, generatedMs } = report;
  const pages = await Pages.open({ title: `After-action of ${campaign.id}, as of ${timeText(generatedMs)}`, atMs: generatedMs });
  for (const part of [headline, verdicts, figures, curve, strata, names, decided, promises]) part(pages, report);
  return pages.bytes();
}

function headline(pages: Pages, report: Report): void {
  const { campaign, generatedMs } = report;
  const { verified, exposed, todo } = headlineOf(report);
  const state = campaign.reason === undefined ? campaign.state : `${campaign.state} (${campaign.reason})`;
  pages.text(`After-action: ${campaign.id}, ${aimText(campaign)}`, { size: 17, isBold: true });
  pages.text(`Tenant ${campaign.tenant}; ${state}; as of ${timeText(generatedMs)}`, { isSoft: true });
  pages.heading(verified);
  pages.text(exposed, { size: 11 });
  for (const line of todo) pages.text(`\u2022 ${line}`, { indent: 8 });
}

function verdicts(pages: Pages, { campaign, verdicts: counts, targeted }: Report): void {
  const widths = [0.18, -0.14, -0.1, 0.58];
  pages.heading("Verdicts");
  pages.row(["verdict", "devices", "share", "what it means"], widths, { isSoft: true });
  for (const name of VERDICTS) {
    const cells = [name, countText(counts[name]), percentText(counts[name], targeted), meaningOf(name, campaign)];
    pages.row(cells, widths, { isSoft: counts[name] === 0 });
  }
  pages.row(["targeted", countText(targeted), "", ""], widths, { isBold: true });
}

function figures(pages: Pages, report: Report): void {
  const { campaign, sent, downloads, exposureDeviceHours, upstreamBytesForNone } = report;
  const time = (ms: number | undefined) => (ms === undefined ? "-" : durationText(ms));
  pages.heading("Figures");
  const rows = [
    ["sent to", `${devicesText(sent.devices)}`],
    [
      "after the decision",
      `first ${time(sent.firstMs)}, median ${time(sent.medianMs)}, 99 % ${time(sent.p99Ms)}, last ${time(sent.lastMs)}`,
    ],
    ...(isStop(campaign.command)
      ? []
      : [["fetched", `${bytesText(downloads.bytes)}; ${devicesText(downloads.devicesComplete)} the whole release`]]),
    ["answers to none", `${countText(upstreamBytesForNone)} bytes`],
    ["exposure", `${exposureDeviceHours.toFixed(1)} device-hours since the decision`],
  ];
  for (const row of rows) pages.row(row, [0.2, 0.8]);
  pages.text(`${exposedRange(report)}; ${saidText(report)}.`, { isSoft: true });
}

function curve(pages: Pages, { campaign, patchedCurve, targeted }: Report): void {
  pages.heading(`Seen ${seenWords(campaign).join(" ")}, since the first send`);
  drawCurve(pages, patchedCurve, targeted);
}

function strata(pages: Pages, { strata: all }: Report): void {
  const shown = all.slice(0, STRATA_SHOWN_MAX);
  if (shown.length === 0) return;
  const widths = [0.24, 0.16, 0.16, -0.14, -0.12, 0.18];
  pages.heading("By model, version before, and region; most exposed first");
  pages.row(["model", "version", "region", "devices", "exposed", "  verified, 95 %"], widths, { isSoft: true });
  for (const { name, version, region, targeted, exposed, low, high } of shown) {
    const bounds = `  ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;
    pages.row([name, version, region, countText(targeted), countText(exposed), bounds], widths);
  }
  if (all.length > shown.length) pages.text(`${countText(all.length - shown.length)} more kinds are in the JSON report.`, { isSoft: true });
}

function names(pages: Pages, report: Report): void {
  const { named, generatedMs } = report;
  for (const { verdict, count, rows } of named) {
    pages.heading(`${verdict}: ${devicesText(count)}`);
    pages.text(nextOf(verdict, report), { isSoft: true });
    const shown = rows.slice(0, PDF_NAMED_MAX);
    for (const row of shown) {
      pages.text(row.id, { size: 8 });
      pages.text(sentenceOf(row, generatedMs), { size: 8, isSoft: true, indent: 12 });
    }
    if (count > shown.length)
      pages.text(`... and ${countText(count - shown.length)} more; the CSV and JSON lines name all.`, { isSoft: true });
  }
}

function decided(pages: Pages, report: Report): void {
  const { campaign, waves, ledgerHead, exposed } = report;
  const { permit } = campaign;
  if (exposed.followUpQuery !== undefined) {
    pages.heading("Follow-up: the next campaign's cohort query");
    pages.text(exposed.followUpQuery, { size: 8 });
  }
  pages.heading("Who decided what");
  pages.text(`Drafted by ${campaign.author} at ${timeText(campaign.draftedMs)}.`);
  pages.text(`Signed by ${campaign.signers.join(" and ") || "nobody"}; decided at ${timeText(campaign.decidedMs)}.`);
  const limit = `at most ${devicesText(permit.countMax)}, ${countText(permit.rateMaxPerSecond)} a second`;
  pages.text(`Permit: ${limit}, until ${timeText(permit.notAfterMs)}; cohort ${permit.cohortSha256}.`);
  const newcomers = newcomersText(report);
  if (newcomers !== undefined) pages.text(`Newcomers: ${newcomers}.`);
  for (const { index, count, responseRequested, orderedMs, isJoined } of waves) {
    const when = orderedMs === undefined ? "not ordered" : `ordered ${durationText(orderedMs - campaign.decidedMs)} after the decision`;
    const name = index === 0 ? "Canary" : `Wave ${index}${isJoined ? ", joined" : ""}`;
    pages.text(`${name}: ${devicesText(count)}, response ${responseRequested}, ${when}.`, {
      indent: 8,
    });
  }
  if (ledgerHead !== undefined) pages.text(`Ledger: entry ${ledgerHead.seq}, ${ledgerHead.hash}.`);
  pages.heading("The command, as it was sent");
  pages.text(JSON.stringify(campaign.command), { size: 8 });
}

function promises(pages: Pages, { notPromised }: Report): void {
  pages.heading("What is not promised");
  for (const text of notPromised) pages.text(`\u2022 ${text}`, { indent: 8 });
}
