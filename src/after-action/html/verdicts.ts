/** The verdicts: one bar in which every verdict that occurs can be seen, and the table that gives its numbers. Pure. */
import { VERDICTS } from "../../fleet/verdict.ts";
import type { Report } from "../report-model.ts";
import { meaningOf, VERDICT_FACTS } from "../verdict-facts.ts";
import { countText, devicesText, percentText } from "../wording.ts";
import { html, type Markup } from "./markup.ts";

const [WIDTH, HEIGHT, GAP] = [1000, 34, 3];
/** Units of the bar's 1,000: one device of a million must still be seen, since it is the one that is looked for. */
const SLIVER_WIDTH = 7;

export function verdictsSection(report: Report): Markup {
  const { targeted } = report;
  const rows = VERDICTS.map((name) => {
    const count = report.verdicts[name];
    const { tone } = VERDICT_FACTS[name];
    return html`<tr class="${count === 0 ? "none" : ""}"><th scope="row"><span class="chip ${tone}-bg"></span>${name}</th>
<td class="n">${countText(count)}</td><td class="n">${percentText(count, targeted)}</td><td>${meaningOf(name, report.campaign)}</td></tr>`;
  });
  return html`<section><h2>Verdicts</h2>${verdictBar(report)}
<table><thead><tr><th scope="col">verdict</th><th scope="col" class="n">devices</th><th scope="col" class="n">share</th>
<th scope="col">what it means</th></tr></thead><tbody>${rows}</tbody>
<tfoot><tr><th scope="row">targeted</th><td class="n">${countText(targeted)}</td><td></td><td></td></tr></tfoot></table></section>`;
}

function verdictBar({ verdicts, targeted }: Report): Markup {
  const shown = VERDICTS.filter((name) => verdicts[name] > 0);
  const room = WIDTH - GAP * (shown.length - 1) - SLIVER_WIDTH * shown.length;
  let x = 0;
  const parts = shown.map((name) => {
    const width = SLIVER_WIDTH + (room * verdicts[name]) / Math.max(1, targeted);
    const part = html`<rect class="${VERDICT_FACTS[name].tone}-fill"
x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${HEIGHT}" rx="3">
<title>${name}: ${devicesText(verdicts[name])}</title></rect>`;
    x += width + GAP;
    return part;
  });
  const described = shown.map((name) => `${name} ${countText(verdicts[name])}`).join(", ");
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${described}" style="margin-bottom:16px">${parts}</svg>`;
}
