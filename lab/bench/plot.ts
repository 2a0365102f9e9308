/** Draws docs/bench/fanout.svg from the committed docs/bench/fanout.json: what a second of server CPU sends, and what a channel costs. */
import { join } from "node:path";

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly isOurs: boolean;
}

interface Figures {
  readonly server: string;
  readonly channels: number;
  readonly bytes: number;
  readonly commandsPerCpuSecond: number;
  readonly kibPerChannel: number;
}

const LABELS: Readonly<Record<string, string>> = { edict: "Edict", floor: "send() in C, no TLS", nchan: "nginx + nchan", nats: "NATS" };
const WIDTH = 720;
const LEFT = 170;
const ROW = 24;
const folder = join(import.meta.dir, "../../docs/bench");

const { machine, figures } = (await Bun.file(join(folder, "fanout.json")).json()) as {
  readonly machine: { readonly date: string; readonly cpu: string; readonly cores: number };
  readonly figures: readonly Figures[];
};
const channels = Math.max(...figures.map((one) => one.channels));
const shown = figures.filter((one) => one.channels === channels);
const parts = [600, 1_400].map((bytes) => ({
  title: `${bytes}-byte commands per second of server CPU, ${channels.toLocaleString("en")} mutually authenticated TLS 1.3 channels`,
  bars: barsOf(bytes, (one) => one.commandsPerCpuSecond),
}));
const memory = {
  title: "KiB of resident memory per channel",
  bars: barsOf(600, (one) => one.kibPerChannel).filter(({ value }) => value > 5),
};
await Bun.write(join(folder, "fanout.svg"), draw([...parts, memory]));

function barsOf(bytes: number, value: (one: Figures) => number): readonly Bar[] {
  return shown
    .filter((one) => one.bytes === bytes)
    .map((one) => ({ label: LABELS[one.server] ?? one.server, value: value(one), isOurs: one.server === "edict" }));
}

function draw(charts: readonly { readonly title: string; readonly bars: readonly Bar[] }[]): string {
  let y = 16;
  const lines: string[] = [];
  for (const { title, bars } of charts) {
    const most = Math.max(...bars.map(({ value }) => value));
    lines.push(`<text x="0" y="${y}" font-weight="600">${title}</text>`);
    for (const { label, value, isOurs } of bars) {
      y += ROW;
      const width = Math.round((value / most) * (WIDTH - LEFT - 80));
      lines.push(`<text x="${LEFT - 8}" y="${y}" text-anchor="end">${label}</text>`);
      lines.push(`<rect x="${LEFT}" y="${y - 12}" width="${width}" height="15" fill="${isOurs ? "#0a6b5d" : "#9aa5a3"}"/>`);
      lines.push(`<text x="${LEFT + width + 6}" y="${y}">${value.toLocaleString("en")}</text>`);
    }
    y += ROW * 1.6;
  }
  lines.push(`<text x="0" y="${y}" fill="#667">${machine.date}, ${machine.cpu}, ${machine.cores} cores, all of them in one run</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${lines.join("\n")}
</svg>
`;
}
