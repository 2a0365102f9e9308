/**
 * Everything that a report is made from, and the frame that it gives: which campaign, decided when, by whom, judged as of when. The same
 * from a server's store and from an export (export-lines.ts), so that both give the same report, byte for byte. Pure.
 */
import { SOFTWARE_TARGET, type Software } from "../openc2/profiles/x-swup/model.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { LedgerEntry, OrderRow } from "../campaign/ports.ts";
import type { JudgeContext } from "./judge.ts";
import type { LedgerHead } from "./report-model.ts";

/** An order of the campaign, and to how many it has been sent. */
export type CaseOrder = Pick<OrderRow, "wave" | "message" | "atMs"> & { readonly sent: number };

export interface CaseFile {
  readonly campaign: Campaign;
  readonly orders: readonly CaseOrder[];
  readonly ledger: LedgerFacts;
}

export interface LedgerFacts {
  /** When the last needed signature was made; absent while it is a draft. ms since the epoch */
  readonly decidedMs?: number;
  readonly head?: LedgerHead;
}

/** Of the ledger as it was at `nowMs`. */
export function ledgerFacts(entries: Iterable<LedgerEntry>, campaignId: string, nowMs: number): LedgerFacts {
  let decidedMs: number | undefined;
  let head: LedgerHead | undefined;
  for (const entry of entries) {
    if (entry.atMs > nowMs) break;
    head = { seq: entry.seq, hash: entry.hash };
    if (entry.campaignId === campaignId && entry.act === "campaign.approved") decidedMs ??= entry.atMs;
  }
  return { ...(decidedMs !== undefined && { decidedMs }), ...(head !== undefined && { head }) };
}

/** A draft is not decided, so nothing after `nowMs` is looked for. */
export function contextOf({ campaign, ledger }: CaseFile, nowMs: number, returnWindowMs: number): JudgeContext {
  const { commandIds, request } = campaign;
  const terms = {
    commandIds: [commandIds.mass, commandIds.canary],
    queryCommandId: commandIds.query,
    decidedMs: ledger.decidedMs ?? nowMs,
    nowMs,
    returnWindowMs,
  };
  const { newVersion, oldVersion } = request;
  if (newVersion === undefined) return terms;
  return { ...terms, newVersion, sha256: releaseDigest(campaign), ...(oldVersion !== undefined && { oldVersion }) };
}

function releaseDigest({ command }: Campaign): string {
  const { [SOFTWARE_TARGET]: software } = command.target as { [SOFTWARE_TARGET]?: Software };
  return software?.hashes?.sha256 ?? "";
}
