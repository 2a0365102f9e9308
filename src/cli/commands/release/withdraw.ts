/** `edict release withdraw`: a release that must not be installed any more. */
import type { Command } from "commander";
import { withdraw } from "../../../depot/repository/changes.ts";
import { act } from "../../act.ts";
import { change, withChange, type WorkplaceOptions } from "../../release/workplace.ts";

interface WithdrawOptions extends WorkplaceOptions {
  readonly vendor: string;
  readonly model: string;
}

export function addWithdraw(release: Command): void {
  const command = release
    .command("withdraw")
    .description("take a release back: nobody installs it any more, its campaigns halt, and devices keep what they run")
    .argument("<version>")
    .requiredOption("--vendor <name>", "who made it")
    .requiredOption("--model <name>", "the software's name");
  act<WithdrawOptions>(withChange(command), async (context, options, version = "") => {
    const { vendor, model: name } = options;
    context.output.result(await change(context, options, (repository, _, nowMs) => withdraw(repository, { vendor, name, version }, nowMs)));
  });
}
