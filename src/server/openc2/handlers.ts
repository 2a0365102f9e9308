/**
 * What the manager does for an upstream orchestrator's commands: an update becomes a draft that two people must sign, a query says how
 * far its campaigns are, a cancel takes a draft back. Nothing here sends anything to a device.
 */
import { readRelease } from "../../depot/read-release.ts";
import type { Context, HandlerEntry } from "../../openc2/consumer/index.ts";
import type { Command, Response } from "../../openc2/model.ts";
import { SOFTWARE_TARGET, type Software } from "../../openc2/profiles/x-swup/model.ts";
import { xSwup } from "../../openc2/profiles/x-swup/profile.ts";
import type { Clock } from "../../trust/clock.ts";
import type { CampaignView } from "../api/views.ts";
import { ServerError } from "../errors.ts";
import type { ManagementService } from "../management-service.ts";
import type { Config, State } from "../state-directory.ts";
import { campaignResponse, draftedResponse } from "./campaign-state.ts";
import { checkRelease, draftOrder, orderedSoftware } from "./order.ts";

export type UpstreamConfig = NonNullable<Config["openc2"]>;

interface HandlerPorts {
  readonly state: State;
  readonly config: UpstreamConfig;
  readonly service: ManagementService;
  readonly clock: Clock;
}

export function upstreamHandlers(ports: HandlerPorts): readonly HandlerEntry[] {
  const { service } = ports;
  return [
    { profile: xSwup, action: "update", target: SOFTWARE_TARGET, handle: (command, context) => draft(ports, command, context) },
    { profile: xSwup, action: "query", target: SOFTWARE_TARGET, handle: async (command, { peer }) => tell(service, command, peer) },
    // Of commands that still wait here the runtime takes care; this is for those that have become a campaign.
    { action: "cancel", target: "command", handle: async (command, { peer }) => withdraw(service, command, peer) },
  ];
}

async function draft({ state, config, service, clock }: HandlerPorts, command: Command, { peer, attempt }: Context): Promise<Response> {
  const request = draftOrder(command, { nowMs: clock.nowMs(), expiresInMs: config.expiresInMs });
  // The last process may have drafted it and ended before it could note that.
  const known = attempt > 1 ? ordered(service, peer).find(({ id }) => id === command.command_id) : undefined;
  if (known !== undefined) return draftedResponse(known);
  const software = orderedSoftware(command);
  const { vendor, name, new_version: version } = software;
  const release = await readRelease(state.paths.depot, { vendor, name, version }, clock);
  if (release !== undefined) checkRelease(software, release);
  const { campaign } = await service.draft(request, authorFor(config, peer), peer);
  if (campaign === undefined) throw new Error("a draft without a campaign");
  return draftedResponse(campaign);
}

/** The newest of its campaigns that the query describes. */
function tell(service: ManagementService, { target }: Command, peer: string): Response {
  const asked = softwareOf(target);
  const found = ordered(service, peer).findLast(({ command }) => {
    const { vendor, name, new_version } = softwareOf(command.target);
    return matches(asked.vendor, vendor) && matches(asked.name, name) && matches(asked.new_version, new_version);
  });
  if (found === undefined) throw new ServerError("ERR_SERVER_NOT_FOUND", "you have ordered no such update here");
  return campaignResponse(found);
}

function withdraw(service: ManagementService, { target }: Command, peer: string): Response {
  const { command: id } = target as { readonly command: string };
  const campaign = ordered(service, peer).find((one) => one.id === id);
  if (campaign === undefined || campaign.state === "cancelled")
    throw new ServerError("ERR_SERVER_NOT_FOUND", `there is no "${id}" of yours that could be withdrawn`);
  if (campaign.state !== "draft")
    throw new ServerError("ERR_SERVER_UNDERWAY", `campaign ${id} is ${campaign.state}: calling it back takes a person's signature`);
  service.withdraw(id, peer);
  return { status: 200, status_text: `campaign ${id} is withdrawn; nothing of it was sent` };
}

/** A producer hears of its own campaigns only. */
function ordered(service: ManagementService, peer: string): readonly CampaignView[] {
  return service.campaigns().filter(({ orderedBy }) => orderedBy === peer);
}

function authorFor({ producers }: UpstreamConfig, peer: string): string {
  const producer = producers.find(({ name }) => name === peer);
  if (producer === undefined) throw new Error(`${peer} came through and is no producer`);
  return producer.author;
}

function softwareOf(target: Command["target"]): Software {
  return (target as { readonly [SOFTWARE_TARGET]: Software })[SOFTWARE_TARGET];
}

function matches(asked: string | undefined, given: string | undefined): boolean {
  return asked === undefined || asked === given;
}
