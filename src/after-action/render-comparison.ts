/** Two campaigns side by side, as a page for a terminal. Pure. */
import type { ComparedFigure, Comparison } from "./compare.ts";
import { quoted } from "./quoted.ts";
import { countText, durationText } from "./wording.ts";

export function renderComparison({ campaigns, shares, figures }: Comparison): string {
  const [first, second] = campaigns.map(({ id, aim, targeted, ageMs }) => [
    quoted(id),
    quoted(aim),
    `${countText(targeted)} devices`,
    `${durationText(ageMs)} old`,
  ]);
  const rows = [
    ["", first?.[0] ?? "", second?.[0] ?? "", ""],
    ...[1, 2, 3].map((line) => ["", first?.[line] ?? "", second?.[line] ?? "", ""]),
    ["", "", "", "difference (95 %)"],
    ...shares.map((share) => [
      share.name,
      percent(share.first),
      percent(share.second),
      `${points(share.difference)} points (${points(share.low)} to ${points(share.high)})${isChance(share) ? ", may be chance" : ""}`,
    ]),
    ...figures.map((figure) => [figure.name, valueText(figure, figure.first), valueText(figure, figure.second), ratioText(figure)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : column === 3 ? cell : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function isChance({ low, high }: { readonly low: number; readonly high: number }): boolean {
  return low <= 0 && high >= 0;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${(100 * share).toFixed(2)}`;
}

function valueText({ unit }: ComparedFigure, value: number | undefined): string {
  if (value === undefined) return "-";
  return unit === "ms" ? durationText(value) : `${value.toFixed(3)} h`;
}

function ratioText({ first, second }: ComparedFigure): string {
  return first === undefined || second === undefined || first <= 0 ? "" : `${(second / first).toFixed(2)} times`;
}
