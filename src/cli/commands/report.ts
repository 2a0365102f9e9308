/** `edict report`: the after-action of a campaign, from the evidence that there is: now or as of a moment, online or from an export. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { AfterActionError, compareReports, followUpOf, type Report, renderComparison } from "../../after-action/index.ts";
import { countText, devicesText, timeText } from "../../after-action/wording.ts";
import { DOCUMENT_FORMATS, type DocumentFormat, renderDocument, ROW_FORMATS } from "../../server/campaign-reports.ts";
import type { ApiClient } from "../../server/client.ts";
import { parseDirector } from "../../trust/director.ts";
import { act } from "../act.ts";
import { type Context, clientFor, readText } from "../context.ts";
import { parseDurationMs } from "../durations.ts";
import { CliError } from "../errors.ts";
import { writeExport } from "../report/export-folder.ts";
import { reportFromExport } from "../report/read-export.ts";
import { directorsOf } from "../sign-head.ts";

interface ReportOptions {
  readonly as: string;
  readonly format: string;
  readonly output?: string;
  readonly at?: string;
  readonly checkSignatures?: boolean;
  readonly ask?: boolean;
  readonly wait: string;
  readonly counts?: boolean;
  readonly followUp?: boolean;
  readonly compare?: string;
  readonly export?: string;
  readonly fromExport?: string;
  readonly director: string[];
  readonly authority?: string;
}

const FORMATS = [...DOCUMENT_FORMATS, ...ROW_FORMATS].filter((format) => format !== "follow-up");

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("what really happened to each device, from the evidence so far")
    .argument("[id]")
    .option("--format <format>", FORMATS.join(", "), "text")
    .option("-o, --output <file>", "write it there")
    .option("--at <time>", "as of this moment, e.g. 2026-03-01T03:10:00Z; later evidence is left out")
    .option("--check-signatures", "verify what devices have signed, each check-in; takes several times as long")
    .option("--counts", "only how many have which verdict, as it was last judged")
    .option("--follow-up", "the next campaign, for those still exposed: the command and the cohort query")
    .option("--compare <id>", "side by side with another campaign")
    .option("--export <dir>", "write everything that the report is made from, to make it again offline")
    .option("--from-export <dir>", "make the report from such a folder, without a server")
    .option(
      "--director <file...>",
      "with --from-export: versions of the director whose people signed; those known here are always used",
      [],
    )
    .option(
      "--authority <file>",
      "with --from-export and --check-signatures: certificate of the devices' authority; default: the one known here",
    )
    .option("--ask", "first ask the devices whose verdict is uncertain, at a polite pace (see `edict verify`)")
    .option("--wait <duration>", "with --ask: how long to wait for answers", "5s")
    .option("--as <person>", "who asks", "author");
  act<ReportOptions>(command, async (context, options, id) => {
    if (options.fromExport !== undefined) return fromExport(context, options, options.fromExport);
    if (id === undefined) throw new CliError("ERR_CLI_USAGE", "name a campaign, or a folder with --from-export");
    const client = clientFor(context, options.as);
    if (options.ask === true) await ask(context, client, id, options.wait);
    if (options.counts === true) return showCounts(context, client, id);
    if (options.followUp === true) return showFollowUp(context, options, await reportOf(client, id, options));
    if (options.compare !== undefined) return compare(context, options, client, [id, options.compare]);
    if (options.export !== undefined) return exportCase(context, client, id, options.export);
    return show(context, options, client, id);
  });
}

async function show(context: Context, options: ReportOptions, client: ApiClient, id: string): Promise<void> {
  const format = formatOf(context, options.format);
  const columns = process.stdout.columns ?? 100;
  const response = await client.report(id, format, { columns, atMs: parseTime(options.at), check: options.checkSignatures === true });
  const file = options.output ?? (format === "html" || format === "pdf" ? join(context.paths.reports, `${id}.${format}`) : undefined);
  await Bun.write(file === undefined ? Bun.stdout : Bun.file(file), response);
  if (file !== undefined) context.output.line(`Wrote ${file}`);
  else if (format === "json") process.stdout.write("\n");
}

async function fromExport(context: Context, options: ReportOptions, directory: string): Promise<void> {
  const format = DOCUMENT_FORMATS.find((known) => known === formatOf(context, options.format));
  if (format === undefined) throw new CliError("ERR_CLI_USAGE", `from an export there are ${DOCUMENT_FORMATS.join(", ")}`);
  const directors = [...directorsOf(context), ...options.director.map((file) => parseDirector(readFileSync(file)))];
  const authorityPem = options.checkSignatures === true ? authorityOf(context, options.authority) : undefined;
  const report = await reportFromExport(directory, { atMs: parseTime(options.at), authorityPem, directors });
  if (directors.length === 0) context.output.note("No director is known here (--director): who signed the permit was not verified.");
  if (options.followUp === true) return showFollowUp(context, options, report);
  return writeDocument(context, options, report, format);
}

function authorityOf({ paths }: Context, file: string | undefined): string {
  if (file === undefined && !existsSync(paths.authority))
    throw new CliError("ERR_CLI_USAGE", "name the authority that certified the devices with --authority");
  return readText(file ?? paths.authority);
}

async function writeDocument(context: Context, { output }: ReportOptions, report: Report, format: DocumentFormat): Promise<void> {
  const document = await renderDocument(report, format, process.stdout.columns ?? 100);
  if (output === undefined) {
    process.stdout.write(document);
    if (format === "json") process.stdout.write("\n");
    return;
  }
  writeFileSync(output, document);
  context.output.line(`Wrote ${output}`);
}

async function ask({ output }: Context, client: ApiClient, id: string, wait: string): Promise<void> {
  const waitMs = parseDurationMs(wait);
  const { asked } = await client.ask(id);
  output.note(asked > 0 ? `Asked ${devicesText(asked)}; waiting ${wait} for answers.` : "Nobody with a channel is left to ask.");
  if (asked > 0) await Bun.sleep(waitMs);
}

async function showCounts({ output }: Context, client: ApiClient, id: string): Promise<void> {
  const counts = await client.counts(id);
  output.line(`${id}, as judged ${counts.judgedMs === undefined ? "before the server was started" : `at ${timeText(counts.judgedMs)}`}:`);
  for (const [verdict, count] of Object.entries(counts.verdicts)) output.line(`  ${verdict.padEnd(14)} ${countText(count).padStart(10)}`);
  output.line(`  ${"targeted".padEnd(14)} ${countText(counts.targeted).padStart(10)}`);
  output.result(counts);
}

function showFollowUp({ output }: Context, options: ReportOptions, report: Report): void {
  const followUp = followUpOf(report);
  output.result(followUp);
  if (followUp.query === undefined) {
    output.line("Nobody is exposed: there is nothing to follow up.");
    return;
  }
  const file = options.output ?? `${followUp.command.command_id}.json`;
  writeFileSync(file, `${JSON.stringify(followUp.command, null, 2)}\n`);
  output.line(`Wrote ${file}: the command for ${devicesText(report.exposed.count)} still exposed. Draft it with`);
  output.line(`  edict send ${file} --query '${followUp.query}'`);
  output.line("or, for those who appear later too, with");
  output.line(`  edict send ${file} --query '${followUp.laterQuery}'`);
}

async function compare(context: Context, options: ReportOptions, client: ApiClient, ids: readonly [string, string]): Promise<void> {
  const [first, second] = [await reportOf(client, ids[0], options), await reportOf(client, ids[1], options)];
  const comparison = compareReports(first, second);
  const text = context.output.json ? JSON.stringify(comparison, null, 2) : renderComparison(comparison);
  if (options.output === undefined) process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  else writeFileSync(options.output, text);
}

async function exportCase(context: Context, client: ApiClient, id: string, directory: string): Promise<void> {
  const manifest = await writeExport(client, id, directory);
  context.output.line(`Wrote ${directory}: the case of ${id} at ${timeText(manifest.exportedMs)}. Its report, anywhere:`);
  context.output.line(`  edict report --from-export ${directory}`);
  context.output.result(manifest);
}

/** A report, or another campaign's JSON report from a file. */
async function reportOf(client: ApiClient, id: string, { at, checkSignatures }: ReportOptions): Promise<Report> {
  const text = id.endsWith(".json")
    ? readText(id)
    : await (await client.report(id, "json", { atMs: parseTime(at), check: checkSignatures === true })).text();
  try {
    return JSON.parse(text) as Report;
  } catch (cause) {
    throw new AfterActionError("ERR_AFTER_ACTION_COMPARE", `${id} is not JSON`, { cause });
  }
}

function formatOf({ output }: Context, name: string) {
  const format = FORMATS.find((known) => known === name);
  if (format === undefined) throw new CliError("ERR_CLI_USAGE", `there is no format "${name}"; there are ${FORMATS.join(", ")}`);
  return output.json ? "json" : format;
}

function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new CliError("ERR_CLI_USAGE", `"${text}" is no time; write for example 2026-03-01T03:10:00Z`);
  return ms;
}
