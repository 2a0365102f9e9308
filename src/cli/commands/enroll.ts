/** `edict enroll`: makes a device directory with its own certificate and tells the fleet about it. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { readRunning, readState } from "../../server/state-directory.ts";
import { act } from "../act.ts";
import { clientFor, readText } from "../context.ts";
import { enrollDevice, prepareEnrolment } from "../enroll.ts";
import { CliError } from "../errors.ts";

interface EnrollCommandOptions {
  readonly as: string;
  readonly vendor: string;
  readonly model: string;
  readonly version: string;
  readonly counter: string;
  readonly hardware: string;
  readonly region: string;
  readonly image: string;
  readonly source: string[];
  readonly consent: boolean;
  readonly dir?: string;
  readonly factory?: string;
}

export function addEnroll(program: Command): void {
  const command = program
    .command("enroll")
    .description("make a device: certificate, directory with its first image, row in the fleet")
    .argument("<id>", "urn:dev:... (RFC 9039)")
    .requiredOption("--vendor <name>", "who made it")
    .requiredOption("--model <name>", "its software's name")
    .requiredOption("--version <version>", "what it runs now")
    .requiredOption("--image <file>", "the bytes that it runs now")
    .option("--counter <number>", "release counter of what it runs now", "1")
    .option("--hardware <id>", "hardware revision", "r1")
    .option("--region <name>", "where it is", "here")
    .option("--source <host...>", "hosts that a command may name as source", [])
    .option("--no-consent", "does not take part in the service")
    .option(
      "--factory <file>",
      "PEM of its factory certificate and key: it enrols over EST by itself, instead of getting a certificate here",
    )
    .option("--dir <dir>", "where to make it (default: devices/<last part of the id> in the state directory)")
    .option("--as <person>", "who enrols", "author");
  act<EnrollCommandOptions>(command, async (context, options, id = "") => {
    const state = readState(context.paths.directory);
    const client = clientFor(context, options.as);
    const running = readRunning(context.paths);
    if (running === undefined) throw new CliError("ERR_CLI_NOT_RUNNING", "no server is running");
    const directory = options.dir ?? join(context.paths.devices, basename(id.replaceAll(":", "/")));
    const facts = {
      id,
      tenant: state.config.tenant,
      vendor: options.vendor,
      name: options.model,
      version: options.version,
      hardware: options.hardware,
      region: options.region,
      subscribed: options.consent,
      optedOut: false,
    };
    // The fleet checks the facts first, so that a refused device leaves no directory behind.
    await client.importDevices(`${JSON.stringify(facts)}\n`, "jsonl");
    await enrollDevice(await prepareEnrolment(state, running), {
      facts,
      directory,
      image: readFileSync(options.image),
      counter: Number(options.counter),
      sources: options.source,
      ...(options.factory !== undefined && { factoryPem: readText(options.factory) }),
      nowMs: Date.now(),
    });
    context.output.line(`Enrolled ${id}. Next: edict agent ${directory}`);
    context.output.result({ id, directory });
  });
}
