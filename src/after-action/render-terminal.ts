/**
 * The report for a terminal, to be understood at three in the morning: the headline and what to do, then figures, then names. Without
 * colour it is plain text for a file or a pipe. Everything that came from outside is cleaned of control characters (quoted.ts). Pure.
 */
import { VERDICTS } from "../fleet/verdict.ts";
import { headlineOf } from "./headline.ts";
import { SHOWN_ID_CHARACTERS_MAX, STRATA_SHOWN_MAX, TERMINAL_NAMED_MAX } from "./limits.ts";
import { quoted } from "./quoted.ts";
import type { Report } from "./report-model.ts";
import { bar, type Colour, curveRows, type Paint, painter, wrap } from "./terminal-parts.ts";
import { aimText, isStop, seenWords } from "./speech.ts";
import { meaningOf, type Tone, VERDICT_FACTS } from "./verdict-facts.ts";
import { exposedRange, newcomersText, saidText, sentenceOf } from "./sentences.ts";
import { bytesText, countText, devicesText, durationText, percentText, timeText } from "./wording.ts";

export interface TerminalOptions {
  /** Width of the terminal; held within 60..120. */
  readonly columns: number;
  /** ANSI colours; false by default. */
  readonly colour?: boolean;
}

interface Page {
  readonly report: Report;
  readonly columns: number;
  readonly paint: Paint;
}

const COLOURS: { readonly [tone in Tone]: Colour } = { good: "green", claim: "blue", bad: "red", open: "yellow", aside: "grey" };

