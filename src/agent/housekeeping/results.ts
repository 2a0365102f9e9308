/** What a device says of stops, restarts and its processes (x-iot §3.3). Pure. */
import type { LastCommand, Response, RunningProcess, XIotResults } from "../../openc2/index.ts";
import { PROCESSES_MAX, WORD_CHARACTERS_MAX } from "../../openc2/limits.ts";
import { PROCESSES_BYTES_MAX } from "../limits.ts";
import type { Process } from "../processes/port.ts";
import type { HeldAnswer, HousekeepingJob } from "../state.ts";

export function lastCommandOf(
  { commandId, action }: Pick<HousekeepingJob, "commandId" | "action">,
  state: LastCommand["state"],
  error?: string,
): LastCommand {
  return { command_id: commandId, action, state, ...(error !== undefined && { error }) };
}

/** The state's members when a job has ended: the others that wait, what became of this one, and its answer if one is wanted. */
export function ended(
  { commandId, requestId }: HousekeepingJob,
  last: LastCommand,
  { status, status_text: text, more }: { readonly status: Response["status"]; readonly status_text?: string; readonly more?: XIotResults },
) {
  const results = { "x-iot": { ...more, last_command: last } };
  const response: Response = { status, ...(text !== undefined && { status_text: text }), results };
  const answer: HeldAnswer | undefined = requestId === undefined ? undefined : { requestId, response };
  return ({ housekeeping = [] }: { readonly housekeeping?: readonly HousekeepingJob[] }) => ({
    housekeeping: without(housekeeping, commandId),
    lastCommand: last,
    ...(answer && { housekeepingAnswer: answer }),
  });
}

/** Undefined when none is left: the state's member is gone then. */
export function without(jobs: readonly HousekeepingJob[], commandId: string): readonly HousekeepingJob[] | undefined {
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
