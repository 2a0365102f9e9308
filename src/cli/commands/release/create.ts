/** `edict release create`: the beginning of a repository whose keys lie with several people. */
import type { Command } from "commander";
import { bundleOf } from "../../../depot/repository/bundle.ts";
import { draftRepository } from "../../../depot/repository/changes.ts";
import { checkNoRepository } from "../../../depot/repository.ts";
import { act } from "../../act.ts";
import { readHolders } from "../../release/role-keys.ts";
import { writeBundle } from "../../release/workplace.ts";

interface CreateOptions {
  readonly root: string;
  readonly targets: string;
  readonly snapshot: string;
  readonly timestamp: string;
  readonly repository?: string;
  readonly bundle: string;
}

export function addCreate(release: Command): void {
  const holders = "how many must sign, and whose keys";
  const creating = release
    .command("create")
    .description("draft a new repository; root and targets belong offline, with several people")
    .requiredOption("--root <holders>", `${holders}: 2:ann.pem,bob.pem,cyd.pem`)
    .requiredOption("--targets <holders>", holders)
    .requiredOption("--snapshot <holders>", holders)
    .requiredOption("--timestamp <holders>", holders)
    .requiredOption("--bundle <file>", "the file that people sign")
    .option("--repository <dir>", "where it will be (default: the state directory's depot)");
  act<CreateOptions>(creating, async (context, options) => {
    checkNoRepository(options.repository ?? context.paths.depot);
    const roles = {
      root: await readHolders(options.root),
      targets: await readHolders(options.targets),
      snapshot: await readHolders(options.snapshot),
      timestamp: await readHolders(options.timestamp),
    };
    context.output.result(writeBundle(context, options.bundle, bundleOf(undefined, draftRepository(roles, Date.now()))));
  });
}
