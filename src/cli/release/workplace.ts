/**
 * Where a publisher works: a repository, the keys that are at hand, and the root that is pinned. A change is published at once when
 * these keys are enough; with --bundle it is written into a file for people who sign elsewhere.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { type Bundle, bundleOf, encodeBundle, parseBundle } from "../../depot/repository/bundle.ts";
import type { Draft } from "../../depot/repository/changes.ts";
import { changesOf } from "../../depot/repository/describe.ts";
import { type Repository, readRepository } from "../../depot/repository/read.ts";
import { publishDraft } from "../../depot/repository.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { openFolder } from "./role-keys.ts";

export interface WorkplaceOptions {
  readonly repository?: string;
  readonly keys?: string;
  readonly pinned?: string;
  readonly bundle?: string;
}

export interface Workplace {
  readonly dir: string;
  readonly keysDirectory: string;
  readonly trustedRoot: Uint8Array | undefined;
}

/** The copy of the first root that a publisher keeps beside the keys. */
const PINNED = "root.json";

export function withWorkplace(command: Command): Command {
  return command
    .option("--repository <dir>", "the image repository (default: the state directory's depot)")
    .option("--keys <dir>", "private keys that are at hand (default: repository-keys of the state directory)")
    .option("--pinned <file>", `root metadata that the repository is verified from (default: ${PINNED} among the keys)`);
}

export function withChange(command: Command): Command {
  return withWorkplace(command).option("--bundle <file>", "do not publish: write what has to be signed into this file");
}

export function openWorkplace({ paths }: Context, { repository, keys, pinned }: WorkplaceOptions): Workplace {
  const keysDirectory = keys ?? paths.repositoryKeys;
  const pinnedFile = pinned ?? join(keysDirectory, PINNED);
  const trustedRoot = pinned !== undefined || existsSync(pinnedFile) ? readBytes(pinnedFile) : undefined;
  return { dir: repository ?? paths.depot, keysDirectory, trustedRoot };
}

/** Remembers what a new repository begins with, for the next time. */
export function pinFirstRoot({ dir, keysDirectory, trustedRoot }: Workplace): void {
  if (trustedRoot === undefined && existsSync(keysDirectory))
    writeFileSync(join(keysDirectory, PINNED), readBytes(join(dir, "metadata", "1.root.json")));
}

/** Drafts a change of the repository and takes it as far as the keys at hand allow. Returns the command's result. */
export async function change(
  context: Context,
  options: WorkplaceOptions,
  draftOf: (repository: Repository, workplace: Workplace, nowMs: number) => Draft | Promise<Draft>,
): Promise<object> {
  const workplace = openWorkplace(context, options);
  const repository = await readRepository(workplace.dir, workplace);
  const nowMs = Date.now();
  const draft = await draftOf(repository, workplace, nowMs);
  const bundle = bundleOf(repository, draft);
  if (options.bundle !== undefined) return writeBundle(context, options.bundle, bundle);
  const signers = await openFolder(workplace.keysDirectory, context);
  await publishDraft(workplace.dir, repository, draft, { ...workplace, signers, nowMs });
  return showPublished(context, bundle);
}

export function writeBundle(context: Context, file: string, bundle: Bundle): object {
  writeFileSync(file, encodeBundle(bundle));
  return showBundle(context, file, bundle);
}

/** What it changes, and whose signatures it still needs. */
export function showBundle({ output }: Context, file: string, bundle: Bundle): object {
  const { changes, standings } = changesOf(bundle);
  for (const sentence of changes) output.line(sentence);
  for (const { file: document, asks, threshold, signed, missing } of standings)
    output.line(`${document}: ${asks} asks for ${threshold}; signed by ${list(signed)}; not by ${list(missing)}`);
  const isComplete = standings.every(({ signed, threshold }) => signed.length >= threshold);
  output.line(`Next: edict release ${isComplete ? `publish ${file}` : `sign ${file} --key FILE`}`);
  return { bundle: file, changes, standings, isComplete };
}

export function showPublished({ output }: Context, bundle: Bundle): object {
  const { changes } = changesOf(bundle);
  for (const sentence of changes) output.line(sentence);
  output.line("Published.");
  return { changes };
}

export function readBundle(file: string): Bundle {
  return parseBundle(readBytes(file));
}

export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `the file cannot be read: ${file}`, { cause });
  }
}

function list(people: readonly string[]): string {
  return people.join(", ") || "nobody";
}
