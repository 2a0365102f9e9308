/** Draws docs/bench/fleet.svg from the committed docs/bench/fleet.json: how queries and check-ins grow from ten thousand devices to ten million. */
import { join } from "node:path";

interface Figures {
  readonly devices: number;
  readonly import: Rate;
  readonly questions: readonly { readonly setsMs: number; readonly scanMs: number }[];
  readonly checkIns: { readonly first: Rate; readonly later: Rate };
}
interface Rate {
  readonly perCpuSecond: number;
}
interface Line {
  readonly label: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const OURS = "#0a6b5d";
const SECOND = "#c27c0e";
const OTHERS = "#9aa5a3";
const PANEL = { left: 60, top: 30, width: 250, height: 190, gap: 410 } as const;
const folder = join(import.meta.dir, "../../docs/bench");

const { machine, figures } = (await Bun.file(join(folder, "fleet.json")).json()) as {
  readonly machine: { readonly date: string; readonly cpu: string; readonly cores: number };
  readonly figures: readonly Figures[];
};
const sizes = figures.map(({ devices }) => devices);
const worst = (of: (question: Figures["questions"][number]) => number) =>
  figures.map(({ questions }) => Math.max(...questions.map((question) => of(question))));
const panels = [
  panel(0, "slowest of four cohort queries, ms", [
    { label: "all rows", colour: OTHERS, values: worst(({ scanMs }) => scanMs) },
    { label: "sets", colour: OURS, values: worst(({ setsMs }) => setsMs) },
  ]),
  panel(1, "devices on disk per second of CPU", [
    { label: "check-ins", colour: OURS, values: figures.map(({ checkIns }) => checkIns.later.perCpuSecond) },
    { label: "first ones", colour: SECOND, values: figures.map(({ checkIns }) => checkIns.first.perCpuSecond) },
    { label: "import", colour: OTHERS, values: figures.map((one) => one.import.perCpuSecond) },
  ]),
];
await Bun.write(
  join(folder, "fleet.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 290" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${panels.join("\n")}
<text x="0" y="284" fill="#667">${machine.date}, ${machine.cpu}, ${machine.cores} cores, shared with other work; all scales are logarithmic</text>
</svg>
`,
);

function panel(index: number, title: string, lines: readonly Line[]): string {
  const { left, top, width, height, gap } = PANEL;
  const all = lines.flatMap(({ values }) => values);
  const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
  const [small, large] = [Math.log10(Math.min(...sizes)), Math.log10(Math.max(...sizes))];
  const x = (size: number) => Math.round(index * gap + left + ((Math.log10(size) - small) / (large - small)) * width);
  const y = (value: number) => Math.round(top + height - ((Math.log10(value) - low) / (high - low)) * height);
  const parts = [`<text x="${index * gap}" y="16" font-weight="600">${title}</text>`];
  for (let power = low; power <= high; power += 1) {
    const at = y(10 ** power);
    parts.push(`<line x1="${x(sizes[0] ?? 1)}" x2="${index * gap + left + width}" y1="${at}" y2="${at}" stroke="#e3e7e6"/>`);
    parts.push(
      `<text x="${index * gap + left - 8}" y="${at + 4}" text-anchor="end" fill="#667">${(10 ** power).toLocaleString("en")}</text>`,
    );
  }
  for (const size of sizes)
    parts.push(`<text x="${x(size)}" y="${top + height + 20}" text-anchor="middle" fill="#667">${short(size)}</text>`);
  for (const { label, colour, values } of lines) {
    const points = values.map((value, at) => `${x(sizes[at] ?? 1)},${y(value)}`);
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
    parts.push(`<text x="${index * gap + left + width + 6}" y="${y(values.at(-1) ?? 1) + 4}" fill="${colour}">${label}</text>`);
  }
  return parts.join("\n");
}

function short(size: number): string {
  return size < 1e6 ? `${size / 1e3} k` : `${size / 1e6} M`;
}
