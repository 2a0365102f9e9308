/** Kinds of devices compared: exposed counts, and the verified share with its interval drawn on one scale for all rows. Pure. */
import { STRATA_SHOWN_MAX } from "../limits.ts";
import type { Report, Stratum } from "../report-model.ts";
import { countText, percentText } from "../wording.ts";
import { html, type Markup } from "./markup.ts";

const [WIDTH, HEIGHT] = [220, 18];

export function strataSection({ strata }: Report): Markup {
  const shown = strata.slice(0, STRATA_SHOWN_MAX);
  if (shown.length === 0) return html``;
  // The scale starts where something can be told apart: 97 % and 99 % are far from each other in a fleet.
  const from = Math.min(0.95, Math.floor(Math.min(...shown.map((row) => row.low)) * 20) / 20);
  const hidden = strata.length - shown.length;
  const hiddenText = hidden > 0 ? `${countText(hidden)} more kinds are in the JSON report. ` : "";
  return html`<section><h2>By model, version before, and region</h2><div class="scroll"><table><thead><tr><th scope="col">model</th>
<th scope="col">version</th><th scope="col">region</th><th scope="col" class="n">devices</th><th scope="col" class="n">exposed</th>
<th scope="col" class="n">verified</th><th scope="col">verified share, 95 % interval, ${Math.round(from * 100)} to 100 %</th></tr></thead>
<tbody>${shown.map((row) => stratumRow(row, from))}</tbody></table></div>
<p class="soft">${hiddenText}Most exposed first. The interval (Wilson) takes these
devices as a sample of their kind.</p></section>`;
}

function stratumRow(row: Stratum, from: number): Markup {
  const x = (share: number) => (6 + ((WIDTH - 12) * (Math.max(from, share) - from)) / (1 - from)).toFixed(1);
  const middle = HEIGHT / 2;
  const interval = `${(100 * row.low).toFixed(1)} to ${(100 * row.high).toFixed(1)} %`;
  const share = row.verified / row.targeted;
  return html`<tr><td>${row.name}</td><td>${row.version}</td><td>${row.region}</td><td class="n">${countText(row.targeted)}</td>
<td class="n">${countText(row.exposed)}</td><td class="n">${percentText(row.verified, row.targeted)}</td>
<td><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${interval}" style="max-width:${WIDTH}px"><title>${interval}</title>
<line class="grid" x1="0" x2="${WIDTH}" y1="${middle}" y2="${middle}"/>
<line class="whisker" x1="${x(row.low)}" x2="${x(row.high)}" y1="${middle}" y2="${middle}"/>
<circle class="claim-fill" cx="${x(share)}" cy="${middle}" r="4.5"/></svg></td></tr>`;
}
