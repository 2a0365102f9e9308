/** `edict campaign starts`: when the devices of a campaign begin to fetch, recomputed, and what the depot saw of it. */
import type { Command } from "commander";
import { act } from "../../act.ts";
import { clientFor } from "../../context.ts";
import { renderLoad } from "../../render-load.ts";

export function addStarts(campaign: Command): void {
  const command = campaign
    .command("starts")
    .description("load over time: as planned, recomputed from who was told when, and as the depot's records saw it")
    .argument("<id>")
    .option("--as <person>", "who asks", "author");
  act<{ as: string }>(command, async (context, options, id = "") => {
    const load = await clientFor(context, options.as).load(id);
    for (const line of renderLoad(load)) context.output.line(line);
    context.output.result(load);
  });
}
