/** `edict campaign`: what can be looked up about one campaign. */
import type { Command } from "commander";
import { addStarts } from "./starts.ts";

export function addCampaign(program: Command): void {
  addStarts(program.command("campaign").description("look into one campaign"));
}
