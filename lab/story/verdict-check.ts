/** Holds the after-action against what was really done to each device. The story ends well only if nothing differs. */
import type { DeviceRow, Report } from "../../src/after-action/index.ts";
import { MISFITS, type Misfit } from "./misfits.ts";

/** Everything that is not as it must be, as sentences; empty when all is well. */
export function disagreements(report: Report, devices: readonly DeviceRow[], misfits: readonly Misfit[]): readonly string[] {
  const wrong: string[] = [];
  const rows = new Map(devices.map((row) => [row.id, row]));
  const kinds = new Map(misfits.map(({ id, kind }) => [id, kind]));
  if (rows.size !== report.targeted) wrong.push(`${report.targeted} devices were targeted, but ${rows.size} have a verdict`);
  // Read one after the other: an answer that came in between stands in the rows and not in the counts.
  for (const [verdict, count] of Object.entries(report.verdicts)) {
    const told = devices.filter((row) => row.verdict === verdict).length;
    if (told !== count) wrong.push(`the report counts ${count} ${verdict}, its rows ${told}`);
  }
  if (report.upstreamBytesForNone !== 0)
    wrong.push(`${report.upstreamBytesForNone} bytes came up in answer to a command that asked for none`);
  for (const { id } of misfits) if (!rows.has(id)) wrong.push(`${id} was targeted, but the report does not name it`);
  for (const { id, verdict, because } of devices) {
    const kind = kinds.get(id);
    const expected = kind === undefined ? "verified" : MISFITS[kind].verdict;
    if (verdict !== expected)
      wrong.push(`${id} is ${verdict}, but should be ${expected}${kind ? ` (${MISFITS[kind].story})` : ""}: ${because}`);
  }
  return wrong;
}
