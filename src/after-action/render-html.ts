/**
 * The report as one HTML page that needs nothing else: no requests, no scripts, plots as inline SVG, light, dark and paper. Everything is
 * escaped by the template it goes through (html/markup.ts), and the page forbids itself scripts and requests all the same. Pure.
 */
import { curvePlot } from "./html/curve-plot.ts";
import { html } from "./html/markup.ts";
import { decidedSection, figures, followUpSection, headlineSection, namesSection, promisesSection } from "./html/sections.ts";
import { strataSection } from "./html/strata.ts";
import { STYLE } from "./html/style.ts";
import { verdictsSection } from "./html/verdicts.ts";
import type { Report } from "./report-model.ts";
import { aimText, seenWords } from "./speech.ts";
import { devicesText, timeText } from "./wording.ts";

/** A whole document. */
export function renderHtml(report: Report): string {
  const { campaign, targeted, sent, patchedCurve } = report;
  const state = campaign.reason === undefined ? campaign.state : `${campaign.state} (${campaign.reason})`;
  const patched = patchedCurve.at(-1)?.devices ?? 0;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>After-action of ${campaign.id}</title>
${STYLE}</head><body><main>
<header><h1>After-action: ${campaign.id}, ${aimText(campaign)}</h1>
<p>Tenant ${campaign.tenant}; ${state}; as of ${timeText(report.generatedMs)}</p></header>
${headlineSection(report)}
${figures(report)}
${verdictsSection(report)}
<div class="pair">
${curvePlot({
  title: `Seen ${seenWords(campaign).join(" ")}, since the first send`,
  points: patchedCurve,
  top: targeted,
  tone: "good",
  note: `${devicesText(patched)} seen; the dashed line is all that were targeted.`,
})}
${curvePlot({
  title: "Sent to, since the first send",
  points: sent.curve,
  top: targeted,
  tone: "claim",
  note: "Sent is what the kernel took for the device's channel, not what was received.",
})}
</div>
${namesSection(report)}
${followUpSection(report)}
${strataSection(report)}
${decidedSection(report)}
${promisesSection(report)}
</main></body></html>
`.text;
}
