/**
 * Use case 17 before use case 18: the first of two campaigns stops a process, the second comes after it. Afterwards people ask what runs,
 * because nothing else says so.
 */
import type { Campaign } from "../../src/campaign/campaign.ts";
import { kindOf } from "../../src/campaign/commands/index.ts";
import { draftCampaign } from "../../src/campaign/draft.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import type { Command } from "../../src/openc2/index.ts";
import { MODEL, TENANT, VENDOR } from "./catalogue.ts";
import { termsOf } from "./operators.ts";
import { PowerCut } from "./sim-manager.ts";
import type { World } from "./world.ts";

export const STOP_ID = "wc17_9674308";

/** Of the permit: by then a healthy campaign is done. */
const ASKING_SHARE = 0.8;

/** Drafts and keeps it; signed by nobody yet. */
export async function draftStop({ settings, manager, people, time }: World, process: string): Promise<Campaign> {
  const { fleet, campaigns } = manager;
  const request = { tenant: TENANT, query: `vendor=="${VENDOR}";name=="${MODEL}"` };
  const { selected } = fleet.select(request, time.nowMs());
  const command: Command = {
    action: "stop",
    target: { process: { name: process } },
    args: { response_requested: "none" },
    command_id: STOP_ID,
  };
  const ladder = defaultLadder(selected.size, { ...kindOf(command).ladder, ...settings.ladder });
  const drafted = await draftCampaign({
    ...termsOf(settings, people, time.nowMs()),
    command,
    request,
    ladder,
    waves: assignWaves(fleet.devices(selected), STOP_ID, ladder),
    spreadMs: 0,
  });
  keepDraft(campaigns, drafted);
  return drafted.campaign;
}

export function plantAsking(world: World): void {
  const { settings, time, beginMs } = world;
  if (settings.stops !== undefined) time.at(beginMs + ASKING_SHARE * settings.windowMs, () => askWhatRuns(world));
}

/** Everybody who was targeted, at a polite pace. */
function askWhatRuns({ manager, log, time }: World): void {
  time.stir();
  try {
    manager.driver?.sendQuery(STOP_ID, manager.campaigns.cohort(STOP_ID), 500);
    log.note("asks", STOP_ID);
  } catch (error) {
    if (error instanceof PowerCut) return;
    if (!(error instanceof EdictError)) throw error;
    log.note("cannot ask", STOP_ID, error.code);
  }
}
