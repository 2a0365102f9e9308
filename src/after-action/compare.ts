/** Two campaigns side by side, by the same definitions, with bounds on how far they are apart. Pure. */
import type { VerdictName } from "../fleet/verdict.ts";
import { AfterActionError } from "./errors.ts";
import { REPORT_SCHEMA, type Report } from "./report-model.ts";
import { aimText } from "./speech.ts";
import { type Difference, shareDifference } from "./statistics/difference.ts";

export const COMPARISON_SCHEMA = "edict.comparison/1";

/** A share of the targeted devices in both. */
export interface ComparedShare extends Difference {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}

/** A figure in both; absent where a campaign has none. */
export interface ComparedFigure {
  readonly name: string;
  readonly unit: "ms" | "hours";
  readonly first?: number;
  readonly second?: number;
}

export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  readonly campaigns: readonly [ComparedCampaign, ComparedCampaign];
  /** `second` less `first`; 95 % bounds (Newcombe), the devices taken as a sample of their kind. */
  readonly shares: readonly ComparedShare[];
  readonly figures: readonly ComparedFigure[];
}

export interface ComparedCampaign {
  readonly id: string;
  /** Of an update. */
  readonly newVersion?: string;
  /** What it was after, in words. */
  readonly aim: string;
  readonly targeted: number;
  /** How old it was when it was looked at: an old campaign has had more time. ms */
  readonly ageMs: number;
}

const SHARES: readonly (readonly [string, readonly VerdictName[]])[] = [
  ["verified", ["verified"]],
  ["failed or rolled back", ["failed", "rolled-back"]],
  ["unreachable", ["unreachable"]],
  ["not known (stale, inferred, unknown)", ["stale", "inferred", "unknown"]],
];

/** Throws ERR_AFTER_ACTION_COMPARE for what is not two reports of this schema. */
export function compareReports(first: Report, second: Report): Comparison {
  for (const { schema } of [first, second]) {
    if (schema !== REPORT_SCHEMA) throw new AfterActionError("ERR_AFTER_ACTION_COMPARE", `"${String(schema)}" is not ${REPORT_SCHEMA}`);
  }
  const share = (name: string, count: (report: Report) => number): ComparedShare => {
    const of = (report: Report) => ({ hits: count(report), size: report.targeted });
    const shareOf = (report: Report) => count(report) / Math.max(1, report.targeted);
    return { name, first: shareOf(first), second: shareOf(second), ...shareDifference(of(first), of(second)) };
  };
  const figure = (name: string, unit: "ms" | "hours", of: (report: Report) => number | undefined): ComparedFigure => {
    const [a, b] = [of(first), of(second)];
    return { name, unit, ...(a !== undefined && { first: a }), ...(b !== undefined && { second: b }) };
  };
  return {
    schema: COMPARISON_SCHEMA,
    campaigns: [campaignOf(first), campaignOf(second)],
    shares: [
      ...SHARES.map(([name, verdicts]) => share(name, (report) => verdicts.reduce((sum, verdict) => sum + report.verdicts[verdict], 0))),
      share("still exposed", ({ exposed }) => exposed.count),
    ],
    figures: [
      figure("decision to first sent", "ms", ({ sent }) => sent.firstMs),
      figure("decision to median sent", "ms", ({ sent }) => sent.medianMs),
      figure("decision to 99 % sent", "ms", ({ sent }) => sent.p99Ms),
      figure("decision to last sent", "ms", ({ sent }) => sent.lastMs),
      figure("first sent to half of all targeted seen safe", "ms", (report) => patchedMs(report, 0.5)),
      figure("first sent to 90 % of all targeted seen safe", "ms", (report) => patchedMs(report, 0.9)),
      figure("exposure per targeted device", "hours", ({ exposureDeviceHours, targeted }) => exposureDeviceHours / Math.max(1, targeted)),
    ],
  };
}

function campaignOf({ campaign, targeted, generatedMs }: Report): ComparedCampaign {
  const { id, newVersion, decidedMs } = campaign;
  return { id, ...(newVersion !== undefined && { newVersion }), aim: aimText(campaign), targeted, ageMs: generatedMs - decidedMs };
}

/** From the curve, so to the next of its points. */
function patchedMs({ patchedCurve, targeted }: Report, share: number): number | undefined {
  const point = patchedCurve.find(({ devices }) => devices >= share * targeted);
  return point === undefined ? undefined : point.seconds * 1000;
}
