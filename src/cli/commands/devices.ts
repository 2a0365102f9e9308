/** `edict devices import`: adds or updates devices from CSV or JSON lines. */
import type { Command } from "commander";
import { formatFromName } from "../../fleet/import.ts";
import { act } from "../act.ts";
import { clientFor, readText } from "../context.ts";

export function addDevices(program: Command): void {
  const command = program
    .command("devices")
    .description("what the fleet knows")
    .command("import")
    .description("add or update devices from CSV (with a header) or JSON lines")
    .argument("<file>", ".csv or .jsonl")
    .option("--as <person>", "who asks", "author");
  act<{ as: string }>(command, async (context, options, file = "") => {
    const result = await clientFor(context, options.as).importDevices(readText(file), formatFromName(file));
    context.output.line(`${result.added} devices added, ${result.updated} updated.`);
    context.output.result(result);
  });
}
