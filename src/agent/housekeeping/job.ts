/**
 * Carries out an accepted stop or restart: waits for its start, verifies once more, and does it. It is resumed from the state file after
 * a power cut: a stop that is done twice has stopped nothing more, and a restart is marked on disk before it is done, so that it is not done again.
 */
import { EdictError } from "../../openc2/edict-error.ts";
import type { LastCommand, ProcessTarget } from "../../openc2/index.ts";
import { statusText } from "../inventory.ts";
import { type StopPorts, stopProcesses } from "../processes/stop.ts";
import type { DeviceState, HousekeepingJob, StateChange, StateFile } from "../state.ts";
import { verifyAgain, type VerifyPorts } from "../verify-again.ts";
import { wait } from "../wait.ts";
import { restartDevice } from "./restart.ts";
import { ended, lastCommandOf } from "./results.ts";

export interface HousekeepingPorts extends VerifyPorts, StopPorts {
  readonly config: VerifyPorts["config"];
  readonly states: StateFile;
  /** From now on it cannot be called off. */
  readonly onBegin: () => void;
  readonly onState: (job: HousekeepingJob, state: LastCommand["state"], error?: string) => void;
}

/**
 * Resolves "restart" when the agent is to start anew, "ended" when the job is over without one: its outcome stands in the state then.
 * Rejects only for faults of the device itself (its disk), after which a start resumes.
 */
export async function runHousekeeping(job: HousekeepingJob, ports: HousekeepingPorts, signal: AbortSignal): Promise<"restart" | "ended"> {
  const { states, config } = ports;
  try {
    ports.onState(job, "queued");
    await wait(job.startAtMs - ports.clock.nowMs(), signal);
    const { command } = await verifyAgain(job, ports);
    signal.throwIfAborted();
    ports.onBegin();
    const { grace: graceMs = 0 } = command.args?.["x-iot"] ?? {};
    if (job.action === "restart") {
      await states.update((state) => restarting(state, job));
      ports.onState(job, "running");
      await restartDevice(config, graceMs, signal);
      return "restart";
    }
    ports.onState(job, "running");
    const { process } = command.target as { readonly process: ProcessTarget };
    const stopped = await stopProcesses(process, graceMs, ports, signal);
    await states.update(ended(job, lastCommandOf(job, "done"), { status: 200, more: { stopped } }));
    ports.onState(job, "done");
    return "ended";
  } catch (error) {
    if (signal.aborted) return "ended";
    if (!(error instanceof EdictError)) throw error;
    const { code, facts } = error;
    await states.update(ended(job, lastCommandOf(job, "failed", code), { status: facts.status, status_text: statusText(error) }));
    ports.onState(job, "failed", code);
    return "ended";
  }
}

function restarting({ housekeeping = [] }: DeviceState, { commandId }: HousekeepingJob): StateChange {
  return { housekeeping: housekeeping.map((job) => (job.commandId === commandId ? { ...job, isRestarting: true } : job)) };
}

/** What a start changes, if anything: a restart that was begun is done by it, and its answer waits for the channel. */
export function afterStart(state: DeviceState): StateChange | undefined {
  const job = state.housekeeping?.find(({ isRestarting }) => isRestarting);
  return job && ended(job, lastCommandOf(job, "done"), { status: 200 })(state);
}
