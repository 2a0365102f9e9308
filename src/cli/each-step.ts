/** Does something to a campaign, or to every step of a playbook, and tells what became of each. */
import type { CampaignView } from "../server/api/views.ts";
import type { ApiClient } from "../server/client.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { campaignLine } from "./campaign-progress.ts";
import type { Context } from "./context.ts";
import { campaignsNamed, isPlaybook } from "./playbook.ts";

/**
 * Every step is tried, whatever becomes of the others: one that cannot be reached must not keep the next from being stopped. Of a playbook
 * steps that are in no state for it are told and left; any other error is thrown at the end.
 */
export async function eachStep(
  { output }: Context,
  client: ApiClient,
  name: string,
  work: (campaign: CampaignView) => Promise<CampaignView>,
): Promise<void> {
  const campaigns = await campaignsNamed(client, name);
  const done: { readonly id: string; readonly state: string }[] = [];
  const errors: EdictError[] = [];
  for (const campaign of campaigns) {
    try {
      const view = await work(campaign);
      output.line(campaignLine(view));
      done.push({ id: view.id, state: view.state });
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      errors.push(error);
      if (campaigns.length > 1) output.line(`${error.code}: ${error.message}`);
    }
  }
  const error = errors.find(({ code }) => code !== "ERR_CAMPAIGN_STATE") ?? (done.length === 0 ? errors[0] : undefined);
  if (error !== undefined) throw error;
  output.result(isPlaybook(name, campaigns) ? { playbook: name, steps: done } : (done[0] ?? {}));
}
