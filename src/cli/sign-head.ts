/**
 * Whoever signs something of consequence also signs the ledger's head, right afterwards: so everybody's own acts are pinned by
 * their own signature, and a copy of it stays with them. After and not before: a stop never waits for bookkeeping.
 */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { LedgerHead } from "../campaign/ledger.ts";
import { type CheckpointedCheck, verifyCheckpointed } from "../campaign/ledger-checkpoint.ts";
import { fromLedgerLines } from "../campaign/ledger-lines.ts";
import { EdictError } from "../openc2/edict-error.ts";
import type { ApiClient } from "../server/client.ts";
import { readDirectors, readState } from "../server/state-directory.ts";
import type { Director } from "../trust/director.ts";
import { checkpointPayload } from "../trust/permit.ts";
import { type Signer, sign } from "../trust/sign/index.ts";
import { type Context, readText } from "./context.ts";
import { CliError } from "./errors.ts";

/** Throws ERR_CLI_LEDGER when the ledger is not what it was; that it cannot be reached is only said. */
export async function signHeadAfter(context: Context, client: ApiClient, signer: Signer): Promise<void> {
  try {
    await signHead(context, client, signer);
  } catch (error) {
    if (!(error instanceof EdictError) || error.code === "ERR_CLI_LEDGER" || error.code === "ERR_CAMPAIGN_CHECKPOINT") throw error;
    context.output.line(`The ledger's head is not signed (${error.message}); do it with \`edict ledger checkpoint\`.`);
  }
}

/** Verifies the whole ledger, also against what was signed before, and signs its head. Throws ERR_CLI_LEDGER. */
export async function signHead(context: Context, client: ApiClient, signer: Signer): Promise<number> {
  const { paths } = context;
  const check = await checkLedger(await client.ledger(), keptCheckpoints(context), directorsOf(context));
  if (check.head === undefined) throw new CliError("ERR_CLI_USAGE", "the ledger is empty: there is nothing to sign");
  const statement = await sign(checkpointPayload({ ...check.head, at_ms: Date.now() }), "checkpoint", signer);
  // Kept before it is sent: what this person has seen is seen, whatever becomes of the server.
  appendFileSync(checkpointsFile(paths.keys), `${statement}\n`, { mode: 0o600 });
  await client.checkpoint(statement);
  return check.head.seq;
}

/** Throws ERR_CLI_LEDGER, ERR_CAMPAIGN_LEDGER_LINE, ERR_CAMPAIGN_CHECKPOINT. */
export async function checkLedger(
  text: string,
  kept: readonly string[],
  directors: readonly Director[],
  noted: readonly LedgerHead[] = [],
): Promise<Extract<CheckpointedCheck, { ok: true }>> {
  const check = await verifyCheckpointed([...fromLedgerLines(text)], kept, directors, noted);
  if (check.ok) return check;
  throw new CliError("ERR_CLI_LEDGER", `the ledger is broken at entry ${check.seq} (${check.problem}): ${check.message}`);
}

/** What people on this machine have signed so far; beside their keys, where no server reads or writes. */
export function keptCheckpoints({ paths }: Context): readonly string[] {
  const file = checkpointsFile(paths.keys);
  return existsSync(file) ? checkpointLines(file) : [];
}

export function checkpointLines(file: string): readonly string[] {
  return readText(file, "the checkpoints")
    .split("\n")
    .filter((line) => line !== "");
}

/** Every version that this machine knows. None where there is no state directory. */
export function directorsOf({ paths }: Context): readonly Director[] {
  if (!existsSync(paths.config)) return [];
  const { director, authority } = readState(paths.directory);
  return [director, ...authority.directors, ...readDirectors(paths)];
}

function checkpointsFile(keys: string): string {
  return join(keys, "checkpoints.jsonl");
}
