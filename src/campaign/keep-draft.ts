/** Keeps a draft: campaign, cohort, waves and the ledger's first line about it in one transaction. */
import { verbOf } from "../trust/verify/index.ts";
import type { Draft } from "./draft.ts";
import { CampaignError } from "./errors.ts";
import type { CampaignStore } from "./ports.ts";

/**
 * Throws ERR_CAMPAIGN_EXISTS. A command id is used once, because a device that has seen it does nothing for it; and what people stop by a
 * playbook's name is that playbook.
 */
export function keepDraft(store: CampaignStore, { campaign, cohort, waves }: Draft): void {
  store.atomically(() => {
    if (store.get(campaign.id) !== undefined) throw new CampaignError("ERR_CAMPAIGN_EXISTS", `there is a campaign ${campaign.id} already`);
    if ([campaign, ...store.list(campaign.tenant)].some(({ playbook }) => playbook === campaign.id))
      throw new CampaignError("ERR_CAMPAIGN_EXISTS", `${campaign.id} is the name of a playbook`);
    store.put(campaign);
    store.putCohort(campaign.id, cohort);
    store.putWaves(campaign.id, waves);
    store.appendLedger({
      atMs: campaign.createdMs,
      actor: campaign.author,
      act: "campaign.drafted",
      campaignId: campaign.id,
      detail: {
        // An update when nothing else is said.
        ...(campaign.command.action !== "update" && { command: verbOf(campaign.command) }),
        targeted: campaign.targeted,
        waves: waves.length,
        cohortSha256: campaign.permit.cohort_sha256,
        notAfterMs: campaign.permit.not_after,
        ...(campaign.playbook !== undefined && { playbook: campaign.playbook }),
        ...(campaign.orderedBy !== undefined && { orderedBy: campaign.orderedBy }),
        ...(campaign.request.optOutOverride !== undefined && { optOutOverride: campaign.request.optOutOverride }),
        ...overridden(campaign),
      },
    });
  });
}

/** Why, in the words of whoever overrode the policy: the ledger is where somebody will ask. */
function overridden({ overrides = {} }: Draft["campaign"]): { readonly [code: string]: string } {
  return Object.fromEntries(Object.entries(overrides).flatMap(([code, reason]) => (reason === undefined ? [] : [[code, reason]])));
}
