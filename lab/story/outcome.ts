/** What `npm start -- --json` prints. */
import type { DeviceRow, Report } from "../../src/after-action/index.ts";
import type { StoryOptions } from "./arguments.ts";
import type { Signature } from "./who-signed.ts";

export interface Outcome {
  readonly ok: boolean;
  readonly targeted: number;
  /** Verdict -> devices. They add up to `targeted`. */
  readonly verdicts: Report["verdicts"];
  readonly upstreamBytesForNone: number;
  readonly devices: number;
  readonly seed: number;
  readonly elapsedMs: number;
  /** From the decision to the first, median, 99th-percentile and last device sent to. */
  readonly sent: Omit<Report["sent"], "curve">;
  readonly wrong: readonly string[];
  /** Who signed what: the manufacturer's people, the owner, the director's root, author and approver. */
  readonly signed: readonly Signature[];
  /** The devices with this verdict: among them those that never came back. */
  readonly unreachable: readonly string[];
  /** Why the campaign ended before its last wave. */
  readonly reason?: string;
  readonly report: string;
  readonly state: string;
}

export interface OutcomeParts {
  readonly options: StoryOptions;
  readonly report: Report;
  /** One per device. */
  readonly rows: readonly DeviceRow[];
  readonly wrong: readonly string[];
  readonly signed: readonly Signature[];
  readonly elapsedMs: number;
  readonly html: string;
  readonly stateDirectory: string;
}

export function makeOutcome({ options, report, rows, wrong, signed, elapsedMs, html, stateDirectory }: OutcomeParts): Outcome {
  const { curve: _curve, ...sent } = report.sent;
  return {
    ok: wrong.length === 0,
    targeted: report.targeted,
    verdicts: report.verdicts,
    upstreamBytesForNone: report.upstreamBytesForNone,
    devices: options.devices,
    seed: options.seed,
    elapsedMs: Math.round(elapsedMs),
    sent,
    wrong,
    signed,
    unreachable: rows.filter(({ verdict }) => verdict === "unreachable").map(({ id }) => id),
    ...(report.campaign.reason !== undefined && { reason: report.campaign.reason }),
    report: html,
    state: stateDirectory,
  };
}
