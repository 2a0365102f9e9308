/**
 * Who would join a campaign now: devices that have a channel, match what people signed, and that no campaign of this software has. Without a
 * channel a wave of them would be found well on nobody. Consent is asked again for each of them, because the query leaves out whoever
 * has not given it. Which of them go first the planner says.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import { newcomersRequest } from "../campaign/newcomers.ts";
import { keepsDevices, takesNewcomers } from "../campaign/overlap.ts";
import type { FleetStore } from "../fleet/store.ts";
import { isSameSoftware } from "./rivals.ts";

interface Sources {
  readonly fleet: FleetStore;
  readonly nowMs: number;
  readonly connected: RoaringBitmap32;
  /** The cohort and whoever joined since. */
  readonly membersOf: (campaign: Campaign) => RoaringBitmap32;
  /** Versions that are newer than a campaign's: devices refuse to go back. Undefined while that is not known. */
  readonly newerThan: (campaign: Campaign) => readonly string[] | undefined;
}

/** Undefined when none may join, or it is not known yet who. */
export function newcomersOf(campaign: Campaign, all: readonly Campaign[], sources: Sources): RoaringBitmap32 | undefined {
  const { fleet, nowMs, connected, membersOf, newerThan } = sources;
  const { newcomers } = campaign.permit;
  const others = all.filter((other) => other.id !== campaign.id && isSameSoftware(campaign, other));
  const newer = newerThan(campaign);
  if (newcomers === undefined || newer === undefined) return undefined;
  if (others.some((other) => takesNewcomers(other, campaign))) return new RoaringBitmap32();
  const { selected } = fleet.select(newcomersRequest(campaign, newcomers), nowMs);
  selected.andInPlace(connected);
  selected.andNotInPlace(membersOf(campaign)).andNotInPlace(fleet.find({ kind: "versions", versions: newer }));
  for (const other of others) if (keepsDevices(other, campaign)) selected.andNotInPlace(membersOf(other));
  return selected;
}
