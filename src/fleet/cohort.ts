/** Which devices a campaign selects, and why it leaves the others out. */
import type { RoaringBitmap32 } from "roaring-wasm";

/** Version -> release counter, as the manufacturer published them for one model. */
export type ReleaseCounters = Readonly<Record<string, number>>;

export interface CohortRequest {
  readonly tenant: string;
  /** Absent means anybody's, and any model. */
  readonly vendor?: string;
  readonly name?: string;
  /** Only devices with exactly this version, when given. */
  readonly oldVersion?: string;
  /** Whoever runs it already is left out, when given. */
  readonly newVersion?: string;
  /** RSQL/FIQL over the fields of cohort-query.ts; absent selects all. */
  readonly query?: string;
  /** What orders versions in the query; without it, a query that orders versions is refused. */
  readonly counters?: ReleaseCounters;
  /** Recorded legal basis that overrides an opt-out, and with it the milder postponement; absent respects both. */
  readonly optOutOverride?: string;
}

/** In the order in which they are tested: a device is counted under the first that applies. */
export const LEFT_OUT_REASONS = [
  "other tenant",
  "wrong model",
  "already current",
  "other version",
  "outside the query",
  "not subscribed",
  "opted out",
  "postponed",
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface CohortReport {
  readonly selected: RoaringBitmap32;
  /** Adds up with `selected.size` to the number of devices in the store. */
  readonly leftOut: { readonly [reason in LeftOutReason]: number };
}
