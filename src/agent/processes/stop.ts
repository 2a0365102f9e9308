/** Stops every process that a target means, or none (x-iot §5.3): asked first, ended after `grace`, and looked for again until none is there. */
import type { ProcessTarget } from "../../openc2/index.ts";
import { AgentError } from "../errors.ts";
import { ENDING_LOOK_MAX_MS, ENDING_LOOK_MIN_MS, ENDING_MAX_MS, STOP_ROUNDS_MAX } from "../limits.ts";
import { wait } from "../wait.ts";
import { findProcesses } from "./find.ts";
import type { Process, Processes } from "./port.ts";
import { checkUnprotected } from "./protection.ts";

export interface StopPorts {
  readonly processes: Processes;
  readonly config: { readonly protectedExecutables: readonly string[] };
}

/**
 * How many it stopped; none of them runs when it resolves. Throws ERR_AGENT_PROTECTED and has then touched nothing, ERR_AGENT_UNSUPPORTED,
 * ERR_AGENT_PROCESS for one that would not end.
 */
export async function stopProcesses(
  target: ProcessTarget,
  graceMs: number,
  { processes, config }: StopPorts,
  signal: AbortSignal,
): Promise<number> {
  let stopped = 0;
  for (let round = 0; ; round += 1) {
    const found = await findProcesses(target, processes);
    await checkUnprotected(found, processes, config.protectedExecutables);
    const { matching } = found;
    if (matching.length === 0) return stopped;
    // Started while others were ended, or by something that starts them again: the next round finds them.
    if (round === STOP_ROUNDS_MAX) throw new AgentError("ERR_AGENT_PROCESS", `${matching.length} that match are started again and again`);
    for (const each of matching) processes.end(each, "ask");
    for (const each of await remaining(matching, processes, graceMs, signal)) processes.end(each, "force");
    const [stubborn] = await remaining(matching, processes, ENDING_MAX_MS, signal);
    if (stubborn !== undefined) throw new AgentError("ERR_AGENT_PROCESS", `process ${stubborn.pid} does not end`);
    stopped += matching.length;
  }
}

/** Who still runs when none does, or after so long. */
async function remaining(asked: readonly Process[], processes: Processes, maxMs: number, signal: AbortSignal): Promise<readonly Process[]> {
  let lookMs = ENDING_LOOK_MIN_MS;
  for (let leftMs = maxMs; ; leftMs -= lookMs, lookMs = Math.min(2 * lookMs, ENDING_LOOK_MAX_MS)) {
    const running = new Map((await processes.list()).map((each) => [each.pid, each.startedAt]));
    const left = asked.filter(({ pid, startedAt }) => running.get(pid) === startedAt);
    if (left.length === 0 || leftMs <= 0) return left;
    await wait(Math.min(lookMs, leftMs), signal);
  }
}
