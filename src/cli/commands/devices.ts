/** `edict devices`: import them from CSV or JSON lines, export them, and look at one. */
import { createWriteStream, statSync } from "node:fs";
import type { Command } from "commander";
import type { Said } from "../../fleet/device.ts";
import { formatFromName } from "../../fleet/import/reader.ts";
import { act } from "../act.ts";
import { clientFor, type Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { ImportProgress } from "../import-progress.ts";

interface ExportOptions {
  readonly as: string;
  readonly query?: string;
}

export function addDevices(program: Command): void {
  const devices = program.command("devices").description("what the fleet knows");
  const add = devices
    .command("import")
    .description("add or update devices from CSV (with a header) or JSON lines, of any size: all of a file or nothing of it")
    .argument("<file>", ".csv or .jsonl")
    .option("--as <person>", "who asks", "author");
  act<{ as: string }>(add, (context, options, file = "") => importDevices(context, options.as, file));
  const write = devices
    .command("export")
    .description("write devices as an import reads them")
    .argument("<file>", ".csv or .jsonl")
    .option("--query <rsql>", "only those, e.g. region==north;tag==beta")
    .option("--as <person>", "who asks", "author");
  act<ExportOptions>(write, (context, options, file = "") => exportDevices(context, options, file));
  const show = devices
    .command("show")
    .description("what is known of a device, who said it, and when")
    .argument("<id>", "urn:dev:...")
    .option("--as <person>", "who asks", "author");
  act<{ as: string }>(show, (context, options, id = "") => showDevice(context, options.as, id));
}

async function importDevices(context: Context, person: string, path: string): Promise<void> {
  const format = formatFromName(path);
  const progress = new ImportProgress(process.stderr);
  const isQuiet = context.output.json;
  const onSent = (bytes: number, total: number) => isQuiet || progress.sending(bytes, total, Date.now());
  const startedMs = Date.now();
  try {
    const job = await clientFor(context, person).importDevices(streamOf(path, onSent), format, (now) => {
      if (!isQuiet) progress.working(now, Date.now());
    });
    progress.end();
    const seconds = (Date.now() - startedMs) / 1_000;
    context.output.line(`${job.added} devices added, ${job.updated} updated, in ${seconds.toFixed(1)} s.`);
    context.output.result(job);
  } finally {
    progress.end();
  }
}

async function exportDevices(context: Context, { as: person, query }: ExportOptions, path: string): Promise<void> {
  const stream = await clientFor(context, person).exportDevices(formatFromName(path), query);
  const file = createWriteStream(path);
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (!file.write(chunk)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve) => file.end(resolve));
  context.output.line(`${bytes} bytes written to ${path}.`);
  context.output.result({ file: path, bytes });
}

async function showDevice(context: Context, person: string, id: string): Promise<void> {
  const { device, said } = await clientFor(context, person).device(id);
  for (const [name, value] of Object.entries(device)) context.output.line(`${name.padEnd(18)}${factText(name, value)}`);
  context.output.line(`\nversion, counter and digest: ${saidText(said.software)}\neverything else: ${saidText(said.others)}`);
  context.output.result({ device, said });
}

function factText(name: string, value: unknown): string {
  if (name === "postponedUntilMs") return new Date(Number(value)).toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function saidText({ source, who, atMs }: Said): string {
  return source === "unknown"
    ? "nobody knows who said it"
    : `${source}${who === undefined ? "" : ` by ${who}`} at ${new Date(atMs).toISOString()}`;
}

/** Never the whole file in memory. */
function streamOf(path: string, onSent: (bytes: number, total: number) => void): ReadableStream<Uint8Array> {
  const total = sizeOf(path);
  let sent = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      sent += chunk.length;
      onSent(sent, total);
      controller.enqueue(chunk);
    },
  });
  return Bun.file(path).stream().pipeThrough(counted);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `the file cannot be read: ${path}`, { cause });
  }
}
