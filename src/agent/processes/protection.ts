/**
 * What must not be stopped, whoever orders it (x-iot §2.1): what the device needs to receive commands. By what the kernel says of a
 * process and never by its name, or malware would only have to choose the right one.
 */
import { AgentError } from "../errors.ts";
import type { Found } from "./find.ts";
import { FIRST_PID, type Process, type Processes } from "./port.ts";

/** Throws ERR_AGENT_PROTECTED when one that matches is the agent, one above it, the first process, the kernel's, or runs one of these files. */
export async function checkUnprotected({ all, matching }: Found, processes: Processes, executables: readonly string[]): Promise<void> {
  const needed = lineOf(processes.ownPid, all).add(FIRST_PID);
  for (const each of matching) {
    const isNeeded = each.isKernel || needed.has(each.pid);
    if (isNeeded || executables.includes((await processes.detail(each, "path")) ?? ""))
      throw new AgentError("ERR_AGENT_PROTECTED", `process ${each.pid} is needed to receive commands`);
  }
}

/** The process and all above it, as far as they are there. */
function lineOf(pid: number, all: readonly Process[]): Set<number> {
  const parents = new Map(all.map((each) => [each.pid, each.parentPid]));
  const line = new Set<number>();
  for (let next: number | undefined = pid; next !== undefined && !line.has(next); next = parents.get(next)) line.add(next);
  return line;
}
