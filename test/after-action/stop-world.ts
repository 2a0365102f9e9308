/** Words for the tests of a campaign that stops a process: what device 7 says at seconds after the decision. */
import type { StopContext } from "../../src/after-action/judge.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { LastCommand } from "../../src/openc2/profiles/x-iot/model.ts";
import { checkIn, CONTEXT, DEVICE, OURS, QUERY, T0 } from "./world.ts";

const { newVersion: _version, sha256: _digest, oldVersion: _old, ...terms } = CONTEXT;
export const STOP: StopContext = terms;

export function lastCommand(state: LastCommand["state"], error?: string, commandId: string = OURS): LastCommand {
  return { command_id: commandId, action: "stop", state, ...(error !== undefined && { error }) };
}

export interface StopSaid {
  readonly status?: number;
  readonly processes?: number;
  readonly last?: LastCommand;
  readonly requestId?: string;
}

export function stopAnswer(s: number, said: StopSaid = {}, ordinal = DEVICE): Evidence {
  const { status = 200, processes, last, requestId = QUERY } = said;
  const words = { ...(processes !== undefined && { processes }), ...(last && { lastCommand: last }) };
  return { kind: "response", ordinal, atMs: T0 + s * 1_000, requestId, status, ...words };
}

export function stopCheckIn(s: number, last?: LastCommand, boot = 5, ordinal = DEVICE): Evidence {
  return { ...(checkIn(s, { boot }, ordinal) as Extract<Evidence, { kind: "check-in" }>), ...(last && { lastCommand: last }) };
}
