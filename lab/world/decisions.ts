/** When the two people stop the campaign, and when they let it go on. Whoever finds the manager down tries again a minute later. */
import { EdictError } from "../../src/openc2/edict-error.ts";
import { CAMPAIGN_ID, signCancel, signHold } from "./operators.ts";
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

async function carryOut(world: World, kind: "stop" | "resume"): Promise<void> {
  const { time, log, truth, manager, people } = world;
  const { driver } = manager;
  const later = () => time.in(MINUTE_MS, () => decide(world, kind));
  if (driver === undefined) return void later();
  const nowMs = time.nowMs();
  try {
    const statement = await signHold(kind, CAMPAIGN_ID, nowMs, people);
    await (kind === "stop" ? driver.stop(CAMPAIGN_ID, statement) : driver.resume(CAMPAIGN_ID, statement));
    truth.stoppedMs = kind === "stop" ? nowMs : undefined;
    log.note(kind, CAMPAIGN_ID);
  } catch (error) {
    if (error instanceof PowerCut) later();
    // Over already, or not begun.
    else if (error instanceof EdictError) log.note(`cannot ${kind}`, CAMPAIGN_ID, error.code);
    else throw error;
  }
}

/** Stops for good, and calls off both commands at the devices. */
export function carryOutCancel(world: World): void {
  world.time.stir();
  cancel(world).catch((error: unknown) => world.time.fail(error));
}

async function cancel(world: World): Promise<void> {
  const { time, log, truth, manager, people, campaign } = world;
  const nowMs = time.nowMs();
  const statement = await signHold("stop", CAMPAIGN_ID, nowMs, people);
  for (const commandId of [campaign.commandIds.canary, campaign.commandIds.mass]) {
    const frame = await signCancel(commandId, nowMs, { campaign, people });
    truth.signedStopping(frame);
    await manager.driver?.cancel(CAMPAIGN_ID, statement, frame);
  }
  truth.stoppedMs = nowMs;
  log.note("cancel", CAMPAIGN_ID);
}
