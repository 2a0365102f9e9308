/** What holding a campaign, and letting it go on, does to it. Pure; who signed what was verified before. */
import type { Hold as SignedHold } from "../trust/permit.ts";
import type { Campaign, CampaignState } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import { REASON_CHARACTERS_MAX, STATEMENT_AHEAD_MAX_MS } from "./limits.ts";

export type Hold = SignedHold & { readonly persons: readonly string[] };

export function held(
  campaign: Campaign,
  state: Extract<CampaignState, "paused" | "stopped" | "cancelled">,
  reason: string,
  nowMs: number,
): Campaign {
  return { ...campaign, state, reason, heldMs: nowMs };
}

/** Back to where it was. The soak begins again, the wave gets its time anew, and a halt that people saw does not fire twice. */
export function goOn(campaign: Campaign, nowMs: number): Campaign {
  const { reason: _reason, soakingSinceMs: _soaking, ...rest } = campaign;
  return {
    ...rest,
    state: campaign.wave < 0 ? "approved" : campaign.wave === 0 ? "canary" : "sending",
    resumedMs: nowMs,
    ...(campaign.state === "halted" ? { waivedWave: campaign.wave } : {}),
  };
}

/** A resume is about the hold that its signers saw. An older one could be a replay, one from the future could become one. */
export function checkResume(campaign: Campaign, { at_ms: atMs }: Hold, nowMs: number): void {
  if (atMs < (campaign.heldMs ?? 0)) {
    throw new CampaignError("ERR_CAMPAIGN_STATEMENT", `the resume was signed before ${campaign.id} was ${campaign.state}`);
  }
  if (atMs > nowMs + STATEMENT_AHEAD_MAX_MS) throw new CampaignError("ERR_CAMPAIGN_STATEMENT", "the resume is dated in the future");
}

/** As it is kept: a stop is never refused because somebody explained it at length. */
export function reasonOf({ reason }: { readonly reason: string }): string {
  return reason.slice(0, REASON_CHARACTERS_MAX);
}
