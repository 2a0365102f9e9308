/**
 * The ledger of every act of consequence: a chain of hashes, so that whoever holds a copy, or only its newest hash, can find
 * out offline whether a line was deleted, edited or moved. It proves order and integrity, not truth, and only a known head
 * shows that the end was cut off: ledger-checkpoint.ts has heads that people signed. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { LedgerAct, LedgerEntry } from "./ports.ts";

/** `previous` of the first entry. */
export const LEDGER_START = "0".repeat(64);

/** What is kept elsewhere (a report, a printout, a signed checkpoint) to hold a ledger against. */
export type LedgerHead = Pick<LedgerEntry, "seq" | "hash">;

export type LedgerCheck =
  | { readonly ok: true; readonly head: LedgerHead | undefined }
  | { readonly ok: false; readonly seq: number; readonly problem: "edited" | "missing" | "moved" | "truncated"; readonly message: string };

export function chain(previous: LedgerEntry | undefined, act: LedgerAct): LedgerEntry {
  const open = { ...act, seq: (previous?.seq ?? 0) + 1, previous: previous?.hash ?? LEDGER_START };
  return { ...open, hash: hashOf(open) };
}

/** Finds the first line that is not as it was written; with heads from elsewhere also that the end was cut off or replaced. */
export function verifyLedger(entries: Iterable<LedgerEntry>, heads: readonly LedgerHead[] = []): LedgerCheck {
  const noted = Map.groupBy(heads, ({ seq }) => seq);
  let last: LedgerEntry | undefined;
  for (const entry of entries) {
    const seq = (last?.seq ?? 0) + 1;
    if (hashOf(entry) !== entry.hash) return bad(entry.seq, "edited", "its content does not have its hash");
    if (entry.seq > seq) return bad(seq, "missing", `the line after ${seq - 1} is ${entry.seq}`);
    if (entry.seq < seq) return bad(entry.seq, "moved", `it stands after line ${seq - 1}`);
    if (entry.previous !== (last?.hash ?? LEDGER_START))
      return bad(Math.max(1, seq - 1), "edited", `the line after it was chained to something else`);
    if (noted.get(seq)?.some(({ hash }) => hash !== entry.hash)) return bad(seq, "edited", "it is not the head that was noted");
    last = entry;
  }
  const length = last?.seq ?? 0;
  const furthest = Math.max(0, ...noted.keys());
  if (furthest > length) return bad(length + 1, "truncated", `the ledger ends before the head that was noted, line ${furthest}`);
  return { ok: true, head: last === undefined ? undefined : { seq: last.seq, hash: last.hash } };
}

function bad(seq: number, problem: Exclude<LedgerCheck, { ok: true }>["problem"], message: string): LedgerCheck {
  return { ok: false, seq, problem, message };
}

/** An array has one order, so equal acts have equal bytes; details are sorted by name. */
function hashOf({ seq, previous, atMs, actor, act, campaignId, detail }: Omit<LedgerEntry, "hash">): string {
  const details = detail === undefined ? null : Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([seq, previous, atMs, actor, act, campaignId ?? null, details]);
  return bytesToHex(sha256(new TextEncoder().encode(canonical)));
}
