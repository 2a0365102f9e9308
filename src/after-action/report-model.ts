/**
 * The report of one campaign, as plain JSON: `edict.report/2` (docs/operate/after-action.md). Times are ms since the epoch, durations
 * say their unit. It stays small however many devices there are: rows of all devices are a stream of their own (CSV, JSON lines).
 */
import type { Command } from "../openc2/model.ts";
import type { HaltRules, Newcomers } from "../trust/permit.ts";
import type { VerdictCounts, VerdictName } from "../fleet/verdict.ts";
import type { CampaignState } from "../campaign/campaign.ts";
import type { NewestEvidence } from "./figures.ts";
import type { Saying } from "./history.ts";

export const REPORT_SCHEMA = "edict.report/2";

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly generatedMs: number;
  readonly campaign: CampaignFacts;
  /** Devices in the frozen cohort, and those that joined it. */
  readonly targeted: number;
  /** They add up to `targeted`. */
  readonly verdicts: VerdictCounts;
  /** Of those that are unknown: the command was not sent to them. */
  readonly unknownNotSent: number;
  /** Application bytes that came up in answer to the command that asked for none. */
  readonly upstreamBytesForNone: number;
  readonly waves: readonly WaveRow[];
  readonly sent: SentFigures;
  readonly downloads: { readonly bytes: number; readonly devicesComplete: number };
  /** Seconds since the first send, and how many devices had been seen on the new version, or without the process, by then. */
  readonly patchedCurve: readonly CurvePoint[];
  /** Device-hours from the decision until a device was seen so, or until now. */
  readonly exposureDeviceHours: number;
  readonly exposed: Exposed;
  readonly strata: readonly Stratum[];
  /** Devices whose own words decided the verdict: signed with their key, or said over the channel only. */
  readonly said: { readonly signed: number; readonly overChannel: number };
  readonly signatures: SignatureCheck;
  /** The first of those that are not verified, most urgent verdict first. */
  readonly named: readonly Named[];
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
  /** Of an update. */
  readonly newVersion?: string;
  /** The cohort query, when there was one besides vendor, model and version. */
  readonly query?: string;
  /** The recorded legal basis for overriding opt-outs. */
  readonly optOutOverride?: string;
  readonly permit: {
    readonly countMax: number;
    /** Absent when no devices may join. */
    readonly newcomers?: Newcomers;
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
  /** Of devices that appeared after the draft. */
  readonly isJoined?: true;
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
  /** From those known to be exposed to all that are not known to be safe. */
  readonly atLeast: number;
  readonly atMost: number;
  /** Absent when they are too many for a query. */
  readonly ids?: readonly string[];
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

/** If the signatures were not verified for this report, "signed" says no more than that there is one. */
export type SignatureCheck =
  | { readonly isChecked: false }
  /** `refused`: statements that do not fit; what they say counts as said over the channel. */
  | { readonly isChecked: true; readonly refused: number };

export interface Named {
  readonly verdict: VerdictName;
  readonly count: number;
  readonly rows: readonly DeviceRow[];
}

export interface DeviceRow {
  readonly id: string;
  readonly ordinal: number;
  readonly verdict: VerdictName;
  readonly because: string;
  /** Of the evidence that decided. */
  readonly evidenceAtMs?: number;
  /** How the device's own words came, where they decided. */
  readonly said?: Saying;
  readonly newest: NewestEvidence;
}

export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}
