/** The two people at their desks: they draft a campaign for what the fleet holds, sign it, stop it, let it go on. */
import { type Campaign, type Ladder } from "../../src/campaign/campaign.ts";
import { kindOf } from "../../src/campaign/commands/index.ts";
import { draftCampaign } from "../../src/campaign/draft.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import type { Command } from "../../src/openc2/index.ts";
import { encodeRequest } from "../../src/openc2/index.ts";
import { holdPayload, permitPayload } from "../../src/trust/permit.ts";
import { MODEL, NEW_VERSION, OLD_VERSION, RELEASE, SOURCE, TENANT, VENDOR } from "./catalogue.ts";
import { type People, signedBy } from "./people.ts";
import type { Settings } from "./settings.ts";
import type { SimManager } from "./sim-manager.ts";
import type { Truth } from "./truth.ts";
import type { World } from "./world.ts";

export const CAMPAIGN_ID = "wc17_9674309";

/** What every campaign of a world has in common. */
export function termsOf(settings: Settings, { author, director }: People, nowMs: number) {
  return {
    author: author.person,
    from: director.name,
    spreadMs: settings.spreadMs,
    ratePerSecond: settings.ratePerSecond,
    halt: settings.halt,
    nowMs,
    notAfterMs: nowMs + settings.windowMs,
  };
}

/** Drafts and keeps it; signed by nobody yet. */
export async function draft({ settings, manager, people, time }: World, after?: string): Promise<Campaign> {
  const nowMs = time.nowMs();
  const { fleet, campaigns } = manager;
  const request = { tenant: TENANT, vendor: VENDOR, name: MODEL, oldVersion: OLD_VERSION, newVersion: NEW_VERSION };
  const { selected } = fleet.select(request, nowMs);
  const ladder: Ladder = defaultLadder(selected.size, settings.ladder);
  const { sha256, size } = RELEASE;
  const software = {
    vendor: VENDOR,
    name: MODEL,
    old_version: OLD_VERSION,
    new_version: NEW_VERSION,
    source: SOURCE,
    size,
    hashes: { sha256 },
  };
  const command: Command = {
    action: "update",
    target: { "x-swup:software": software },
    args: { response_requested: "none" },
    command_id: CAMPAIGN_ID,
  };
  const drafted = await draftCampaign({
    ...termsOf(settings, people, nowMs),
    command,
    request,
    releaseCounter: RELEASE.counter,
    waves: assignWaves(fleet.devices(selected), CAMPAIGN_ID, ladder),
    ladder,
    ...(after !== undefined && { after }),
    ...(settings.newcomers !== undefined && { newcomersMax: settings.newcomers.countMax }),
  });
  keepDraft(campaigns, drafted);
  return drafted.campaign;
}

/** All four texts, signed by both; the truth learns what they meant. */
export async function signAll(
  campaign: Campaign,
  manager: SimManager,
  { author, approver }: People,
  truth: Truth,
): Promise<Campaign["signed"]> {
  const both = [author, approver];
  const { messages, permit } = campaign;
  const signed = {
    canary: await signedBy(bytesOf(messages.canary), "command", both),
    mass: await signedBy(bytesOf(messages.mass), "command", both),
    query: await signedBy(bytesOf(messages.query), "command", both),
    permit: await signedBy(permitPayload(permit), "permit", both),
  };
  const frames = new Set([signed.canary, signed.mass, signed.query]);
  truth.licensed({ campaign, cohort: manager.campaigns.cohort(campaign.id), frames, query: signed.query });
  return signed;
}

export function signHold(kind: "stop" | "resume", campaignId: string, atMs: number, { author, approver }: People): Promise<string> {
  const payload = holdPayload({ campaign_id: campaignId, at_ms: atMs, reason: `a ${kind} of the simulation` });
  return signedBy(payload, kind, kind === "stop" ? [approver] : [author, approver]);
}

/** A cancel of one of the campaign's commands, by one person. */
export function signCancel(
  cancelled: string,
  nowMs: number,
  { campaign, people }: { campaign: Campaign; people: People },
): Promise<string> {
  const args = { response_requested: "none", [kindOf(campaign.command).profile]: { not_after: campaign.permit.not_after } } as const;
  const command: Command = { action: "cancel", target: { command: cancelled }, args, command_id: `${cancelled}-x` };
  return signedBy(encodeRequest({ created: nowMs, from: people.approver.person }, command), "stopping-command", [people.approver]);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
