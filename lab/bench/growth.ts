/**
 * Draws docs/bench/NAME.svg from docs/bench/NAME.json: how its figures grow with the number of devices, both axes logarithmic.
 * bun lab/bench/growth.ts campaign "CPU seconds" wavesSeconds sortSeconds draftSeconds keepSeconds readSeconds markSeconds
 */
import { join } from "node:path";

interface Line {
  readonly column: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const [name = "", unit = "", ...columns] = process.argv.slice(2);
const folder = join(import.meta.dir, "../../docs/bench");
const { machine, figures } = (await Bun.file(join(folder, `${name}.json`)).json()) as {
  readonly machine: { readonly date: string; readonly cpu: string; readonly cores: number };
  readonly figures: readonly { readonly devices: number; readonly [column: string]: number }[];
};
const COLOURS = ["#0a6b5d", "#c2571a", "#3a5fcd", "#8a2f6b", "#7a7a12", "#444f4d"];
const [WIDTH, HEIGHT, LEFT, TOP, RIGHT] = [720, 380, 70, 40, 170];

const across = scaleOf(
  figures.map(({ devices }) => devices),
  LEFT,
  WIDTH - RIGHT,
);
const up = scaleOf(
  figures.flatMap((figure) => columns.map((column) => figure[column] ?? 0)).filter((value) => value > 0),
  HEIGHT - 50,
  TOP,
);
const curves: readonly Line[] = columns.map((column, index) => ({
  column,
  colour: COLOURS[index % COLOURS.length] ?? "#444",
  points: figures
    .filter((figure) => (figure[column] ?? 0) > 0)
    .map((figure) => ({ x: across.at(figure.devices), y: up.at(figure[column] ?? 0) })),
}));
const labelYs = labelled();
const lines = [
  `<text x="0" y="18" font-weight="600">${name}: ${unit}, by the number of devices</text>`,
  ...across.decades.map(
    (value) => `<text x="${across.at(value)}" y="${HEIGHT - 30}" text-anchor="middle">${value.toLocaleString("en")}</text>`,
  ),
  ...up.decades.flatMap((value) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up.at(value)}" y2="${up.at(value)}" stroke="#dde3e2"/>`,
    `<text x="${LEFT - 8}" y="${up.at(value) + 4}" text-anchor="end">${value}</text>`,
  ]),
  ...curves.flatMap(drawn),
  `<text x="0" y="${HEIGHT - 6}" fill="#667">${machine.date}, ${machine.cpu}, ${machine.cores} cores, shared with others</text>`,
];
await Bun.write(
  join(folder, `${name}.svg`),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${lines.join("\n")}
</svg>
`,
);

function drawn({ column, colour, points }: Line): readonly string[] {
  return [
    `<polyline points="${points.map(({ x, y }) => `${x},${y}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
    `<text x="${WIDTH - RIGHT + 8}" y="${labelYs.get(column)}" fill="${colour}">${column}</text>`,
  ];
}

/** Beside the last points, but never upon one another. */
function labelled(): ReadonlyMap<string, number> {
  const ys = new Map<string, number>();
  let aboveY = 0;
  for (const curve of curves.toSorted((one, other) => endOf(one) - endOf(other))) {
    aboveY = Math.max(endOf(curve) + 4, aboveY + 15);
    ys.set(curve.column, aboveY);
  }
  return ys;
}

function endOf({ points }: Line): number {
  return points.at(-1)?.y ?? 0;
}

/** From values to pixels, and the powers of ten around them. */
function scaleOf(values: readonly number[], from: number, to: number) {
  const [least, most] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  return {
    at: (value: number) => Math.round(from + ((Math.log10(value) - least) / Math.max(1, most - least)) * (to - from)),
    decades: Array.from({ length: most - least + 1 }, (_, index) => Number((10 ** (least + index)).toPrecision(1))),
  };
}
