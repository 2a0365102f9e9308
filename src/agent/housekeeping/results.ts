/** What a device says of stops, restarts and its processes (x-iot §3.3). Pure. */
import type { LastCommand, Response, RunningProcess, XIotResults } from "../../openc2/index.ts";
import { PROCESSES_MAX, WORD_CHARACTERS_MAX } from "../../openc2/limits.ts";
import { holding } from "../answering.ts";
import { PROCESSES_BYTES_MAX } from "../limits.ts";
import type { Process } from "../processes/port.ts";
import type { DeviceState, HousekeepingJob, StateChange } from "../state.ts";

export function lastCommandOf(
  { commandId, action }: Pick<HousekeepingJob, "commandId" | "action">,
  state: LastCommand["state"],
  error?: string,
): LastCommand {
  return { command_id: commandId, action, state, ...(error !== undefined && { error }) };
}

/** What the state becomes when a job has ended. */
export function ended(
  job: HousekeepingJob,
  last: LastCommand,
  { more, ...response }: Omit<Response, "results"> & { readonly more?: XIotResults },
): (state: DeviceState) => StateChange {
  const results = { "x-iot": { ...more, last_command: last } };
  return (state) => ({
    housekeeping: without(state.housekeeping, job.commandId),
    lastCommand: last,
    answers: holding(state, job, { ...response, results }),
  });
}

/** Undefined when none is left: the state's member is gone then. */
export function without(jobs: readonly HousekeepingJob[] = [], commandId: string): readonly HousekeepingJob[] | undefined {
  const left = jobs.filter((job) => job.commandId !== commandId);
  return left.length === 0 ? undefined : left;
}

/** As many as a message holds. Processes call themselves what they like: what is no Word would make the whole answer one that nobody reads. */
export function runningOf(processes: readonly Process[]): readonly RunningProcess[] {
  const running: RunningProcess[] = [];
  let bytes = 0;
  for (const { pid, name } of processes.slice(0, PROCESSES_MAX)) {
    const each = { pid, name: wordOf(name) };
    bytes += new TextEncoder().encode(JSON.stringify(each)).length + 1;
    if (bytes > PROCESSES_BYTES_MAX) break;
    running.push(each);
  }
  return running;
}

function wordOf(name: string): string {
  return (
    name
      .slice(0, WORD_CHARACTERS_MAX)
      .toWellFormed()
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{fffd}") || "\u{fffd}"
  );
}
