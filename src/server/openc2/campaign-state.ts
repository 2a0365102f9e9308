/**
 * A campaign in the words of x-swup: for whoever ordered it the fleet is one consumer, and `last_update` is how far that is. Numbers
 * stand in the text, because the profile's results are about one device. Pure.
 */
import type { CampaignState } from "../../campaign/campaign.ts";
import type { Response } from "../../openc2/model.ts";
import { SOFTWARE_TARGET, type Software, type UpdateState } from "../../openc2/profiles/x-swup/model.ts";
import type { CampaignView } from "../api/views.ts";

const STATES: Readonly<Record<CampaignState, UpdateState>> = {
  draft: "queued",
  approved: "queued",
  canary: "installing",
  soaking: "installing",
  sending: "installing",
  paused: "installing",
  halted: "failed",
  stopped: "failed",
  expired: "failed",
  cancelled: "cancelled",
  done: "done",
};

/** `done` says that everybody was sent to; who runs the new version is in the numbers. */
export function campaignResponse({ id, state, command, waves, wave, progress, reason }: CampaignView): Response {
  const { new_version = "" } = (command.target as { readonly [SOFTWARE_TARGET]: Software })[SOFTWARE_TARGET];
  const { targeted, sent, updated, failed } = progress;
  const why = reason === undefined ? "" : ` (${reason})`;
  const last = { command_id: id, new_version, state: STATES[state] };
  return {
    status: 200,
    status_text: `campaign ${id} is ${state}${why}: wave ${wave + 1} of ${waves.length}, ${sent} of ${targeted} devices sent to, ${updated} updated, ${failed} failed`,
    results: { "x-swup": { last_update: STATES[state] === "failed" ? { ...last, error: `campaign ${state}` } : last } },
  };
}

export function draftedResponse(view: CampaignView): Response {
  const { id, author, progress } = view;
  const text = `drafted as campaign ${id} for ${progress.targeted} devices; nothing is sent before ${author} and another person have signed it`;
  return { ...campaignResponse(view), status_text: text };
}
