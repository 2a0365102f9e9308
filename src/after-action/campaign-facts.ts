/** What the report says of the campaign itself: who decided, what was signed, which waves were ordered when. Pure. */
import type { Campaign } from "../campaign/campaign.ts";
import type { CaseFile } from "./case-file.ts";
import type { CampaignFacts, WaveRow } from "./report-model.ts";

export function waveRows({ campaign, orders }: CaseFile): WaveRow[] {
  return campaign.waves.map(({ index, count, isJoined }) => {
    // Several with maintenance hours: each is to other devices.
    const known = orders.filter(({ wave }) => wave === index);
    const orderedMs = known[0]?.atMs ?? (index === campaign.wave ? campaign.waveAtMs : undefined);
    return {
      index,
      count,
      responseRequested: index === 0 ? "complete" : "none",
      ...(isJoined && { isJoined }),
      ...(orderedMs !== undefined && { orderedMs }),
      ...(known.length > 0 && { sent: known.reduce((total, { sent }) => total + sent, 0) }),
    };
  });
}

export function campaignFacts(campaign: Campaign, decidedMs: number): CampaignFacts {
  const { permit, request, reason } = campaign;
  return {
    id: campaign.id,
    tenant: campaign.tenant,
    state: campaign.state,
    ...(reason !== undefined && { reason }),
    author: campaign.author,
    signers: campaign.signedBy ?? [],
    draftedMs: campaign.createdMs,
    decidedMs,
    command: campaign.command,
    ...(request.newVersion !== undefined && { newVersion: request.newVersion }),
    ...(request.query !== undefined && { query: request.query }),
    ...(request.optOutOverride !== undefined && { optOutOverride: request.optOutOverride }),
    permit: {
      countMax: permit.count_max,
      ...(permit.newcomers !== undefined && { newcomers: permit.newcomers }),
      rateMaxPerSecond: permit.rate_max_per_second,
      notBeforeMs: permit.not_before,
      notAfterMs: permit.not_after,
      halt: permit.halt,
      cohortSha256: permit.cohort_sha256,
    },
  };
}
