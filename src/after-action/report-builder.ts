/**
 * Puts a campaign's report together while its devices go by, one after the other in the order of their ordinals. It keeps two moments a
 * device and a few counts, so that ten million devices fit. It concludes nothing: verdicts come from judge.ts, and a campaign in which a
 * targeted device has not exactly one is refused (ERR_AFTER_ACTION_COUNT). Pure.
 */
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { type VerdictCounts, type VerdictName, VERDICTS } from "../fleet/verdict.ts";
import { campaignFacts, waveRows } from "./campaign-facts.ts";
import type { CaseFile } from "./case-file.ts";
import { curveOf, momentsOf, quantile } from "./curve.ts";
import { AfterActionError } from "./errors.ts";
import { figuresOf } from "./figures.ts";
import { followUpQuery } from "./follow-up.ts";
import { NOT_VERIFIED } from "./headline.ts";
import { isUncertain, isUpdate, type JudgeContext, type Judgement } from "./judge.ts";
import { FOLLOW_UP_IDS_MAX, NAMED_MAX } from "./limits.ts";
import { type DeviceRow, type Exposed, type Report, REPORT_SCHEMA, type SentFigures, type SignatureCheck } from "./report-model.ts";
import { Strata } from "./strata.ts";
import { isExposed, notPromised } from "./verdict-facts.ts";

const HOUR_MS = 3_600_000;

export class ReportBuilder {
  readonly #file: CaseFile;
  readonly #context: JudgeContext;
  /** By the order of arrival; Infinity where it never was. */
  readonly #firstSentMs: Float64Array;
  readonly #seenPatchedMs: Float64Array;
  readonly #verdicts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as { [verdict in VerdictName]: number };
  readonly #named = new Map<VerdictName, DeviceRow[]>(NOT_VERIFIED.map((verdict) => [verdict, []]));
  readonly #exposedIds: string[] = [];
  readonly #strata = new Strata();
  #count = 0;
  #lastOrdinal = -1;
  #exposureMs = 0;
  #downloadedBytes = 0;
  #devicesComplete = 0;
  #unaskedBytes = 0;
  #unknownNotSent = 0;
  readonly #said = { signed: 0, overChannel: 0 };

  constructor(file: CaseFile, context: JudgeContext) {
    this.#file = file;
    this.#context = context;
    const { targeted } = file.campaign;
    this.#firstSentMs = new Float64Array(targeted).fill(Infinity);
    this.#seenPatchedMs = new Float64Array(targeted).fill(Infinity);
  }

