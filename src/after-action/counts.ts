/** Counts per verdict. They always add up to the number of targeted devices: whoever counts otherwise has lost a device. */
import { VERDICTS, type StoredVerdict, type VerdictName } from "../fleet/verdict.ts";
import { AfterActionError } from "./errors.ts";

export type VerdictCounts = { readonly [verdict in VerdictName]: number };

/** Every verdict with its count, zeros too. Throws ERR_AFTER_ACTION_COUNT unless there is exactly one verdict per targeted device. */
export function countVerdicts(verdicts: Iterable<StoredVerdict>, targeted: number): VerdictCounts {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as { [verdict in VerdictName]: number };
  const judged = new Set<number>();
  for (const { ordinal, verdict } of verdicts) {
    if (judged.has(ordinal)) throw new AfterActionError("ERR_AFTER_ACTION_COUNT", `device ${ordinal} has two verdicts`);
    judged.add(ordinal);
    counts[verdict] += 1;
  }
  if (judged.size !== targeted) {
    throw new AfterActionError("ERR_AFTER_ACTION_COUNT", `${judged.size} verdicts for ${targeted} targeted devices`);
  }
  return counts;
}
