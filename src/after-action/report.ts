/**
 * From one campaign, its targets, verdicts and evidence to its report. Pure; goes over the evidence once. It concludes nothing:
 * verdicts come from judge.ts, and a target without exactly one of them is refused (ERR_AFTER_ACTION_COUNT).
 */
import type { LeftOutReason } from "../fleet/cohort.ts";
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { StoredVerdict } from "../fleet/verdict.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { countVerdicts } from "./counts.ts";
import { curveOf, momentsOf, quantile } from "./curve.ts";
import { AfterActionError } from "./errors.ts";
import { followUpQuery } from "./follow-up.ts";
import {
  type CampaignFacts,
  type DeviceRow,
  type LedgerHead,
  type Report,
  REPORT_SCHEMA,
  type SentFigures,
  type WaveRow,
} from "./report-model.ts";
import { Strata } from "./strata.ts";
import { tallyOf, type Tally } from "./tally.ts";
import { NOT_PROMISED, VERDICT_FACTS } from "./verdict-facts.ts";

export interface ReportInput {
  readonly campaign: Campaign;
  /** Every device of the frozen cohort. */
  readonly targets: Iterable<Device>;
  readonly verdicts: readonly StoredVerdict[];
  /** Any order; evidence from before the decision too. */
  readonly evidence: Iterable<Evidence>;
  /** Base16 SHA-256 of the release. */
  readonly sha256: string;
  readonly upstreamBytesForNone: number;
  /** Persons who signed the command. */
  readonly signers: readonly string[];
  /** When the last needed signature was made. ms since the epoch */
  readonly decidedMs: number;
  readonly nowMs: number;
  readonly ledgerHead?: LedgerHead;
  readonly leftOut?: { readonly [reason in LeftOutReason]: number };
  /** When each wave was ordered, and how many of it were sent to. */
  readonly waves?: readonly { readonly index: number; readonly orderedMs: number; readonly sent?: number }[];
}

export function buildReport(input: ReportInput): Report {
  const { campaign, decidedMs, nowMs } = input;
  const devices = [...input.targets];
  const verdicts = countVerdicts(input.verdicts, campaign.targeted);
  const { newVersion } = campaign.request;
  const tally = tallyOf(devices, input.evidence, {
    updateCommandIds: [campaign.commandIds.mass, campaign.commandIds.canary],
    newVersion,
    sha256: input.sha256,
    decidedMs,
  });
  const rows = rowsOf(devices, input.verdicts, tally);
  const patchedMs = patchedTimes(rows, tally);
  const seenPatchedMs = patchedMs.map((ms, index) => (tally.firstOnNewMs[index] === Infinity ? Infinity : ms));
  const sentMs = momentsOf(tally.firstSentMs);
  const originMs = sentMs[0] ?? decidedMs;
  const exposedIds = rows.filter((row) => VERDICT_FACTS[row.verdict].exposed).map((row) => row.id);
  const query = followUpQuery(exposedIds, newVersion, campaign.request.query);
  return {
    schema: REPORT_SCHEMA,
    generatedMs: nowMs,
    campaign: campaignFacts(input),
    targeted: campaign.targeted,
    verdicts,
    upstreamBytesForNone: input.upstreamBytesForNone,
    ...(input.leftOut !== undefined && { leftOut: input.leftOut }),
    waves: waveRows(input),
    sent: sentFigures(sentMs, decidedMs),
    downloads: { bytes: tally.downloadedBytes, devicesComplete: tally.devicesComplete },
    patchedCurve: curveOf(momentsOf(seenPatchedMs), originMs),
    exposureDeviceHours: patchedMs.reduce((sumMs, ms) => sumMs + Math.max(0, Math.min(ms, nowMs) - decidedMs), 0) / 3_600_000,
    exposed: { count: exposedIds.length, ids: exposedIds, ...(query !== undefined && { followUpQuery: query }) },
    strata: strataOf(devices, rows, tally, campaign),
    devices: rows,
    ...(input.ledgerHead !== undefined && { ledgerHead: { seq: input.ledgerHead.seq, hash: input.ledgerHead.hash } }),
    notPromised: NOT_PROMISED,
  };
}

