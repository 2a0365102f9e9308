/** `edict status`: the whole server, or one campaign, once or until it has ended. */
import type { Command } from "commander";
import { act } from "../act.ts";
import { CampaignProgress } from "../campaign-progress.ts";
import { type Context, clientFor } from "../context.ts";

const ENDED = new Set(["done", "halted", "stopped", "cancelled", "expired"]);
const WATCH_INTERVAL_MS = 1_000;

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("channels, fleet and campaigns; or one campaign")
    .argument("[id]")
    .option("--watch", "print a line a second until the campaign has ended")
    .option("--as <person>", "who asks", "author");
  act<{ as: string; watch?: boolean }>(command, async (context, options, id) => {
    const client = clientFor(context, options.as);
    if (id === undefined) {
      await showServer(context, options.as);
      return;
    }
    const progress = new CampaignProgress();
    let view = await client.campaign(id);
    context.output.line(progress.line(view, performance.now()));
    while (options.watch === true && !ENDED.has(view.state)) {
      await Bun.sleep(WATCH_INTERVAL_MS);
      view = await client.campaign(id);
      context.output.line(progress.line(view, performance.now()));
    }
    context.output.result({ id: view.id, state: view.state, reason: view.reason ?? null, progress: view.progress, waves: view.waves });
  });
}

async function showServer(context: Context, person: string): Promise<void> {
  const status = await clientFor(context, person).status();
  context.output.line(`${status.tenant}: ${status.connected} of ${status.devices} devices have a channel.`);
  for (const { id, state, progress } of status.campaigns) {
    context.output.line(`  ${id.padEnd(24)} ${state.padEnd(10)} ${progress.updated} of ${progress.targeted} on the new version`);
  }
  context.output.result(status);
}
