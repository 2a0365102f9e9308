/** `edict trust draft`: the next version of a director or of the authority map, unsigned, from the one in force. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { readState } from "../../../server/state-directory.ts";
import { type Holder, readKeyFile } from "../../../trust/sign/index.ts";
import { act } from "../../act.ts";
import { readText } from "../../context.ts";
import { parseDurationMs } from "../../durations.ts";
import type { Output } from "../../output.ts";
import { describe, parseTrustDocument, titleOf } from "../../trust/describe.ts";
import { nextDirector, nextMap } from "../../trust/draft.ts";

interface DirectorOptions {
  readonly out: string;
  readonly name?: string;
  readonly root: string[];
  readonly commanders: string[];
  readonly life?: string;
}

interface MapOptions {
  readonly out: string;
  readonly owners: string[];
  readonly appoint?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly verbs?: string;
  readonly dismiss: string[];
  readonly life?: string;
}

export function addDraft(trust: Command): void {
  const draft = trust.command("draft").description("draft the next version of a document; who is not named stays");
  const director = draft
    .command("director")
    .description("who signs commands (--commanders) and who signs the version after this one (--root)")
    .requiredOption("-o, --out <file>", "where the draft goes")
    .option("--name <name>", "which director; a new name makes a new one")
    .option("--root <file...>", "key files of those who sign the next version; two of them must", [])
    .option("--commanders <file...>", "key files of those who sign commands; two of them must", [])
    .option("--life <duration>", "how long it counts (default 365d)");
  act<DirectorOptions>(director, async ({ paths, output }, options) => {
    const { authority } = readState(paths.directory);
    const change = {
      name: options.name,
      root: await readHolders(options.root),
      commanders: await readHolders(options.commanders),
      lifeMs: lifeOf(options),
    };
    finish(nextDirector(authority, change, Date.now()), options.out, output);
  });
  const map = draft
    .command("map")
    .description("who is director for which vendor, model and verb, and who owns the map (--owners)")
    .requiredOption("-o, --out <file>", "where the draft goes")
    .option("--appoint <file>", "a director's signed document")
    .option("--vendor <name>", "of whose devices (default: all)")
    .option("--model <name>", "of which model (default: all)")
    .option("--verbs <list>", 'what it may do, for example "query,update x-swup:software" (default: everything that Edict knows)')
    .option("--dismiss <name...>", "directors who have no say any more", [])
    .option("--owners <file...>", "key files of those who sign the map after this one; two of them must", [])
    .option("--life <duration>", "how long it counts (default 1825d)");
  act<MapOptions>(map, async ({ paths, output }, options) => {
    const { authority } = readState(paths.directory);
    const { appoint, vendor, model, dismiss } = options;
    const change = {
      owners: await readHolders(options.owners),
      appoint: appoint === undefined ? undefined : readFileSync(appoint),
      vendor,
      model,
      verbs: options.verbs?.split(",").map((verb) => verb.trim()),
      dismiss,
      lifeMs: lifeOf(options),
    };
    finish(nextMap(authority, change, Date.now()), options.out, output);
  });
}

function finish(bytes: Uint8Array, out: string, output: Output): void {
  const drafted = parseTrustDocument(bytes);
  writeFileSync(out, bytes);
  output.line(`Drafted ${titleOf(drafted)}:`);
  for (const line of describe(drafted)) output.line(line);
  output.line(`Next: edict trust sign ${out} --key FILE, by as many people as the version before and this one ask for`);
  output.result({ file: out, kind: drafted.kind, version: drafted.document.version });
}

function lifeOf({ life }: { readonly life?: string }): number | undefined {
  return life === undefined ? undefined : parseDurationMs(life);
}

/** A key file, with or without its private half: only the public one is looked at. */
function readHolders(files: readonly string[]): Promise<readonly Holder[]> {
  return Promise.all(files.map((file) => readKeyFile(readText(file, "the key"))));
}
