/** What a device does with verified commands of x-iot: stops and restarts are kept and begun, queries are answered at once. */
import { EdictError } from "../../openc2/edict-error.ts";
import { type DeviceModel, MODEL_TARGET, type ProcessTarget, type Response, type XIotResults } from "../../openc2/index.ts";
import { remember } from "../../trust/counters.ts";
import type { VerifiedCommand } from "../../trust/verify/index.ts";
import { acknowledgement } from "../answering.ts";
import type { CommandPorts } from "../commands.ts";
import { AgentError } from "../errors.ts";
import { HOUSEKEEPING_MAX, RESTARTS_MAX } from "../limits.ts";
import { findProcesses } from "../processes/find.ts";
import type { DeviceState, StateChange } from "../state.ts";
import { acceptHousekeeping, checkModel } from "./check.ts";
import { lastCommandOf, runningOf, without } from "./results.ts";

export async function keepHouse(verified: VerifiedCommand, ports: CommandPorts): Promise<Response | undefined> {
  const { states, config, time, housekeeper } = ports;
  const { current } = states;
  const { commandId } = verified;
  if (hasSeen(current, commandId)) return undefined;
  const remembered = { seen: remember(current.seen, commandId), timeFloorMs: time.floorMs };
  const action = verified.command.action === "restart" ? "restart" : "stop";
  try {
    const job = acceptHousekeeping(verified, config, time.nowMs());
    checkRoom(current, housekeeper.isRestarting);
    const restarts = action === "restart" && { restarts: restartsWith(current, verified, time.floorMs) };
    // On disk before it begins: from here on the command is known, also after a power cut.
    await states.update(({ housekeeping = [] }) => ({ ...remembered, ...restarts, housekeeping: [...housekeeping, job] }));
    housekeeper.begin(job);
    return acknowledgement(verified);
  } catch (error) {
    // Refused for good: whoever asks later learns why.
    if (error instanceof EdictError && !error.facts.retry)
      await states.update({ ...remembered, lastCommand: lastCommandOf({ commandId, action }, "failed", error.code) });
    throw error;
  }
}

export async function queryProcesses({ command }: VerifiedCommand, ports: CommandPorts): Promise<Response> {
  const { process } = command.target as { readonly process: ProcessTarget };
  const { matching } = await findProcesses(process, ports.processes);
  return told(ports, { processes: runningOf(matching) });
}

export function queryModel({ command }: VerifiedCommand, ports: CommandPorts): Response {
  checkModel((command.target as { readonly [MODEL_TARGET]: DeviceModel })[MODEL_TARGET], ports.config);
  return told(ports, { uptime: ports.uptimeMs() });
}

function told({ housekeeper }: CommandPorts, results: XIotResults): Response {
  const last = housekeeper.lastCommand();
  return { status: 200, results: { "x-iot": { ...results, ...(last && { last_command: last }) } } };
}

function hasSeen({ seen, restarts = [] }: DeviceState, id: string): boolean {
  return seen.includes(id) || restarts.some(({ commandId }) => commandId === id);
}

function checkRoom({ housekeeping = [] }: DeviceState, isRestarting: boolean): void {
  if (isRestarting) throw new AgentError("ERR_AGENT_BUSY", "a restart is under way");
  if (housekeeping.length >= HOUSEKEEPING_MAX) throw new AgentError("ERR_AGENT_BUSY", `${housekeeping.length} commands wait here`);
}

/** Those whose time is over by the floor, which never goes back, cannot come again. */
function restartsWith({ restarts = [] }: DeviceState, { commandId, notAfterMs }: VerifiedCommand, floorMs: number) {
  const valid = restarts.filter((restart) => restart.notAfterMs > floorMs);
  if (valid.length >= RESTARTS_MAX) throw new AgentError("ERR_AGENT_BUSY", `${valid.length} restarts have not expired`);
  return [...valid, { commandId, notAfterMs }];
}

/** What calling it off changes; undefined when there is no such job, or it has begun. */
export function callOff({ states, housekeeper }: CommandPorts, cancelled: string): ((state: DeviceState) => StateChange) | undefined {
  const job = states.current.housekeeping?.find(({ commandId }) => commandId === cancelled);
  if (job === undefined || !housekeeper.callOff(cancelled)) return undefined;
  return ({ housekeeping }) => ({ housekeeping: without(housekeeping, cancelled), lastCommand: lastCommandOf(job, "cancelled") });
}