  /** The next device, with what was concluded about it. Returns its row. */
  add(device: Device, evidence: readonly Evidence[], judgement: Judgement): DeviceRow {
    const index = this.#next(device.ordinal, judgement);
    const figures = figuresOf(evidence, this.#context);
    const row: DeviceRow = { id: device.id, ...judgement, newest: figures.newest };
    const { verdict, said } = judgement;
    this.#verdicts[verdict] += 1;
    this.#firstSentMs[index] = figures.firstSentMs;
    this.#downloadedBytes += figures.downloadedBytes;
    this.#unaskedBytes += figures.unaskedBytes;
    if (verdict === "unknown" && figures.firstSentMs === Infinity) this.#unknownNotSent += 1;
    if (figures.isComplete) this.#devicesComplete += 1;
    if (said === "signed") this.#said.signed += 1;
    if (said === "over the channel") this.#said.overChannel += 1;
    // The fleet's own fact is of today; before the command it was what was selected for, or first seen.
    this.#strata.add(device, oldVersionOf(this.#context) ?? figures.firstVersion ?? device.version, verdict);
    this.#expose(index, row, figures.firstSafeMs);
    const named = this.#named.get(verdict);
    if (named !== undefined && named.length < NAMED_MAX) named.push(row);
    return row;
  }

  finish(signatures: SignatureCheck): Report {
    const { campaign, ledger } = this.#file;
    const { decidedMs, nowMs } = this.#context;
    const verdicts = this.#verdicts;
    if (this.#count !== campaign.targeted) {
      throw new AfterActionError("ERR_AFTER_ACTION_COUNT", `${this.#count} verdicts for ${campaign.targeted} targeted devices`);
    }
    const sentMs = momentsOf(this.#firstSentMs);
    return {
      schema: REPORT_SCHEMA,
      generatedMs: nowMs,
      campaign: campaignFacts(campaign, decidedMs),
      targeted: campaign.targeted,
      verdicts,
      unknownNotSent: this.#unknownNotSent,
      upstreamBytesForNone: this.#unaskedBytes,
      waves: waveRows(this.#file),
      sent: sentFigures(sentMs, decidedMs),
      downloads: { bytes: this.#downloadedBytes, devicesComplete: this.#devicesComplete },
      patchedCurve: curveOf(momentsOf(this.#seenPatchedMs), sentMs[0] ?? decidedMs),
      exposureDeviceHours: this.#exposureMs / HOUR_MS,
      exposed: this.#exposed(verdicts),
      strata: this.#strata.rows(),
      said: this.#said,
      signatures,
      named: NOT_VERIFIED.filter((verdict) => verdicts[verdict] > 0).map((verdict) => ({
        verdict,
        count: verdicts[verdict],
        rows: this.#named.get(verdict) ?? [],
      })),
      ...(ledger.head !== undefined && { ledgerHead: ledger.head }),
      notPromised: notPromised(campaign.command),
    };
  }

  /** Ascending ordinals cannot hold a device twice. */
  #next(ordinal: number, judgement: Judgement): number {
    const refuse = (why: string) => new AfterActionError("ERR_AFTER_ACTION_COUNT", `device ${ordinal} ${why}`);
    if (judgement.ordinal !== ordinal) throw refuse(`was given the verdict of device ${judgement.ordinal}`);
    if (ordinal <= this.#lastOrdinal) throw refuse(`comes after device ${this.#lastOrdinal}`);
    if (this.#count === this.#firstSentMs.length) throw refuse(`is one more than the ${this.#count} that were targeted`);
    this.#lastOrdinal = ordinal;
    return this.#count++;
  }

  /** A device that was on the new version and rolled back is still exposed; one that is not, was until it was seen or spoke. */
  #expose(index: number, { id, verdict, evidenceAtMs }: DeviceRow, firstSafeMs: number): void {
    const { decidedMs, nowMs } = this.#context;
    const isOpen = isExposed(verdict);
    if (isOpen && this.#exposedIds.length <= FOLLOW_UP_IDS_MAX) this.#exposedIds.push(id);
    if (!isOpen) this.#seenPatchedMs[index] = firstSafeMs;
    const patchedMs = isOpen ? Infinity : firstSafeMs === Infinity ? (evidenceAtMs ?? Infinity) : firstSafeMs;
    this.#exposureMs += Math.max(0, Math.min(patchedMs, nowMs) - decidedMs);
  }

  #exposed(verdicts: VerdictCounts): Exposed {
    const { request } = this.#file.campaign;
    const sum = (is: (name: VerdictName) => boolean) => VERDICTS.filter(is).reduce((total, name) => total + verdicts[name], 0);
    const count = sum(isExposed);
    const ids = count <= FOLLOW_UP_IDS_MAX ? this.#exposedIds : undefined;
    const query = followUpQuery(count, ids, request);
    return {
      count,
      atLeast: sum((name) => isExposed(name) && !isUncertain(name)),
      atMost: sum((name) => isExposed(name) || isUncertain(name)),
      ...(ids !== undefined && { ids }),
      ...(query !== undefined && { followUpQuery: query }),
    };
  }
}

function oldVersionOf(context: JudgeContext): string | undefined {
  return isUpdate(context) ? context.oldVersion : undefined;
}

function sentFigures(ascending: Float64Array, decidedMs: number): SentFigures {
  const after = (share: number) => (quantile(ascending, share) ?? decidedMs) - decidedMs;
  const figures = { devices: ascending.length, curve: curveOf(ascending, ascending[0] ?? decidedMs) };
  if (ascending.length === 0) return figures;
  return { ...figures, firstMs: after(0), medianMs: after(0.5), p99Ms: after(0.99), lastMs: after(1) };
}
