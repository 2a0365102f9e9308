/** Takes a checkpoint that a person signed, and puts it into the ledger that it is about. */
import type { Director } from "../trust/director.ts";
import { verifyCheckpoint } from "../trust/verify/index.ts";
import { CampaignError } from "./errors.ts";
import { CHECKPOINT_ACT } from "./ledger-checkpoint.ts";
import type { CampaignStore, LedgerEntry } from "./ports.ts";

/** Throws what verifyCheckpoint throws, and ERR_CAMPAIGN_STATEMENT when it is about another ledger than this. */
export async function keepCheckpoint(
  store: CampaignStore,
  statement: string,
  { director, nowMs }: { readonly director: Director; readonly nowMs: number },
): Promise<LedgerEntry> {
  const { seq, hash, persons } = await verifyCheckpoint(new TextEncoder().encode(statement), { director });
  if (entryAt(store, seq)?.hash !== hash)
    throw new CampaignError("ERR_CAMPAIGN_STATEMENT", `line ${seq} of this ledger is not the one that was signed`);
  const detail = { seq, hash, statement };
  return store.appendLedger({ atMs: nowMs, actor: persons.join(" and "), act: CHECKPOINT_ACT, detail });
}

function entryAt(store: CampaignStore, seq: number): LedgerEntry | undefined {
  for (const entry of store.ledger()) if (entry.seq === seq) return entry;
  return undefined;
}
