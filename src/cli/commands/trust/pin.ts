/**
 * `edict trust pin`: makes manager and gateways obey another director, after the authority map has gone to it. Nothing leads from
 * one director to another of a different name, so a person says it here, on the manager's own machine, while it is stopped.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { readRunning } from "../../../server/state-directory.ts";
import { parseDirector } from "../../../trust/director.ts";
import { verifySelfSigned } from "../../../trust/verify/index.ts";
import { act } from "../../act.ts";
import { CliError } from "../../errors.ts";

export function addPin(trust: Command): void {
  const command = trust
    .command("pin")
    .description("pin the stopped manager and its gateways to another director; sign the deny list anew afterwards")
    .argument("<file>", "the director's signed document");
  act(command, async ({ paths, output }, _options, file = "") => {
    if (readRunning(paths) !== undefined) throw new CliError("ERR_CLI_USAGE", "stop the server first: it obeys whom it started with");
    const bytes = readFileSync(file);
    const director = parseDirector(bytes);
    await verifySelfSigned(director);
    writeFileSync(`${paths.director}.new`, bytes);
    renameSync(`${paths.director}.new`, paths.director);
    output.line(`Manager and gateways obey version ${director.version} of the director ${director.name} from their next start.`);
    output.line("What the old director signed counts no more: deny devices anew with `edict deny`.");
    output.result({ director: director.name, version: director.version });
  });
}
