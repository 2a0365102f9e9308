/** What the after-action concludes about one device of one campaign (DESIGN section 10). Written back into the fleet. */
export const VERDICTS = [
  /** Post-boot version and digest seen after the command, and the device names the command. */
  "verified",
  /** The device claims it (a response or a check-in without a boot since the command). */
  "reported",
  /** Went away and came back, or fetched the whole blob, and nothing contradicts it. */
  "inferred",
  "rolled-back",
  "failed",
  /** The newest evidence is older than the command. */
  "stale",
  /** Did not need the command: had the new version by other means. */
  "not-applicable",
  "superseded",
  /** Could not be reached, or went away with the command and has not come back. */
  "unreachable",
  "unknown",
] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** Devices with each verdict. */
export type VerdictCounts = { readonly [verdict in VerdictName]: number };

export interface StoredVerdict {
  readonly ordinal: number;
  readonly verdict: VerdictName;
  /** One sentence that names the evidence, for a person. */
  readonly because: string;
  /** ms since the epoch of the newest evidence used; absent when there is none. */
  readonly evidenceAtMs?: number;
}
