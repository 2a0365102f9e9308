/** Pieces of a terminal page: paint, wrapping, bars and a curve made of block characters. They know nothing of reports. Pure. */
import type { CurvePoint } from "./report-model.ts";

export type Colour = "red" | "green" | "yellow" | "blue" | "grey" | "bold";
export type Paint = (colour: Colour, text: string) => string;

const SGR: { readonly [colour in Colour]: number } = { red: 31, green: 32, yellow: 33, blue: 36, grey: 90, bold: 1 };

/** Paints, or leaves text as it is: the words alone must say everything. */
export function painter(colour: boolean): Paint {
  return colour ? (name, text) => `\u001b[${SGR[name]}m${text}\u001b[0m` : (_name, text) => text;
}

/** Breaks at spaces; a word longer than a line stands alone, uncut, so that an id can be copied. Every line starts with `indent`. */
export function wrap(text: string, columns: number, indent = "  "): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar for `share` (0..1); whatever is not nothing shows at least a sliver. */
export function bar(share: number, columns: number): string {
  if (share <= 0) return "";
  const eighths = Math.max(1, Math.round(share * columns * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

const HEIGHTS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** A cumulative curve as `rows` lines of `columns` characters, top line first. `top` is the count at full height. */
export function curveRows(points: readonly CurvePoint[], top: number, columns: number, rows: number): string[] {
  const endSeconds = points.at(-1)?.seconds ?? 0;
  const heights: number[] = [];
  let next = 0;
  let devices = 0;
  for (let column = 0; column < columns; column++) {
    const untilSeconds = (endSeconds * (column + 1)) / columns;
    for (let point = points[next]; point !== undefined && point.seconds <= untilSeconds + 1e-9; point = points[++next])
      devices = point.devices;
    const eighths = (devices / Math.max(1, top)) * rows * 8;
    // Neither an empty plot for the first device nor a full one while the last is missing.
    heights.push(devices === 0 ? 0 : devices >= top ? rows * 8 : Math.min(rows * 8 - 1, Math.max(1, Math.floor(eighths))));
  }
  return Array.from({ length: rows }, (_, row) => {
    const floor = (rows - 1 - row) * 8;
    return heights.map((height) => HEIGHTS[Math.min(8, Math.max(0, height - floor))]).join("");
  });
}
