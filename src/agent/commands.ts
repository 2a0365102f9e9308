/**
 * What a device does with a frame: verify, then obey or refuse. A frame that is not verified is never answered; a verified
 * one is answered exactly as it asks, and `none` means nothing at all, whatever happens.
 */
import { EdictError } from "../openc2/edict-error.ts";
import {
  type Command,
  featuresResults,
  profileSet,
  type Response,
  SOFTWARE_TARGET,
  MODEL_TARGET,
  type Feature,
  type UpdateState,
  xIot,
  xSwup,
} from "../openc2/index.ts";
import { remember } from "../trust/counters.ts";
import type { TimeFloor } from "../trust/time-floor.ts";
import { type VerifiedCommand, verifyCommandFor } from "../trust/verify/index.ts";
import type { Booted } from "./boot.ts";
import type { DeviceConfig } from "./config.ts";
import { AgentError } from "./errors.ts";
import { callOff, keepHouse, queryModel, queryProcesses } from "./housekeeping/commands.ts";
import type { Housekeeper } from "./housekeeping/housekeeper.ts";
import { lastUpdateOf, statusText } from "./inventory.ts";
import type { Processes } from "./processes/port.ts";
import type { HeldAnswer, Job, StateFile } from "./state.ts";
import type { TrustFile } from "./trust-file.ts";
import { querySoftware, update } from "./update-commands.ts";

/** It reads commands of every profile that Edict knows, and answers 501 to those it does not implement. */
const IMPLEMENTED = profileSet(xSwup, xIot);

export interface CommandPorts {
  readonly config: DeviceConfig;
  readonly states: StateFile;
  readonly time: TimeFloor;
  readonly trust: TrustFile;
  readonly running: Booted;
  readonly processes: Processes;
  readonly housekeeper: Pick<Housekeeper, "isRestarting" | "begin" | "callOff" | "lastCommand">;
  /** Since the device started. */
  readonly uptimeMs: () => number;
  readonly onJob: (job: Job) => void;
  /** How far the job under way is. */
  readonly jobState: () => UpdateState;
  /** Calls off the job under way; false when it is too late. */
  readonly onCancel: () => boolean;
  readonly onRefused: (reason: string) => void;
}

/** Commands are taken one after the other: the state between them is whole. Gives the answer that is to be sent now, if any. */
export async function obey(frame: Uint8Array, ports: CommandPorts): Promise<HeldAnswer | undefined> {
  let verified: VerifiedCommand;
  try {
    verified = await verifyCommandFor(frame, { authority: ports.trust.current, device: ports.config, nowMs: ports.time.nowMs() });
  } catch (error) {
    if (!(error instanceof EdictError)) throw error;
    ports.onRefused(error.code);
    return undefined;
  }
  // One person alone may stop things, but not move a device's time.
  if (verified.command.action !== "cancel") ports.time.raise(verified.createdMs);
  const requestId = verified.headers.request_id;
  const isSilent = verified.command.args?.response_requested === "none" || requestId === undefined;
  try {
    const response = await act(verified, ports);
    return isSilent || response === undefined ? undefined : { requestId, response };
  } catch (error) {
    if (!(error instanceof EdictError)) throw error;
    ports.onRefused(error.code);
    return isSilent ? undefined : { requestId, response: { status: error.facts.status, status_text: statusText(error) } };
  }
}

async function act(verified: VerifiedCommand, ports: CommandPorts): Promise<Response | undefined> {
  const { command } = verified;
  const [target = ""] = Object.keys(command.target);
  // A command that names no profile is of those that have its pair, and held to their rules (x-iot §2).
  for (const { pairs, checkCommand } of IMPLEMENTED.values()) if (pairs[command.action]?.includes(target)) checkCommand?.(command, "$");
  switch (`${command.action} ${target}`) {
    case `update ${SOFTWARE_TARGET}`:
      return update(verified, ports);
    case `query ${SOFTWARE_TARGET}`:
      return querySoftware(verified, ports);
    case "stop process":
    case "restart device":
    case `restart ${MODEL_TARGET}`:
      return keepHouse(verified, ports);
    case "query process":
      return queryProcesses(verified, ports);
    case `query ${MODEL_TARGET}`:
      return queryModel(verified, ports);
    case "query features":
      return features(command);
    case "cancel command":
      return cancel(verified, ports);
    default:
      throw new AgentError("ERR_AGENT_UNSUPPORTED", `this device does not ${command.action} ${target}`);
  }
}

/** With an actuator: of that profile alone. */
function features({ target, actuator = {} }: Command): Response {
  const [nsid] = Object.keys(actuator);
  const profiles = nsid === undefined ? IMPLEMENTED : profileSet(...[...IMPLEMENTED.values()].filter((profile) => profile.nsid === nsid));
  if (profiles.size === 0) throw new AgentError("ERR_AGENT_UNSUPPORTED", `this device has no ${nsid}`);
  const results = featuresResults((target as { readonly features: readonly Feature[] }).features, profiles);
  return { status: 200, ...(results && { results }) };
}

async function cancel({ command, commandId }: VerifiedCommand, ports: CommandPorts): Promise<Response> {
  const { states, onCancel } = ports;
  const { job, seen } = states.current;
  const { command: cancelled } = command.target as { readonly command: string };
  // Both, also when there is nothing to cancel: the command must not begin after its cancel.
  const remembered = { seen: remember(remember(seen, cancelled), commandId) };
  if (job?.commandId === cancelled && onCancel()) {
    await states.update({ ...remembered, job: undefined, lastUpdate: lastUpdateOf(job, "cancelled") });
    return { status: 200 };
  }
  const change = callOff(ports, cancelled);
  await states.update((state) => ({ ...remembered, ...change?.(state) }));
  if (change === undefined) throw new AgentError("ERR_AGENT_CANCELLED", `there is no command ${cancelled} to cancel`);
  return { status: 200 };
}
