/** The ceremony: whatever is signed together is tried on a device first, and the key is unlocked once for all of it. */
import type { CampaignView } from "../server/api/views.ts";
import type { ApiClient } from "../server/client.ts";
import type { Context } from "./context.ts";
import { signerOf } from "./keys/key-ring.ts";
import { renderTrials } from "./render-dry-run.ts";
import { signHeadAfter } from "./sign-head.ts";
import { lintCampaign, signCampaign } from "./signing.ts";

/** Throws ERR_CLI_SIGN_LINT when devices would refuse one of them: then none is signed. */
export async function tryCampaigns({ output }: Context, campaigns: readonly CampaignView[]): Promise<void> {
  for (const campaign of campaigns) for (const line of renderTrials(await lintCampaign(campaign))) output.line(line);
}

/** From the last to the first, so that no step of a playbook begins before all that follow it are signed. Gives them in their own order. */
export async function signCampaigns(
  context: Context,
  client: ApiClient,
  campaigns: readonly CampaignView[],
  person: string,
): Promise<readonly CampaignView[]> {
  const signer = await signerOf(context, person);
  const signed: CampaignView[] = [];
  for (const campaign of campaigns.toReversed()) signed.unshift(await client.sign(campaign.id, await signCampaign(campaign, signer)));
  await signHeadAfter(context, client, signer);
  return signed;
}
