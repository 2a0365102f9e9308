/**
 * Devices that appear after a campaign was drafted and join it (ADR 47): what people sign about them, and who is in a campaign by now. The
 * frozen cohort is what its permit binds; the members are the cohort and whoever joined since.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { CohortRequest } from "../fleet/cohort.ts";
import type { Criteria, Newcomers } from "../trust/permit.ts";
import type { Campaign, Wave } from "./campaign.ts";
import { refuse } from "./commands/command-kind.ts";
import { broughtBy } from "./commands/update.ts";
import type { CampaignStore } from "./ports.ts";

/** Throws ERR_CAMPAIGN_COMMAND for a campaign that brings nothing: who appears later cannot be in want of it. */
export function criteriaOf(request: CohortRequest): Criteria {
  const { vendor, name, version } = broughtBy(request) ?? refuse("devices that appear later join updates only");
  const { oldVersion, query, optOutOverride } = request;
  return {
    vendor,
    name,
    new_version: version,
    ...(oldVersion !== undefined && { old_version: oldVersion }),
    ...(query !== undefined && { query }),
    ...(optOutOverride !== undefined && { opt_out_basis: optOutOverride }),
  };
}

/** What selects them: the criteria as they were signed. What orders versions in the query was frozen with the draft. */
export function newcomersRequest({ tenant, request }: Pick<Campaign, "tenant" | "request">, { criteria }: Newcomers): CohortRequest {
  const { vendor, name, new_version: newVersion, old_version: oldVersion, query, opt_out_basis: optOutOverride } = criteria;
  return {
    tenant,
    vendor,
    name,
    newVersion,
    ...(oldVersion !== undefined && { oldVersion }),
    ...(query !== undefined && { query }),
    ...(request.counters !== undefined && { counters: request.counters }),
    ...(optOutOverride !== undefined && { optOutOverride }),
  };
}

export function joinedWaves({ waves }: Pick<Campaign, "waves">): readonly Wave[] {
  return waves.filter(({ isJoined }) => isJoined);
}

/** Devices. */
export function joinedCount(campaign: Pick<Campaign, "waves">): number {
  return joinedWaves(campaign).reduce((sum, { count }) => sum + count, 0);
}

/** A wave of newcomers is under way: the campaign was done with its cohort before. */
export function isJoining({ state, wave, waves }: Pick<Campaign, "state" | "wave" | "waves">): boolean {
  return state === "sending" && waves[wave]?.isJoined === true;
}

/** Fresh: whoever gets it may change it. */
export function membersOf(store: Pick<CampaignStore, "cohort" | "wave">, campaign: Pick<Campaign, "id" | "waves">): RoaringBitmap32 {
  const { id } = campaign;
  return RoaringBitmap32.orMany([store.cohort(id), ...joinedWaves(campaign).map(({ index }) => store.wave(id, index))]);
}
