/** The parts of the page that are words: headline, figures, names, follow-up, who decided, what is not promised. Pure. */
import { headlineOf } from "../headline.ts";
import { SHOWN_ID_CHARACTERS_MAX } from "../limits.ts";
import { quoted } from "../quoted.ts";
import type { DeviceRow, Report } from "../report-model.ts";
import { exposedRange, newcomersText, saidText, sentenceOf } from "../sentences.ts";
import { isStop } from "../speech.ts";
import { meaningOf, nextOf, VERDICT_FACTS } from "../verdict-facts.ts";
import { bytesText, countText, devicesText, durationText, percentText, timeText } from "../wording.ts";
import { html, type Markup } from "./markup.ts";

export function headlineSection(report: Report): Markup {
  const { verified, exposed, good, todo } = headlineOf(report);
  const list = todo.length === 0 ? undefined : html`<ul>${todo.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`<section class="headline ${good ? "good" : ""}">
<p class="big">${verified}</p><p class="exposed">${exposed}</p>${list}</section>`;
}

export function figures(report: Report): Markup {
  const { campaign, sent, downloads, exposureDeviceHours, upstreamBytesForNone } = report;
  const time = (ms: number | undefined) => (ms === undefined ? "-" : durationText(ms));
  const tiles: readonly (readonly [string, string])[] = [
    ["devices sent to", countText(sent.devices)],
    ["first sent, after the decision", time(sent.firstMs)],
    ["half of them sent to", time(sent.medianMs)],
    ["99 % / all of them sent to", `${time(sent.p99Ms)} / ${time(sent.lastMs)}`],
    ...(isStop(campaign.command)
      ? []
      : ([
          ["fetched", bytesText(downloads.bytes)],
          ["fetched the whole release", countText(downloads.devicesComplete)],
        ] as const)),
    ["came up in answer to none", `${countText(upstreamBytesForNone)} bytes`],
    ["exposure, device-hours", exposureDeviceHours.toFixed(1)],
  ];
  return html`<dl class="tiles">${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="soft sentence">${exposedRange(report)}; ${saidText(report)}.</p>`;
}

export function namesSection(report: Report): Markup {
  const { named, generatedMs } = report;
  if (named.length === 0) return html``;
  return html`<section><h2>Devices that are not verified</h2>${named.map(
    ({
      verdict,
      count,
      rows,
    }) => html`<h3><span class="chip ${VERDICT_FACTS[verdict].tone}-bg"></span>${verdict}: ${devicesText(count)}</h3>
<p class="soft sentence">${meaningOf(verdict, report.campaign)}. ${nextOf(verdict, report)}</p>
<table class="names"><colgroup><col><col></colgroup><tbody>${rows.map((row) => nameRow(row, generatedMs))}</tbody></table>
${moreNames(count - rows.length)}`,
  )}</section>`;
}

function moreNames(count: number): Markup | undefined {
  return count > 0 ? html`<p class="soft">... and ${countText(count)} more; the CSV and JSON lines name all.</p>` : undefined;
}

function nameRow(row: DeviceRow, nowMs: number): Markup {
  return html`<tr><th scope="row" class="id">${quoted(row.id, SHOWN_ID_CHARACTERS_MAX)}</th><td>${sentenceOf(row, nowMs)}</td></tr>`;
}

export function followUpSection({ exposed }: Report): Markup {
  if (exposed.followUpQuery === undefined) return html``;
  return html`<section><h2>Follow-up: draft the next campaign with this cohort query</h2><pre>${exposed.followUpQuery}</pre></section>`;
}

export function decidedSection(report: Report): Markup {
  const { campaign, waves, ledgerHead, targeted } = report;
  const { permit } = campaign;
  const newcomers = newcomersText(report);
  const facts: readonly (readonly [string, string])[] = [
    ["drafted", `by ${campaign.author} at ${timeText(campaign.draftedMs)}`],
    ["signed", `by ${campaign.signers.join(" and ") || "nobody"}; decided at ${timeText(campaign.decidedMs)}`],
    [
      "permit",
      `at most ${devicesText(permit.countMax)}, ${countText(permit.rateMaxPerSecond)} a second, until ${timeText(permit.notAfterMs)}`,
    ],
    ["halts when", `${percent(permit.halt.failed_share_max)} of a wave failed or ${percent(permit.halt.missing_share_max)} went missing`],
    ["cohort", `${devicesText(targeted)}${campaign.query === undefined ? "" : `; ${campaign.query}`}`],
    ...(newcomers === undefined ? [] : [["newcomers", newcomers] as const]),
    ...(campaign.optOutOverride === undefined ? [] : [["opt-outs overridden", campaign.optOutOverride] as const]),
    ...waves.map((wave) => {
      const when = wave.orderedMs === undefined ? "" : `, ordered ${durationText(wave.orderedMs - campaign.decidedMs)} after the decision`;
      const sent = wave.sent === undefined ? "" : `, ${percentText(wave.sent, wave.count)} sent to`;
      const name = wave.index === 0 ? "canary" : `wave ${wave.index}${wave.isJoined ? ", joined" : ""}`;
      return [name, `${devicesText(wave.count)}, response ${wave.responseRequested}${when}${sent}`] as const;
    }),
    ...(ledgerHead === undefined ? [] : [["ledger", `entry ${ledgerHead.seq}, ${ledgerHead.hash}`] as const]),
  ];
  return html`<section><h2>Who decided what</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h2>The command, as it was sent</h2><pre>${JSON.stringify(campaign.command)}</pre></section>`;
}

export function promisesSection({ notPromised }: Report): Markup {
  return html`<section><h2>What is not promised</h2><ul>${notPromised.map((text) => html`<li>${text}</li>`)}</ul></section>`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
