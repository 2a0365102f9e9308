/** `edict release sign | publish`: a bundle on the way to those who hold keys, and back. */
import type { Command } from "commander";
import { mergeBundles, signBundle } from "../../../depot/repository/bundle.ts";
import { publishBundle } from "../../../depot/repository/publish.ts";
import { act } from "../../act.ts";
import { CliError } from "../../errors.ts";
import { openFolder, openSigners } from "../../release/role-keys.ts";
import {
  openWorkplace,
  pinFirstRoot,
  readBundle,
  showBundle,
  showPublished,
  withWorkplace,
  type WorkplaceOptions,
  writeBundle,
} from "../../release/workplace.ts";

export function addBundles(release: Command): void {
  const signing = release
    .command("sign")
    .description("show what a bundle changes; with --key, sign it. Needs no network and no repository")
    .argument("<bundle>")
    .option("--key <file...>", "private keys to sign with");
  act<{ key?: string[] }>(signing, async (context, { key: files = [] }, file = "") => {
    const bundle = readBundle(file);
    const signers = [];
    for (const key of files) signers.push(...(await openSigners(key, context)));
    const isSigned = signers.length > 0;
    context.output.result(isSigned ? writeBundle(context, file, await signBundle(bundle, signers)) : showBundle(context, file, bundle));
  });

  const publishing = release
    .command("publish")
    .description("verify a signed bundle, add snapshot and timestamp with the keys at hand, and make it the repository")
    .argument("<bundle...>", "one bundle, or copies of it that different people signed");
  act<WorkplaceOptions>(withWorkplace(publishing), async (context, options, ...files) => {
    const [first, ...others] = files.map(readBundle);
    if (first === undefined) throw new CliError("ERR_CLI_USAGE", "name a bundle");
    const workplace = openWorkplace(context, options);
    const bundle = mergeBundles([first, ...others]);
    await publishBundle(workplace.dir, bundle, {
      ...workplace,
      signers: await openFolder(workplace.keysDirectory, context),
      nowMs: Date.now(),
    });
    if (bundle.roots.length === 0) pinFirstRoot(workplace);
    context.output.result(showPublished(context, bundle));
  });
}
