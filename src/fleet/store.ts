/**
 * The port to whatever keeps the fleet: device facts, evidence and verdicts. One contract suite
 * (test/fleet/store.contract.ts) runs on every backend. Calls are synchronous because the embedded store is; each that writes has
 * committed when it returns, or is part of the transaction that it is called in.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { InstalledSoftware } from "../openc2/profiles/x-swup/model.ts";
import type { CohortReport, CohortRequest } from "./cohort.ts";
import type { CohortQuery } from "./cohort-query.ts";
import type { Device, DeviceFacts, Provenance, Said } from "./device.ts";
import type { Evidence, SentBatch } from "./evidence.ts";
import type { StoredVerdict, VerdictCounts, VerdictName } from "./verdict.ts";

/** Facts of which every device has exactly one; an unknown time zone is the empty text. */
export type PartField = "name" | "version" | "hardware" | "region" | "timeZone";

export interface FleetStore {
  /** Adds or updates devices; ordinals are given in order of arrival. `said` is kept beside the facts. Returns how many of each. */
  upsert(devices: Iterable<DeviceFacts>, said: Said): { readonly added: number; readonly updated: number };
  byId(id: string): Device | undefined;
  byOrdinal(ordinal: number): Device | undefined;
  /** Who said what is known of this device, and when. */
  provenance(ordinal: number): Provenance | undefined;
  count(tenant?: string): number;
  /** Every device of the set, ascending by ordinal, without loading the whole fleet. */
  devices(set: RoaringBitmap32): Iterable<Device>;
  /** As `devices`, and several times as fast: what the order of waves is made of. */
  ids(set: RoaringBitmap32): Iterable<{ readonly id: string; readonly ordinal: number }>;
  /** The devices that the query is true of, of every tenant. */
  find(query: CohortQuery): RoaringBitmap32;
  /** The set cut by one fact, without a look at its devices; values that nobody in it has are left out. */
  parts(set: RoaringBitmap32, field: PartField): readonly Part[];
  /** Classifies the whole fleet for one request: the selected set, and how many were left out for which reason. */
  select(request: CohortRequest, nowMs: number): CohortReport;
  /** Takes over what check-ins and responses say of the software, unless something newer was said already. */
  observe(observations: Iterable<Observation>): void;
  addEvidence(evidence: Iterable<Evidence>, sent?: readonly SentBatch[]): void;
  /** Evidence about the devices of the set since `sinceMs`, in order of ordinal, then of arrival. */
  evidence(set: RoaringBitmap32, sinceMs: number): Iterable<Evidence>;
  /** A device that has a verdict in this campaign gets the new one in its place. */
  putVerdicts(campaignId: string, verdicts: Iterable<StoredVerdict>): void;
  /** In order of ordinal, without loading them all. */
  verdicts(campaignId: string): Iterable<StoredVerdict>;
  verdictCounts(campaignId: string): VerdictCounts;
  devicesWith(campaignId: string, verdict: VerdictName): RoaringBitmap32;
}

export interface Part {
  readonly value: string;
  readonly devices: RoaringBitmap32;
}

export interface Observation {
  readonly ordinal: number;
  /** ms since the epoch */
  readonly atMs: number;
  readonly software?: InstalledSoftware;
}
