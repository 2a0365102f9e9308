/** `edict status`: the whole server, one campaign, or the steps of a playbook, once or until they have ended. */
import type { Command } from "commander";
import { act } from "../act.ts";
import { CampaignProgress } from "../campaign-progress.ts";
import { type Context, clientFor } from "../context.ts";
import type { CampaignView } from "../../server/api/views.ts";
import { campaignsNamed, isPlaybook } from "../playbook.ts";

const ENDED = new Set(["done", "halted", "stopped", "cancelled", "expired"]);
const WATCH_INTERVAL_MS = 1_000;

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("channels, fleet and campaigns; or one campaign, or the steps of a playbook")
    .argument("[id]", "a campaign's id or a playbook's name")
    .option("--watch", "print a line a second until the campaign has ended, or no step of the playbook can go on")
    .option("--as <person>", "who asks", "author");
  act<{ as: string; watch?: boolean }>(command, async (context, options, id) => {
    const client = clientFor(context, options.as);
    if (id === undefined) {
      await showServer(context, options.as);
      return;
    }
    const lines = new Map<string, CampaignProgress>();
    const look = async () => {
      const campaigns = await campaignsNamed(client, id);
      for (const campaign of campaigns) {
        const progress = lines.get(campaign.id) ?? new CampaignProgress();
        lines.set(campaign.id, progress);
        context.output.line(progress.line(campaign, performance.now()));
      }
      return campaigns;
    };
    let campaigns = await look();
    while (options.watch === true && !isOver(campaigns)) {
      await Bun.sleep(WATCH_INTERVAL_MS);
      campaigns = await look();
    }
    const shown = campaigns.map(resultOf);
    context.output.result(isPlaybook(id, campaigns) ? { playbook: id, steps: shown } : (shown[0] ?? {}));
  });
}

/** A step that ended without being done keeps the later ones from beginning. */
function isOver(campaigns: readonly CampaignView[]): boolean {
  const ended = campaigns.filter(({ state }) => ENDED.has(state));
  return ended.length === campaigns.length || ended.some(({ state }) => state !== "done");
}

function resultOf({ id, state, reason, waitsFor, progress, waves }: CampaignView) {
  return { id, state, reason: reason ?? null, ...(waitsFor !== undefined && { waitsFor }), progress, waves };
}

async function showServer(context: Context, person: string): Promise<void> {
  const status = await clientFor(context, person).status();
  context.output.line(`${status.tenant}: ${status.connected} of ${status.devices} devices have a channel.`);
  for (const { id, state, progress } of status.campaigns) {
    context.output.line(`  ${id.padEnd(24)} ${state.padEnd(10)} ${progress.updated} of ${progress.targeted} have done it`);
  }
  context.output.result(status);
}
