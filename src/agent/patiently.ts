/** Tries again while trying again can help and the command's time is not over. */
import { EdictError } from "../openc2/edict-error.ts";
import { AgentError } from "./errors.ts";
import { DEPOT_TRIES_MAX, DEPOT_WAIT_MAX_MS, DEPOT_WAIT_MIN_MS } from "./limits.ts";
import type { Job } from "./state.ts";
import type { UpdatePorts } from "./update-job.ts";
import { wait } from "./wait.ts";

type PatiencePorts = Pick<UpdatePorts, "clock" | "random"> & {
  /** Default: a timer. */
  readonly sleep?: typeof wait;
};

/** `work` says when it has come a step further: only what fails in a row counts. */
export async function patiently<T>(
  { notAfterMs }: Pick<Job, "notAfterMs">,
  { clock, random, sleep = wait }: PatiencePorts,
  signal: AbortSignal,
  work: (onProgress: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  const onProgress = () => {
    failures = 0;
  };
  for (;;) {
    if (clock.nowMs() >= notAfterMs) throw new AgentError("ERR_AGENT_EXPIRED", "the command's time is over");
    try {
      return await work(onProgress);
    } catch (error) {
      failures += 1;
      if (signal.aborted || !(error instanceof EdictError) || !error.facts.retry || failures >= DEPOT_TRIES_MAX) throw error;
    }
    await sleep(depotWaitMs(failures, random), signal);
  }
}

/** After so many failures in a row: twice the last, half of it to one and a half, so that a herd that failed together comes back apart. Pure. */
export function depotWaitMs(failures: number, random: () => number): number {
  return Math.min(DEPOT_WAIT_MAX_MS, DEPOT_WAIT_MIN_MS * 2 ** (failures - 1)) * (0.5 + random());
}
