/** Which devices a campaign selects, and why it leaves the others out. */
import type { RoaringBitmap32 } from "roaring-wasm";

export interface CohortRequest {
  readonly tenant: string;
  readonly vendor: string;
  readonly name: string;
  /** Only devices with exactly this version, when given. */
  readonly oldVersion?: string;
  readonly newVersion: string;
  /** RSQL/FIQL over vendor, name, version, hardware, region, subscribed, id, ... ; absent selects all. */
  readonly query?: string;
  /** Recorded legal basis that overrides an opt-out; absent respects it. */
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
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface CohortReport {
  readonly selected: RoaringBitmap32;
  /** Adds up with `selected.size` to the number of devices in the store. */
  readonly leftOut: { readonly [reason in LeftOutReason]: number };
}
