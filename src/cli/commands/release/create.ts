/** `edict release key | create`: the beginning of a repository whose keys lie with several people. */
import type { Command } from "commander";
import { bundleOf } from "../../../depot/repository/bundle.ts";
import { draftRepository } from "../../../depot/repository/changes.ts";
import { checkNoRepository } from "../../../depot/repository.ts";
import { act } from "../../act.ts";
import { makeRoleKey, readHolders } from "../../release/role-keys.ts";
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
  const keyed = release
    .command("key")
    .description("make a key: NAME.key.json stays with its owner, NAME.pub.json goes to whoever drafts")
    .argument("<name>")
    .option("--person <person>", "who holds it (default: NAME)")
    .option("--out <dir>", "where to", ".");
  act<{ person?: string; out: string }>(keyed, ({ output }, { person, out }, name = "") => {
    const { privateFile, publicFile } = makeRoleKey(out, name, person ?? name);
    output.line(`Made ${privateFile} (keep it) and ${publicFile} (give it away).`);
    output.result({ privateFile, publicFile });
  });

  const holders = "how many must sign, and whose keys";
  const creating = release
    .command("create")
    .description("draft a new repository; root and targets belong offline, with several people")
    .requiredOption("--root <holders>", `${holders}: 2:ann.pub.json,bob.pub.json,cyd.pub.json`)
    .requiredOption("--targets <holders>", holders)
    .requiredOption("--snapshot <holders>", holders)
    .requiredOption("--timestamp <holders>", holders)
    .requiredOption("--bundle <file>", "the file that people sign")
    .option("--repository <dir>", "where it will be (default: the state directory's depot)");
  act<CreateOptions>(creating, (context, options) => {
    checkNoRepository(options.repository ?? context.paths.depot);
    const roles = {
      root: readHolders(options.root),
      targets: readHolders(options.targets),
      snapshot: readHolders(options.snapshot),
      timestamp: readHolders(options.timestamp),
    };
    context.output.result(writeBundle(context, options.bundle, bundleOf(undefined, draftRepository(roles, Date.now()))));
  });
}
