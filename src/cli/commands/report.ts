/** `edict report`: the after-action of a campaign, at this moment, from the evidence that there is. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { devicesText } from "../../after-action/wording.ts";
import { act } from "../act.ts";
import { clientFor } from "../context.ts";
import { CliError } from "../errors.ts";

interface ReportOptions {
  readonly as: string;
  readonly format: string;
  readonly output?: string;
  readonly ask?: boolean;
  readonly wait: string;
}

const FORMATS = ["text", "html", "json", "csv"] as const;

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("what really happened to each device, from the evidence so far")
    .argument("<id>")
    .option("--format <format>", "text, html, json or csv", "text")
    .option("-o, --output <file>", "write it there")
    .option("--ask", "first ask the devices whose verdict is uncertain, at a polite pace")
    .option("--wait <seconds>", "with --ask: how long to wait for answers", "5")
    .option("--as <person>", "who asks", "author");
  act<ReportOptions>(command, async (context, options, id = "") => {
    const format = FORMATS.find((known) => known === options.format);
    if (format === undefined)
      throw new CliError("ERR_CLI_USAGE", `there is no format "${options.format}"; there are ${FORMATS.join(", ")}`);
    const client = clientFor(context, options.as);
    if (options.ask === true) {
      const { asked } = await client.ask(id);
      const waiting = `Asked ${devicesText(asked)}; waiting ${options.wait} s for answers.`;
      context.output.line(asked > 0 ? waiting : "Nobody with a channel is left to ask.");
      if (asked > 0) await Bun.sleep(Number(options.wait) * 1_000);
    }
    const shown = context.output.json ? "json" : format;
    const text = await client.report(id, shown, process.stdout.columns ?? 100);
    const file = options.output ?? (shown === "html" ? join(context.paths.reports, `${id}.html`) : undefined);
    if (file === undefined) {
      process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
      return;
    }
    writeFileSync(file, text);
    context.output.line(`Wrote ${file}`);
  });
}
