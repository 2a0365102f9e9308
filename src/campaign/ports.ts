/** What the driver needs from outside: a place to keep campaigns and orders, counts of what happened, and a ledger. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "./campaign.ts";
import type { Window } from "./hours.ts";
import type { PlanFacts } from "./plan-types.ts";

/** One line of the manager's log of orders. `seq` is from 1, without gaps; rows are never changed. */
export interface OrderRow {
  readonly seq: number;
  readonly campaignId: string;
  readonly kind: "send" | "stop" | "pause" | "resume" | "deny" | "trust";
  /** Which command a send order carries. */
  readonly message?: "canary" | "mass" | "query" | "cancel";
  readonly wave?: number;
  readonly commandId?: string;
  /** The signed text to send or to obey; empty for a pause, which is the manager's own word. */
  readonly statement: string;
  /** Portable roaring serialisation, send orders only. */
  readonly targets?: Uint8Array;
  readonly ratePerSecond?: number;
  /** When it may be sent; absent means always. */
  readonly window?: Window;
  readonly notAfterMs?: number;
  readonly atMs: number;
}

/** Everything is committed when a call returns. Many calls in `atomically` are one transaction. */
export interface CampaignStore {
  atomically<T>(work: () => T): T;
  put(campaign: Campaign): void;
  get(id: string): Campaign | undefined;
  list(tenant?: string): readonly Campaign[];
  putCohort(id: string, cohort: RoaringBitmap32): void;
  cohort(id: string): RoaringBitmap32;
  /** One bitmap per wave: which ordinals belong to it. */
  putWaves(id: string, waves: readonly RoaringBitmap32[]): void;
  /** One more, after them. */
  addWave(id: string, index: number, wave: RoaringBitmap32): void;
  wave(id: string, index: number): RoaringBitmap32;
  addOrder(order: Omit<OrderRow, "seq">): OrderRow;
  ordersAfter(seq: number): readonly OrderRow[];
  /** So many, the newest first. */
  newestOrders(count: number): readonly OrderRow[];
  order(seq: number): OrderRow | undefined;
  /** Adds to the set of those sent to by an order (idempotent). */
  markSent(seq: number, ordinals: RoaringBitmap32): void;
  sent(seq: number): RoaringBitmap32;
  appendLedger(entry: LedgerAct): LedgerEntry;
  ledger(): Iterable<LedgerEntry>;
}

/** An act of consequence, before it is chained. */
export interface LedgerAct {
  readonly atMs: number;
  /** The person or part that acted. */
  readonly actor: string;
  /** e.g. "campaign.drafted", "campaign.approved", "order.sent", "campaign.stopped". */
  readonly act: string;
  readonly campaignId?: string;
  readonly detail?: { readonly [name: string]: string | number | boolean | null };
}

export interface LedgerEntry extends LedgerAct {
  readonly seq: number;
  /** Hash of the entry before it; 64 zeros for the first. Lower-case hex SHA-256. */
  readonly previous: string;
  readonly hash: string;
}

/** What is known of a campaign at this moment. The server answers it from gateways' reports and the store. */
export interface Observer {
  /** `all` are the campaigns that there are, this one among them. */
  planFacts(campaign: Campaign, all: readonly Campaign[]): PlanFacts;
}
