/** `edict enrolment`: the issuing process, the factory identities that are expected, and what waits for a person. */
import type { Command } from "commander";
import pino from "pino";
import type { Expected, WaitReason } from "../../enrolment/claim.ts";
import { act } from "../act.ts";
import { clientFor, readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { startIssuing } from "../issuing.ts";

const REASONS: Readonly<Record<WaitReason, string>> = {
  expired: "its certificate had expired",
  "enrolled-before": "its factory certificate was used before",
  superseded: "it came with an older certificate than its newest",
};

export function addEnrolment(program: Command): void {
  const group = program.command("enrolment").alias("enrol").description("certificates for devices over EST (RFC 7030)");
  addIssuing(group);
  addExpect(group);
  addPending(group);
  addAnswer(group, "admit", "admitted", "give the device that sent this request its certificate");
  addAnswer(group, "refuse", "refused", "never give this key a certificate");
}

function addIssuing(group: Command): void {
  const command = group
    .command("serve")
    .description("run the issuing process: it alone uses the device authority's key")
    .option("--log <level>", "trace, debug, info, warn, error or silent; to standard error", "info");
  act<{ log: string }>(command, async (context, { log: level }) => {
    const log = pino({ level }, pino.destination({ dest: 2, sync: false }));
    const server = await startIssuing(context.paths, { clock: { nowMs: Date.now }, log });
    context.output.line(`Issuing certificates on ${server.port}. Ctrl-C ends it.`);
    context.output.result({ pid: process.pid, port: server.port });
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await server.stop();
  });
}

function addExpect(group: Command): void {
  const command = group
    .command("expect")
    .description("say which device a factory identity will be here; lines of id,vendor,serial (the serialNumber in its subject)")
    .argument("<file>", "CSV with the header id,vendor,serial")
    .option("--as <person>", "who says so", "author");
  act<{ as: string }>(command, async (context, { as }, file = "") => {
    const { expected } = await clientFor(context, as).expectDevices(readExpected(readText(file)));
    context.output.line(`${expected} factory identities are expected.`);
    context.output.result({ expected });
  });
}

function addPending(group: Command): void {
  const command = group
    .command("pending")
    .description("show the requests that wait for a person")
    .option("--as <person>", "who asks", "author");
  act<{ as: string }>(command, async (context, { as }) => {
    const { requests } = await clientFor(context, as).enrolmentRequests();
    for (const { request, id, reason, atMs } of requests)
      context.output.line(`${request}  ${id}  since ${new Date(atMs).toISOString()}: ${REASONS[reason]}`);
    if (requests.length === 0) context.output.line("Nothing waits.");
    context.output.result({ requests });
  });
}

function addAnswer(group: Command, verb: string, word: "admitted" | "refused", description: string): void {
  const command = group
    .command(verb)
    .description(description)
    .argument("<request>", "as `edict enrolment pending` shows it: compare it with the device")
    .option("--as <person>", "who decides", "approver");
  act<{ as: string }>(command, async (context, { as }, request = "") => {
    const answered = await clientFor(context, as).answerEnrolment(request, word);
    context.output.line(`${answered.id}: ${word}.`);
    context.output.result({ ...answered, word });
  });
}

function readExpected(text: string): readonly Expected[] {
  const [header, ...lines] = text.trim().split(/\r?\n/);
  if (header !== "id,vendor,serial") throw new CliError("ERR_CLI_USAGE", 'the first line must be "id,vendor,serial"');
  return lines.map((line, index) => {
    const [id = "", vendor = "", serial = "", ...more] = line.split(",").map((field) => field.trim());
    if (serial === "" || more.length > 0) throw new CliError("ERR_CLI_USAGE", `line ${index + 2} has not three fields`);
    return { id, vendor, serial };
  });
}
