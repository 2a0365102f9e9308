/**
 * Which processes a target means (LS 1.0 §3.4.1.15): those that match every member that it has, so that one more member never means more.
 * Cheap members are looked at first; an executable is hashed only when all the rest matches. Changes nothing.
 */
import { basename } from "node:path";
import type { ProcessTarget } from "../../openc2/index.ts";
import type { Process, ProcessDetail, Processes } from "./port.ts";

export interface Found {
  readonly all: readonly Process[];
  readonly matching: readonly Process[];
}

/** Throws ERR_AGENT_UNSUPPORTED when it cannot be told whether one matches. */
export async function findProcesses(target: ProcessTarget, processes: Processes): Promise<Found> {
  const all = await processes.list();
  const byPid = new Map(all.map((each) => [each.pid, each]));
  const matching: Process[] = [];
  for (const each of all) if (await matches(target, each, { processes, byPid })) matching.push(each);
  return { all, matching };
}

interface Sight {
  readonly processes: Processes;
  readonly byPid: ReadonlyMap<number, Process>;
}

async function matches(target: ProcessTarget, each: Process, sight: Sight): Promise<boolean> {
  const { pid, name, cwd, command_line: commandLine, executable: { path, hashes, name: fileName } = {}, parent } = target;
  const is = async (wanted: string | undefined, what: ProcessDetail) =>
    wanted === undefined || wanted === (await sight.processes.detail(each, what));
  if ((pid ?? each.pid) !== each.pid || (name ?? each.name) !== each.name) return false;
  if (!((await is(cwd, "cwd")) && (await is(commandLine, "command_line")) && (await is(path, "path")))) return false;
  if (fileName !== undefined && fileName !== basename((await sight.processes.detail(each, "path")) ?? "")) return false;
  if (parent !== undefined && !(await hasParent(parent, each, sight))) return false;
  for (const algorithm of ["md5", "sha1", "sha256"] as const) if (!(await is(hashes?.[algorithm]?.toLowerCase(), algorithm))) return false;
  return true;
}

async function hasParent(target: ProcessTarget, { parentPid }: Process, sight: Sight): Promise<boolean> {
  const parent = sight.byPid.get(parentPid);
  return parent !== undefined && matches(target, parent, sight);
}
