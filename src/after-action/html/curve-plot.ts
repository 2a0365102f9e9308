/** A cumulative curve as inline SVG: a staircase, because devices come one by one, over the line of all that were targeted. Pure. */
import type { CurvePoint } from "../report-model.ts";
import { countText, devicesText, durationText } from "../wording.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { countMarks, secondMarks } from "./scale.ts";

export interface CurvePlot {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  /** Full height: devices targeted. */
  readonly top: number;
  readonly tone: "good" | "claim";
  readonly note: Content;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [520, 250, 56, 26, 14, 30];

export function curvePlot({ title, points, top, tone, note }: CurvePlot): Markup {
  const last = points.at(-1);
  if (last === undefined) return html`<section><h2>${title}</h2><p class="soft">No device yet.</p></section>`;
  const endSeconds = Math.max(last.seconds, 0.01);
  const x = (seconds: number) => round(LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / endSeconds);
  const y = (devices: number) => round(HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * devices) / Math.max(1, top));
  const stairs = points.map(({ seconds, devices }) => `H${x(seconds)}V${y(devices)}`).join("");
  const path = `M${x(0)} ${y(0)}${stairs}`;
  const described = `${title}: ${devicesText(last.devices)} of ${countText(top)} after ${durationText(last.seconds * 1000)}.`;
  return html`<section><h2>${title}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${described}">
${countMarks(top, 5).map(
  (devices) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(devices)}" y2="${y(devices)}"/>
<text x="${LEFT - 8}" y="${y(devices) + 4}" text-anchor="end">${countText(devices)}</text>`,
)}
${secondMarks(endSeconds, 6).map(
  (seconds) => html`
<text x="${x(seconds)}" y="${HEIGHT - 9}" text-anchor="middle">${axisTime(seconds)}</text>`,
)}
<line class="target" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(top)}" y2="${y(top)}"/>
<path class="area ${tone}-fill" d="${path}V${y(0)}Z"/><path class="curve ${tone}" d="${path}"/>
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(0)}" y2="${y(0)}"/>
</svg><p class="soft">${note}</p></section>`;
}

/** Short: it stands under an axis. */
function axisTime(seconds: number): string {
  if (seconds < 1 && seconds > 0) return `${round(seconds * 1000)} ms`;
  if (seconds < 120) return `${round(seconds)} s`;
  if (seconds < 7200) return `${round(seconds / 60)} min`;
  return seconds < 172_800 ? `${round(seconds / 3600)} h` : `${round(seconds / 86_400)} d`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
