/** What a device does with verified commands of x-swup: an update is kept and begun, a query is answered at once. */
import { EdictError } from "../openc2/edict-error.ts";
import type { Response } from "../openc2/index.ts";
import { remember } from "../trust/counters.ts";
import type { VerifiedCommand } from "../trust/verify/index.ts";
import { acknowledgement } from "./answering.ts";
import type { CommandPorts } from "./commands.ts";
import { AgentError } from "./errors.ts";
import { lastUpdateOf, swupResults } from "./inventory.ts";
import { acceptUpdate, softwareOf } from "./update-check.ts";

export async function update(
  verified: VerifiedCommand,
  { states, config, running, time, onJob }: CommandPorts,
): Promise<Response | undefined> {
  const { current } = states;
  const { commandId } = verified;
  // Seen before: whatever became of it, nothing is done twice.
  if (current.seen.includes(commandId)) return undefined;
  const seen = remember(current.seen, commandId);
  const timeFloorMs = time.floorMs;
  try {
    const job = acceptUpdate(verified, config, running.manifest, time.nowMs());
    if (job === "current") {
      await states.update({ seen, timeFloorMs });
      return { status: 200, results: swupResults(running.manifest, current.lastUpdate) };
    }
    if (current.job !== undefined) throw new AgentError("ERR_AGENT_BUSY", `the update ${current.job.commandId} is under way`);
    // On disk before it begins: from here on the command is known, also after a power cut.
    await states.update({ seen, timeFloorMs, job });
    onJob(job);
    return acknowledgement(verified);
  } catch (error) {
    // Refused for good: remembered as failed, so that whoever asks later learns why. Busy is not for good.
    if (error instanceof EdictError && !error.facts.retry && current.job === undefined) {
      const lastUpdate = lastUpdateOf({ commandId, newVersion: softwareOf(verified).new_version ?? "" }, "failed", error.code);
      await states.update({ seen, timeFloorMs, lastUpdate });
    }
    throw error;
  }
}

export function querySoftware(verified: VerifiedCommand, { states, running, config, jobState }: CommandPorts): Response {
  const filter = softwareOf(verified);
  const isMine = (filter.vendor ?? config.vendor) === config.vendor && (filter.name ?? config.name) === config.name;
  if (!isMine) throw new AgentError("ERR_AGENT_NOT_MINE", `this is ${config.vendor} ${config.name}`);
  const { job, lastUpdate } = states.current;
  return { status: 200, results: swupResults(running.manifest, job === undefined ? lastUpdate : lastUpdateOf(job, jobState())) };
}