/** Ends with a line feed. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const columns = Math.min(120, Math.max(60, Math.floor(options.columns) || 80));
  const page: Page = { report, columns, paint: painter(options.colour ?? false) };
  const sections = [title, headline, verdicts, timing, curve, strata, named, followUp, decided, promises];
  return `${sections
    .map((section) => section(page).join("\n"))
    .filter((text) => text !== "")
    .join("\n\n")}\n`;
}

function title({ report, columns, paint }: Page): string[] {
  const { campaign, generatedMs } = report;
  const state = campaign.reason === undefined ? campaign.state : `${campaign.state} (${quoted(campaign.reason, columns)})`;
  return [
    paint("bold", `AFTER-ACTION of campaign ${quoted(campaign.id)}, ${quoted(aimText(campaign))}`),
    paint("grey", `${state}; as of ${timeText(generatedMs)}`),
  ];
}

function headline({ report, columns, paint }: Page): string[] {
  const { verified, exposed, good, todo } = headlineOf(report);
  const lines = [`  ${paint("bold", verified)}`, `  ${paint(good ? "green" : "red", exposed)}`];
  return [...lines, ...todo.flatMap((text) => hanging("  > ", text, columns))];
}

function verdicts({ report, columns, paint }: Page): string[] {
  const { targeted } = report;
  const widest = Math.max(5, countText(targeted).length);
  const line = (name: string, count: number) =>
    `  ${name.padEnd(14)} ${countText(count).padStart(widest)}  ${percentText(count, targeted).padStart(7)}`;
  const barColumns = columns - line("", 0).length - 2;
  return [
    paint("bold", "VERDICTS"),
    ...VERDICTS.map((name) => {
      const count = report.verdicts[name];
      if (count === 0) return paint("grey", line(name, 0));
      return `${line(name, count)}  ${paint(COLOURS[VERDICT_FACTS[name].tone], bar(count / targeted, barColumns))}`;
    }),
    paint("bold", line("targeted", targeted)),
  ];
}

function timing({ report, columns, paint }: Page): string[] {
  const { sent, downloads, exposureDeviceHours, upstreamBytesForNone } = report;
  const sentText =
    sent.firstMs === undefined || sent.medianMs === undefined || sent.p99Ms === undefined || sent.lastMs === undefined
      ? "nobody"
      : `${devicesText(sent.devices)}; after the decision: first ${durationText(sent.firstMs)}, median ${durationText(sent.medianMs)}, ` +
        `99 % ${durationText(sent.p99Ms)}, last ${durationText(sent.lastMs)}`;
  return [
    paint("bold", "FIGURES"),
    ...hanging("  sent to     ", sentText, columns),
    ...(isStop(report.campaign.command)
      ? []
      : hanging("  fetched     ", `${bytesText(downloads.bytes)}; ${devicesText(downloads.devicesComplete)} the whole release`, columns)),
    ...hanging("  answers     ", `${countText(upstreamBytesForNone)} bytes came up in answer to the command that asked for none`, columns),
    ...hanging("  exposure    ", `${exposureDeviceHours.toFixed(1)} device-hours since the decision; ${exposedRange(report)}`, columns),
    ...hanging("  said        ", saidText(report), columns),
  ];
}

function curve({ report, columns, paint }: Page): string[] {
  const { patchedCurve, targeted } = report;
  const last = patchedCurve.at(-1);
  if (last === undefined) return [];
  const width = columns - 11;
  const labels = ["  100 % ", "        ", "   50 % ", "        "];
  const rows = curveRows(patchedCurve, targeted, width, 4).map((row, index) => `${labels[index]}│${paint("green", row.trimEnd())}`);
  const [how, what] = seenWords(report.campaign);
  const end = `${durationText(last.seconds * 1000)}, ${devicesText(last.devices)}`;
  return [
    paint("bold", `SEEN ${how.toUpperCase()} ${quoted(what)}, since the first send`),
    ...rows,
    `    0 % └${"─".repeat(width)}`,
    `         0 s${end.padStart(width - 3)}`,
  ];
}

/** Only where there is something to compare. */
function strata({ report, paint }: Page): string[] {
  const rows = report.strata.filter((stratum) => stratum.exposed > 0);
  if (report.strata.length < 2 || rows.length === 0) return [];
  const cells = rows
    .slice(0, STRATA_SHOWN_MAX)
    .map((row) => [
      quoted(row.name, 20),
      quoted(row.version, 14),
      quoted(row.region, 14),
      `${countText(row.exposed)} of ${countText(row.targeted)} exposed`,
      `verified ${percentText(row.verified, row.targeted)}`,
      `(95 %: ${(100 * row.low).toFixed(1)}..${(100 * row.high).toFixed(1)})`,
    ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  return [paint("bold", "WHERE THE EXPOSED ARE (model, version before, region)"), ...lines, ...more(rows.length - cells.length)];
}

function named({ report, columns, paint }: Page): string[] {
  return report.named.flatMap(({ verdict, count, rows }, index) => [
    ...(index === 0 ? [] : [""]),
    `${paint(COLOURS[VERDICT_FACTS[verdict].tone], verdict.toUpperCase())}  ${devicesText(count)}: ${meaningOf(verdict, report.campaign)}`,
    ...rows
      .slice(0, TERMINAL_NAMED_MAX)
      .flatMap((row) => [
        `  ${quoted(row.id, SHOWN_ID_CHARACTERS_MAX)}`,
        ...wrap(printable(sentenceOf(row, report.generatedMs)), columns, "      ").map((line) => paint("grey", line)),
      ]),
    ...more(count - Math.min(rows.length, TERMINAL_NAMED_MAX)),
  ]);
}

function followUp({ report, paint }: Page): string[] {
  const { followUpQuery } = report.exposed;
  return followUpQuery === undefined
    ? []
    : [
        paint("bold", "FOLLOW-UP: the next campaign's cohort query (`edict report --follow-up` drafts it)"),
        `  ${printable(followUpQuery)}`,
      ];
}

function decided({ report, columns, paint }: Page): string[] {
  const { campaign, ledgerHead, waves } = report;
  const signers = campaign.signers.map((person) => quoted(person)).join(" and ") || "nobody";
  const { permit } = campaign;
  const newcomers = newcomersText(report);
  return [
    paint("bold", "DECIDED"),
    ...hanging(
      "  who         ",
      `drafted by ${quoted(campaign.author)}; signed by ${signers}; decided at ${timeText(campaign.decidedMs)}`,
      columns,
    ),
    ...hanging("  command     ", printable(JSON.stringify(campaign.command)), columns),
    ...hanging(
      "  permit      ",
      `at most ${devicesText(permit.countMax)}, ${countText(permit.rateMaxPerSecond)} a second, until ${timeText(permit.notAfterMs)}`,
      columns,
    ),
    ...hanging(
      "  waves       ",
      waves.map((wave) => `${wave.index === 0 ? "canary " : wave.isJoined ? "joined " : ""}${countText(wave.count)}`).join(", ") || "none",
      columns,
    ),
    ...(newcomers === undefined ? [] : hanging("  newcomers   ", printable(newcomers), columns)),
    ...(ledgerHead === undefined ? [] : [`  ledger      entry ${ledgerHead.seq}, ${ledgerHead.hash}`]),
  ];
}

function promises({ report, columns, paint }: Page): string[] {
  return [paint("bold", "NOT PROMISED"), ...report.notPromised.flatMap((text) => hanging("  - ", text, columns))];
}

/** The first line starts with `label`, the others are indented as far. */
function hanging(label: string, text: string, columns: number): string[] {
  return wrap(text, columns, " ".repeat(label.length)).map((line, index) => (index === 0 ? label + line.slice(label.length) : line));
}

function more(count: number): string[] {
  return count > 0 ? [`  ... and ${countText(count)} more (the CSV and JSON lines name all)`] : [];
}

/** Whole, because it is there to be copied; only unfit characters are replaced. */
function printable(text: string): string {
  return quoted(text, Infinity);
}
