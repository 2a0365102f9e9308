/** What is held against the truth after each turn of the clockwork. */
import type { Campaign } from "../../src/campaign/campaign.ts";
import { checkHarm, checkJoined, checkOrders } from "./checks.ts";
import { CAMPAIGN_ID } from "./operators.ts";
import type { World } from "./world.ts";

const CLIMBING: ReadonlySet<Campaign["state"]> = new Set(["canary", "soaking", "sending"]);

export function look(world: World): void {
  const { manager, truth, time } = world;
  const update = manager.campaigns.get(CAMPAIGN_ID);
  if (update === undefined) return;
  checkJoined(manager, update, truth);
  const isIdle = update.state === "done" && manager.intake !== undefined;
  world.idleSinceMs = isIdle ? (world.idleSinceMs ?? time.nowMs()) : undefined;
  for (const campaign of world.campaigns) lookAt(world, campaign);
}

function lookAt({ manager, truth }: World, campaign: Campaign): void {
  const { id, state, heldMs } = campaign;
  checkOrders(manager.campaigns, campaign);
  checkHarm(campaign, truth);
  // A halt stops as a stop does, until it is seen to go on.
  if (state === "halted" && heldMs !== undefined && !truth.stoppedMs.has(id)) truth.stoppedMs.set(id, heldMs);
  else if (CLIMBING.has(state)) truth.stoppedMs.delete(id);
}
