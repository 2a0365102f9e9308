/** What becomes of each kind of command, by its verb. */
import type { Campaign } from "../../campaign/campaign.ts";
import { verbOf } from "../../trust/verify/index.ts";
import { StopOutcomes } from "./of-stop.ts";
import { UpdateOutcomes } from "./of-update.ts";
import type { Outcomes } from "./outcomes.ts";

export type { Outcomes } from "./outcomes.ts";

export function outcomesOf(campaign: Campaign): Outcomes {
  return verbOf(campaign.command) === "stop process" ? new StopOutcomes(campaign) : new UpdateOutcomes(campaign);
}
