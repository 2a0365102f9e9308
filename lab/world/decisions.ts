/** When the two people stop the campaign, and when they let it go on. Whoever finds the manager down tries again a minute later. */
import { EdictError } from "../../src/openc2/edict-error.ts";
import { signCancel, signHold } from "./operators.ts";
import { MINUTE_MS } from "./settings.ts";
import { PowerCut } from "./sim-manager.ts";
import type { World } from "./world.ts";

export function plantDecisions(world: World): void {
  const { stopMs, resumeMs } = world.settings;
  if (stopMs !== undefined) world.time.at(world.beginMs + stopMs, () => decide(world, "stop"));
  if (resumeMs !== undefined) world.time.at(world.beginMs + resumeMs, () => decide(world, "resume"));
}

export function decide(world: World, kind: "stop" | "resume"): void {
  world.time.stir();
  carryOut(world, kind).catch((error: unknown) => world.time.fail(error));
}

/** Every campaign that there is. */
async function carryOut(world: World, kind: "stop" | "resume"): Promise<void> {
  const { time, manager } = world;
  const later = () => time.in(MINUTE_MS, () => decide(world, kind));
  if (manager.driver === undefined) return void later();
  try {
    for (const id of world.campaignIds) await hold(world, kind, id);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
    later();
  }
}

async function hold({ time, log, truth, manager, people }: World, kind: "stop" | "resume", id: string): Promise<void> {
  const nowMs = time.nowMs();
  try {
    await manager.driver?.[kind](id, await signHold(kind, id, nowMs, people));
    if (kind === "stop") truth.stoppedMs.set(id, nowMs);
    else truth.stoppedMs.delete(id);
    log.note(kind, id);
  } catch (error) {
    // Over already, or not begun.
    if (!(error instanceof EdictError)) throw error;
    log.note(`cannot ${kind}`, id, error.code);
  }
}

/** Stops for good, and calls off both commands at the devices. */
export function carryOutCancel(world: World): void {
  world.time.stir();
  cancel(world).catch((error: unknown) => world.time.fail(error));
}

async function cancel(world: World): Promise<void> {
  const { time, log, truth, manager, people } = world;
  const nowMs = time.nowMs();
  for (const campaign of world.campaigns) {
    const statement = await signHold("stop", campaign.id, nowMs, people);
    for (const commandId of [campaign.commandIds.canary, campaign.commandIds.mass]) {
      const frame = await signCancel(commandId, nowMs, { campaign, people });
      truth.signedStopping(frame);
      await manager.driver?.cancel(campaign.id, statement, frame);
    }
    truth.stoppedMs.set(campaign.id, nowMs);
    log.note("cancel", campaign.id);
  }
}
