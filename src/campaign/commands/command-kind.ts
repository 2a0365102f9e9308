/**
 * What differs between campaigns of one command and of another. A campaign knows which it is by the command that people signed, and by
 * nothing else (docs/adr/0046). Pure.
 */
import type { CohortRequest } from "../../fleet/cohort.ts";
import type { Command, Target } from "../../openc2/model.ts";
import type { XIotArgs } from "../../openc2/profiles/x-iot/model.ts";
import type { XSwupArgs } from "../../openc2/profiles/x-swup/model.ts";
import { CampaignError } from "../errors.ts";
import type { LadderChoice } from "../wave-order.ts";

export interface CommandKind {
  /** The profile whose arguments say until when the command holds, and over how long devices start. */
  readonly profile: "x-swup" | "x-iot";
  /** How its ladder differs from that of others, unless people choose. */
  readonly ladder: Pick<LadderChoice, "settledShare">;
  /** What the after-action asks about. Throws ERR_CAMPAIGN_COMMAND for what no campaign of this kind can carry. */
  queryTarget(written: Command): Target;
  /** Throws ERR_CAMPAIGN_COMMAND for a cohort that does not fit the command. */
  checkRequest(request: CohortRequest): void;
}

export type Limits = Pick<XSwupArgs & XIotArgs, "not_after" | "spread">;

export function refuse(message: string): never {
  throw new CampaignError("ERR_CAMPAIGN_COMMAND", message);
}
