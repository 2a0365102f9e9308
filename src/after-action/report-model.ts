/** The report of one campaign, as plain JSON: `edict.report/1`. Times are ms since the epoch, durations say their unit. */
import type { Command } from "../openc2/model.ts";
import type { HaltRules } from "../trust/permit.ts";
import type { LeftOutReason } from "../fleet/cohort.ts";
import type { VerdictName } from "../fleet/verdict.ts";
import type { CampaignState } from "../campaign/campaign.ts";
import type { VerdictCounts } from "./counts.ts";

export const REPORT_SCHEMA = "edict.report/1";

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly generatedMs: number;
  readonly campaign: CampaignFacts;
  /** Devices in the frozen cohort. */
  readonly targeted: number;
  /** They add up to `targeted`. */
  readonly verdicts: VerdictCounts;
  /** Application bytes that came up in answer to the command that asked for none. */
  readonly upstreamBytesForNone: number;
  readonly leftOut?: { readonly [reason in LeftOutReason]: number };
  readonly waves: readonly WaveRow[];
  readonly sent: SentFigures;
  readonly downloads: { readonly bytes: number; readonly devicesComplete: number };
  /** Seconds since the first send, and how many devices had been seen on the new version by then. */
  readonly patchedCurve: readonly CurvePoint[];
  /** Device-hours from the decision until a device was seen on the new version, or until now. */
  readonly exposureDeviceHours: number;
  readonly exposed: Exposed;
  readonly strata: readonly Stratum[];
  readonly devices: readonly DeviceRow[];
  readonly ledgerHead?: LedgerHead;
  readonly notPromised: readonly string[];
}

export interface CampaignFacts {
  readonly id: string;
  readonly tenant: string;
  readonly state: CampaignState;
  /** Why it is halted, paused, stopped or cancelled. */
  readonly reason?: string;
  readonly author: string;
  /** Persons, not keys. */
  readonly signers: readonly string[];
  readonly draftedMs: number;
  readonly decidedMs: number;
  /** The mass command as it was sent. */
  readonly command: Command;
  readonly newVersion: string;
  /** The cohort query, when there was one besides vendor, model and version. */
  readonly query?: string;
  /** The recorded legal basis for overriding opt-outs. */
  readonly optOutOverride?: string;
  readonly permit: {
    readonly countMax: number;
    readonly rateMaxPerSecond: number;
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
    readonly halt: HaltRules;
    readonly cohortSha256: string;
  };
}

export interface WaveRow {
  readonly index: number;
  readonly count: number;
  /** Wave 0 is the canary. */
  readonly responseRequested: "complete" | "none";
  readonly orderedMs?: number;
  readonly sent?: number;
}

/** Of the first time each device was sent to; all after the decision, absent when nobody was sent to. */
export interface SentFigures {
  readonly devices: number;
  readonly firstMs?: number;
  readonly medianMs?: number;
  readonly p99Ms?: number;
  readonly lastMs?: number;
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  /** Since the first send. */
  readonly seconds: number;
  /** Cumulative. */
  readonly devices: number;
}

export interface Exposed {
  readonly count: number;
  readonly ids: readonly string[];
  /** RSQL for the follow-up campaign; absent when nobody is exposed. */
  readonly followUpQuery?: string;
}

/** Devices alike in model, version before the command, and region. */
export interface Stratum {
  readonly name: string;
  readonly version: string;
  readonly region: string;
  readonly targeted: number;
  readonly verified: number;
  readonly exposed: number;
  /** 95 % Wilson interval of the verified share (0..1), these devices taken as a sample of their kind. */
  readonly low: number;
  readonly high: number;
}

export interface DeviceRow {
  readonly id: string;
  readonly ordinal: number;
  readonly verdict: VerdictName;
  readonly because: string;
  readonly evidenceAtMs?: number;
}

export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}
