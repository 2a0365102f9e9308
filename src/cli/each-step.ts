/** Does something to a campaign, or to every step of a playbook, and tells what became of each. */
import type { CampaignView } from "../server/api/views.ts";
import type { ApiClient } from "../server/client.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { campaignLine } from "./campaign-progress.ts";
import type { Context } from "./context.ts";

/**
 * Every step is tried, whatever becomes of the others: one that cannot be reached must not keep the next from being stopped. Of a playbook
 * steps that are in no state for it are told and left; any other error is thrown at the end.
 */
export async function eachStep(
  { output }: Context,
  client: ApiClient,
  name: string,
  work: (campaignId: string) => Promise<CampaignView>,
): Promise<void> {
  const steps = (await client.stepsOf(name)).map(({ id }) => id);
  const done: { readonly id: string; readonly state: string }[] = [];
  const errors: EdictError[] = [];
  for (const id of steps.length > 0 ? steps : [name]) {
    try {
      const view = await work(id);
      output.line(campaignLine(view));
      done.push({ id, state: view.state });
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      errors.push(error);
      if (steps.length > 0) output.line(`${error.code}: ${error.message}`);
    }
  }
  const error = errors.find(({ code }) => code !== "ERR_CAMPAIGN_STATE") ?? (done.length === 0 ? errors[0] : undefined);
  if (error !== undefined) throw error;
  output.result(steps.length > 0 ? { playbook: name, steps: done } : (done[0] ?? {}));
}
