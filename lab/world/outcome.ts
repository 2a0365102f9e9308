/** What came of a world. */
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { StoredVerdict } from "../../src/fleet/verdict.ts";
import type { Truth } from "./truth.ts";

export interface Outcome {
  readonly seed: number;
  readonly devices: number;
  readonly digest: string;
  readonly lines: number;
  readonly events: number;
  readonly simulatedMs: number;
  readonly campaign: Campaign;
  readonly verdicts: readonly StoredVerdict[];
  /** Of the campaign that stopped a process before. */
  readonly stop?: { readonly campaign: Campaign; readonly verdicts: readonly StoredVerdict[] };
  readonly truth: Truth;
}
