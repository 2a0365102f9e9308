/** Which other campaigns have devices in common with one, and who of them is still to be sent to: counted from live progress. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import type { Rival } from "../campaign/overlap.ts";

/** Drafts are nobody's decision yet; the others send nothing any more. */
const OUT: ReadonlySet<CampaignState> = new Set(["draft", "cancelled", "expired"]);

export interface Reach {
  readonly cohort: RoaringBitmap32;
  /** Not sent to yet; the caller's to dispose of. */
  unsent(): RoaringBitmap32;
}

export function rivalsOf(
  campaign: Campaign,
  reach: Reach,
  others: readonly Campaign[],
  reachOf: (other: Campaign) => Reach,
): readonly Rival[] {
  return others.flatMap((other): readonly Rival[] => {
    if (other.id === campaign.id || OUT.has(other.state) || !isSameSoftware(campaign, other)) return [];
    const theirs = reachOf(other);
    const common = reach.cohort.andCardinality(theirs.cohort);
    if (common === 0) return [];
    return [{ campaign: other, common, isWithin: isWithin(theirs, reach), isAround: isWithin(reach, theirs) }];
  });
}

function isWithin(inner: Reach, outer: Reach): boolean {
  const unsent = inner.unsent();
  const is = unsent.isSubset(outer.cohort);
  unsent.dispose();
  return is;
}

function isSameSoftware(one: Campaign, other: Campaign): boolean {
  const { tenant, request } = one;
  return tenant === other.tenant && request.vendor === other.request.vendor && request.name === other.request.name;
}
