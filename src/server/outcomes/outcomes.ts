/** What became of a campaign's command, folded into sets from what devices say. It concludes nothing: verdicts are the after-action's. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Evidence } from "../../fleet/evidence.ts";

/** A device's own words. */
export type Words = Extract<Evidence, { readonly kind: "check-in" | "response" }>;

export interface Outcomes {
  /** Have done what they were told, as they say. */
  readonly done: RoaringBitmap32;
  readonly failed: RoaringBitmap32;
  /** Not sent to, and in no need of it. */
  readonly needless: RoaringBitmap32;
  noteSent(ordinal: number, commandId: string, atMs: number): void;
  note(words: Words, isSent: boolean): void;
  /** Of whom enough is known for their wave to go on. `away`: who has no channel. The set is fresh. */
  settled(nowMs: number, away: RoaringBitmap32): RoaringBitmap32;
}
