/** What goes into the planner and what comes out. Every number of facts is of devices unless its name says otherwise. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { CampaignState } from "./campaign.ts";
import type { Rival } from "./overlap.ts";

/** Counts for one wave. */
export interface WaveFacts {
  readonly index: number;
  readonly count: number;
  readonly sent: number;
  /** Sent to, and currently without a channel, not back since. */
  readonly away: number;
  /** Checked in after a boot that followed the command, or answered it finally: settled for this wave. */
  readonly settled: number;
  /** Of the settled: did what they were told, as they say. */
  readonly updated: number;
  /** Of the settled: failed or rolled back. */
  readonly failed: number;
  /** Never sent to because they have no channel, or because they run the new version already. */
  readonly offline: number;
  /** Of those away: for longer than the ladder's `lostAfterMs`, also when they had settled before. */
  readonly lost: number;
  /** Sent to, and started again and again since; not those that are lost. */
  readonly looping: number;
  /** Sent to, and what became of them is known: settled, lost or looping, each device once. */
  readonly watched: number;
}

/** How a group of devices is, whether or not it was commanded. */
export interface Group {
  /** Of how many it is known. */
  readonly watched: number;
  readonly lost: number;
  readonly looping: number;
}

/** The devices of one kind (a hardware revision, a region): commanded ones and the others of the cohort. */
export interface Comparison {
  readonly name: string;
  readonly commanded: Group;
  readonly control: Group;
}

/** How the depot has been in the last minutes. */
export interface DepotFacts {
  /** HTTP requests for blobs, and those of them that failed for a reason on the depot's side. */
  readonly requests: number;
  readonly errors: number;
  /** Bits a second against what origin and access network bear; above 1 is too much. */
  readonly loadShare: number;
}

/** What became of a release since its campaign was drafted: no longer named by the image repository, or named with other bytes. */
export type ReleaseChange = "withdrawn" | "replaced";

export interface PlanFacts {
  readonly waves: readonly WaveFacts[];
  /** Devices of the cohort that had a channel since the campaign began and were not commanded (yet). */
  readonly control: Group;
  /** Kinds of device that are watched each by itself, beside all together. */
  readonly kinds?: readonly Comparison[];
  readonly depot?: DepotFacts | undefined;
  /** Absent while the image repository names what was signed, and when that is not known. */
  readonly release?: ReleaseChange | undefined;
  /** Why no further wave may begin now although this campaign itself is well, as a sentence for people. */
  readonly waitsFor?: string;
  /** Campaigns of the same software with devices in common. */
  readonly rivals?: readonly Rival[];
  /** Devices that appeared later, have a channel, match what people signed and are in no campaign yet; now and then, when this one is done. */
  readonly newcomers?: RoaringBitmap32 | undefined;
}

export type Step =
  | { readonly kind: "send-wave"; readonly wave: number }
  /** A further wave, of devices that were not in any: they join the campaign with it. */
  | { readonly kind: "join"; readonly wave: number; readonly devices: RoaringBitmap32 }
  | { readonly kind: "enter"; readonly state: CampaignState }
  | { readonly kind: "halt"; readonly reason: string }
  /** A campaign, this one or another, sends nothing more because a newer release takes its place. */
  | { readonly kind: "supersede"; readonly campaign: string; readonly by: string }
  | { readonly kind: "expire" }
  | { readonly kind: "finish" };
