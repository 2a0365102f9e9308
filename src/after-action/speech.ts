/** What a report says differently of an update and of a stop. Words that came from outside are not cleaned here. Pure. */
import type { Command } from "../openc2/model.ts";
import type { CampaignFacts } from "./report-model.ts";

type Told = Pick<CampaignFacts, "command" | "newVersion">;

export function isStop({ action }: Command): boolean {
  return action === "stop";
}

/** What a campaign is after: `to version 2.3.4`, `to stop the process dvrHelper`. */
export function aimText(campaign: Told): string {
  return isStop(campaign.command) ? `to stop the process ${processText(campaign.command)}` : `to version ${campaign.newVersion ?? ""}`;
}

/** How a device is seen that is no longer exposed: `on` `2.3.4`, `without the process` `dvrHelper`. */
export function seenWords({ command, newVersion = "" }: Told): readonly [string, string] {
  return isStop(command) ? ["without the process", processText(command)] : ["on", newVersion];
}

/** By its name, or by whichever digest the command has. */
function processText({ target }: Command): string {
  const { name, executable } = (target as { readonly process?: Process }).process ?? {};
  return name ?? Object.entries(executable?.hashes ?? {}).map(([algorithm, digest]) => `${algorithm} ${digest}`)[0] ?? "";
}

interface Process {
  readonly name?: string;
  readonly executable?: { readonly hashes?: { readonly [algorithm: string]: string } };
}
