/**
 * A whole campaign judged, one device after the other, each row as it comes. Whoever runs it gives it its pauses, so that a server does
 * other work in between, and may have signatures verified on the way. Pure.
 */
import type { DeviceCase } from "./by-device.ts";
import { type JudgeContext, judge } from "./judge.ts";
import type { ReportBuilder } from "./report-builder.ts";
import type { DeviceRow, SignatureCheck } from "./report-model.ts";

/** Devices between two pauses: some milliseconds of work. */
const DEVICES_PER_TURN = 256;

export interface StatementChecker {
  /** Statements refused so far. */
  readonly refused: number;
  /** The case without the statements whose signature does not fit. */
  check(given: DeviceCase): Promise<DeviceCase>;
}

export interface JudgeOptions {
  /** Absent: signatures are not verified. */
  readonly statements?: StatementChecker | undefined;
  readonly pause?: () => Promise<void>;
}

/** What is observed after `context.nowMs` is left out: the same report can be made again later. */
export async function* judgeAll(
  builder: ReportBuilder,
  cases: Iterable<DeviceCase>,
  context: JudgeContext,
  { statements, pause }: JudgeOptions = {},
): AsyncIterable<DeviceRow> {
  let turn = 0;
  for (const given of cases) {
    const { device, evidence } = statements === undefined ? given : await statements.check(given);
    const known = evidence.filter(({ atMs }) => !(atMs > context.nowMs));
    yield builder.add(device, known, judge(device, known, context));
    turn += 1;
    if (pause !== undefined && turn % DEVICES_PER_TURN === 0) await pause();
  }
}

export function signatureCheck(statements: StatementChecker | undefined): SignatureCheck {
  return statements === undefined ? { isChecked: false } : { isChecked: true, refused: statements.refused };
}
