/** Which other campaigns have devices in common with one, and who of them is still to be sent to: counted from live progress. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import type { Rival } from "../campaign/overlap.ts";

/** Drafts are nobody's decision yet; the others send nothing any more. */
const OUT: ReadonlySet<CampaignState> = new Set(["draft", "cancelled", "expired"]);

export interface Reach {
  /** And whoever joined it since. */
  readonly cohort: RoaringBitmap32;
  /** Those of them that were sent to. */
  readonly sent: RoaringBitmap32;
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
    return [
      { campaign: other, common, isWithin: isWithin(theirs, reach.cohort, common), isAround: isWithin(reach, theirs.cohort, common) },
    ];
  });
}

/** Whether everybody who was not sent to yet is in the other cohort: by counting, because it is asked five times a second. */
function isWithin({ cohort, sent }: Reach, other: RoaringBitmap32, common: number): boolean {
  return cohort.size - sent.size === common - sent.andCardinality(other);
}

/** What brings no software has no rivals: a stop goes out beside an update. */
export function isSameSoftware({ tenant, request: { vendor, name, newVersion } }: Campaign, other: Campaign): boolean {
  const { request } = other;
  if (newVersion === undefined || request.newVersion === undefined) return false;
  return tenant === other.tenant && vendor === request.vendor && name === request.name;
}