/** In the order of the targets. */
function rowsOf(devices: readonly Device[], verdicts: readonly StoredVerdict[], tally: Tally): DeviceRow[] {
  const byIndex: (StoredVerdict | undefined)[] = Array.from({ length: devices.length });
  for (const verdict of verdicts) {
    const index = tally.indexOf.get(verdict.ordinal);
    if (index === undefined) throw new AfterActionError("ERR_AFTER_ACTION_COUNT", `device ${verdict.ordinal} was judged but not targeted`);
    byIndex[index] = verdict;
  }
  return devices.map(({ id, ordinal }, index) => {
    const verdict = byIndex[index];
    if (verdict === undefined) throw new AfterActionError("ERR_AFTER_ACTION_COUNT", `device ${ordinal} was targeted but not judged`);
    return { id, ...verdict };
  });
}

/** When each device stopped being exposed; Infinity while it still is. A device that was on the new version and rolled back still is. */
function patchedTimes(rows: readonly DeviceRow[], tally: Tally): Float64Array {
  return Float64Array.from(rows, (row, index) => {
    if (VERDICT_FACTS[row.verdict].exposed) return Infinity;
    const seenMs = tally.firstOnNewMs[index] ?? Infinity;
    return seenMs === Infinity ? (row.evidenceAtMs ?? Infinity) : seenMs;
  });
}

function sentFigures(ascending: Float64Array, decidedMs: number): SentFigures {
  const after = (share: number) => (quantile(ascending, share) ?? decidedMs) - decidedMs;
  const figures = { devices: ascending.length, curve: curveOf(ascending, ascending[0] ?? decidedMs) };
  if (ascending.length === 0) return figures;
  return { ...figures, firstMs: after(0), medianMs: after(0.5), p99Ms: after(0.99), lastMs: after(1) };
}

function strataOf(devices: readonly Device[], rows: readonly DeviceRow[], tally: Tally, campaign: Campaign) {
  const strata = new Strata();
  rows.forEach((row, index) => {
    const device = devices[index];
    // The fleet's own fact is of today; before the command it was what was selected for, or first seen.
    if (device !== undefined) strata.add(device, campaign.request.oldVersion ?? tally.firstVersion[index] ?? device.version, row.verdict);
  });
  return strata.rows();
}

function waveRows({ campaign, waves = [] }: ReportInput): WaveRow[] {
  const times = new Map(waves.map((wave) => [wave.index, wave]));
  return campaign.waves.map(({ index, count }) => {
    const known = times.get(index);
    const orderedMs = known?.orderedMs ?? (index === campaign.wave ? campaign.waveAtMs : undefined);
    return {
      index,
      count,
      responseRequested: index === 0 ? "complete" : "none",
      ...(orderedMs !== undefined && { orderedMs }),
      ...(known?.sent !== undefined && { sent: known.sent }),
    };
  });
}

function campaignFacts({ campaign, signers, decidedMs }: ReportInput): CampaignFacts {
  const { permit, request, reason } = campaign;
  return {
    id: campaign.id,
    tenant: campaign.tenant,
    state: campaign.state,
    ...(reason !== undefined && { reason }),
    author: campaign.author,
    signers,
    draftedMs: campaign.createdMs,
    decidedMs,
    command: campaign.command,
    newVersion: request.newVersion,
    ...(request.query !== undefined && { query: request.query }),
    ...(request.optOutOverride !== undefined && { optOutOverride: request.optOutOverride }),
    permit: {
      countMax: permit.count_max,
      rateMaxPerSecond: permit.rate_max_per_second,
      notBeforeMs: permit.not_before,
      notAfterMs: permit.not_after,
      halt: permit.halt,
      cohortSha256: permit.cohort_sha256,
    },
  };
}
