/** What goes into the planner and what comes out. */
import type { CampaignState } from "./campaign.ts";

/** Counts for one wave; every number is of devices. */
export interface WaveFacts {
  readonly index: number;
  readonly count: number;
  readonly sent: number;
  /** Sent to, and currently without a channel, not back since. */
  readonly away: number;
  /** Checked in after a boot that followed the command, or answered it finally: settled for this wave. */
  readonly settled: number;
  /** Of the settled: on the new version. */
  readonly updated: number;
  /** Of the settled: failed or rolled back. */
  readonly failed: number;
  /** Never sent to because they have no channel. */
  readonly offline: number;
}

export type Step =
  | { readonly kind: "send-wave"; readonly wave: number }
  | { readonly kind: "enter"; readonly state: CampaignState }
  | { readonly kind: "halt"; readonly reason: string }
  | { readonly kind: "expire" }
  | { readonly kind: "finish" };
