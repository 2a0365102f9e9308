/**
 * Checkpoints: the ledger's head, signed by a person who has verified the ledger up to there. They stand in the ledger itself, so that
 * whoever rewrites it from some line on would have to forge a signature; and each signer keeps a copy, so that even
 * an end that was cut off with its checkpoints is missed. What came after the last checkpoint is not protected by any. Pure.
 */
import type { Director } from "../trust/director.ts";
import { verifyCheckpoint } from "../trust/verify/index.ts";
import { CampaignError } from "./errors.ts";
import { type LedgerCheck, type LedgerHead, verifyLedger } from "./ledger.ts";
import type { LedgerEntry } from "./ports.ts";

/** The act under which a checkpoint stands in the ledger; the signed text is its detail `statement`. */
export const CHECKPOINT_ACT = "ledger.checkpoint";

export type CheckpointedCheck = LedgerCheck & {
  /** Verified, in the ledger and from elsewhere. */
  readonly checkpoints: number;
};

/**
 * Holds a ledger against every checkpoint in it and every one that is kept elsewhere. `directors` are all versions whose people
 * may have signed: one too many does no harm, because each checkpoint can only make the check stricter. `noted` are heads without a
 * signature. Throws ERR_CAMPAIGN_CHECKPOINT for a checkpoint that nobody of them signed.
 */
export async function verifyCheckpointed(
  entries: readonly LedgerEntry[],
  kept: readonly string[],
  directors: readonly Director[],
  noted: readonly LedgerHead[] = [],
): Promise<CheckpointedCheck> {
  const unsigned = verifyLedger(entries, noted);
  if (!unsigned.ok) return { ...unsigned, checkpoints: 0 };
  const heads: LedgerHead[] = [];
  for (const statement of new Set([...statementsIn(entries), ...kept])) heads.push(await headOf(statement, directors));
  return { ...verifyLedger(entries, heads), checkpoints: heads.length };
}

function statementsIn(entries: readonly LedgerEntry[]): readonly string[] {
  return entries.filter(({ act }) => act === CHECKPOINT_ACT).map(({ detail }) => String(detail?.["statement"]));
}

async function headOf(statement: string, directors: readonly Director[]): Promise<LedgerHead> {
  let cause: unknown;
  for (const director of directors) {
    try {
      return await verifyCheckpoint(new TextEncoder().encode(statement), { director });
    } catch (error) {
      cause = error;
    }
  }
  const versions = directors.map(({ name, version }) => `${name} version ${version}`).join(", ") || "nobody";
  throw new CampaignError("ERR_CAMPAIGN_CHECKPOINT", `a checkpoint is not signed by whom ${versions} names`, { cause });
}
