/**
 * The port to whatever keeps the fleet: device facts, evidence and verdicts. One contract suite
 * (test/fleet/store.contract.ts) runs on every backend. Calls are synchronous because the embedded store is.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { InstalledSoftware } from "../openc2/profiles/x-swup/model.ts";
import type { CohortReport, CohortRequest } from "./cohort.ts";
import type { Device, DeviceFacts } from "./device.ts";
import type { Evidence } from "./evidence.ts";
import type { StoredVerdict } from "./verdict.ts";

export interface FleetStore {
  /** Adds or updates devices in one transaction; ordinals are given in order of arrival. Returns how many of each. */
  upsert(devices: Iterable<DeviceFacts>): { readonly added: number; readonly updated: number };
  byId(id: string): Device | undefined;
  byOrdinal(ordinal: number): Device | undefined;
  count(tenant?: string): number;
  /** Every device of the set, ascending by ordinal, without loading the whole fleet. */
  devices(set: RoaringBitmap32): Iterable<Device>;
  /** Classifies the whole fleet for one request: the selected set, and how many were left out for which reason. */
  select(request: CohortRequest): CohortReport;
  /** Updates the facts that a check-in or a query response brings (version, last seen). */
  observe(ordinal: number, software: InstalledSoftware | undefined, atMs: number): void;
  /** Appends in one transaction; committed when it returns. */
  addEvidence(evidence: Iterable<Evidence>): void;
  /** Evidence about the devices of the set since `sinceMs`, in order of ordinal, then of arrival. */
  evidence(set: RoaringBitmap32, sinceMs: number): Iterable<Evidence>;
  putVerdicts(campaignId: string, verdicts: Iterable<StoredVerdict>): void;
  verdicts(campaignId: string): readonly StoredVerdict[];
}
