/** A cumulative curve on a page: a staircase under the line of all that were targeted, as in the HTML page. Pure. */
import { rgb } from "@cantoo/pdf-lib";
import { countMarks, secondMarks } from "../html/scale.ts";
import type { CurvePoint } from "../report-model.ts";
import { countText, durationText } from "../wording.ts";
import type { Pages } from "./pages.ts";

const [HEIGHT, LEFT, BOTTOM, TOP] = [150, 60, 22, 8];
const LINE = rgb(0.8, 0.82, 0.85);
const CURVE = rgb(0.11, 0.54, 0.35);
const TARGET = rgb(0.36, 0.4, 0.45);
const LABEL = { size: 7, color: TARGET } as const;

/** `top`: devices at full height. */
export function drawCurve(pages: Pages, points: readonly CurvePoint[], top: number): void {
  const last = points.at(-1);
  if (last === undefined) {
    pages.text("No device yet.", { isSoft: true });
    return;
  }
  const { page, x: left, y: bottom } = pages.box(HEIGHT);
  const endSeconds = Math.max(last.seconds, 0.01);
  const x = (seconds: number) => left + LEFT + ((pages.width - LEFT) * seconds) / endSeconds;
  const y = (devices: number) => bottom + BOTTOM + ((HEIGHT - BOTTOM - TOP) * devices) / Math.max(1, top);
  const end = x(endSeconds);
  for (const devices of countMarks(top, 5)) {
    page.drawLine({ start: { x: x(0), y: y(devices) }, end: { x: end, y: y(devices) }, thickness: 0.5, color: LINE });
    page.drawText(countText(devices), { x: left, y: y(devices) - 2.5, ...LABEL });
  }
  for (const seconds of secondMarks(endSeconds, 5)) page.drawText(durationText(seconds * 1000), { x: x(seconds), y: bottom + 8, ...LABEL });
  page.drawLine({ start: { x: x(0), y: y(top) }, end: { x: end, y: y(top) }, thickness: 0.7, color: TARGET, dashArray: [3, 3] });
  let from = { x: x(0), y: y(0) };
  for (const point of points) {
    const corner = { x: x(point.seconds), y: from.y };
    const to = { x: corner.x, y: y(point.devices) };
    page.drawLine({ start: from, end: corner, thickness: 1.4, color: CURVE });
    page.drawLine({ start: corner, end: to, thickness: 1.4, color: CURVE });
    from = to;
  }
}
