/**
 * What a device does with a frame: verify, then obey or refuse. A frame that is not verified is never answered; a verified
 * one is answered exactly as it asks, and `none` means nothing at all, whatever happens.
 */
import { EdictError } from "../openc2/edict-error.ts";
import {
  featuresResults,
  profileSet,
  type JsonObject,
  type Response,
  SOFTWARE_TARGET,
  type Software,
  type Feature,
  type UpdateState,
  xSwup,
} from "../openc2/index.ts";
import { remember } from "../trust/counters.ts";
import type { TimeFloor } from "../trust/time-floor.ts";
import { type VerifiedCommand, verifyCommandFor } from "../trust/verify/index.ts";
import type { Booted } from "./boot.ts";
import type { DeviceConfig } from "./config.ts";
import { AgentError } from "./errors.ts";
import { lastUpdateOf, statusText, swupResults } from "./inventory.ts";
import type { Job, StateFile } from "./state.ts";
import type { TrustFile } from "./trust-file.ts";
import { acceptUpdate, softwareOf } from "./update-check.ts";

/** It reads commands of every profile that Edict knows, and answers 501 to those it does not implement. */
const IMPLEMENTED = profileSet(xSwup);

export interface CommandPorts {
  readonly config: DeviceConfig;
  readonly states: StateFile;
  readonly time: TimeFloor;
  readonly trust: TrustFile;
  readonly running: Booted;
  readonly onJob: (job: Job) => void;
  /** How far the job under way is. */
  readonly jobState: () => UpdateState;
  /** Calls off the job under way; false when it is too late. */
  readonly onCancel: () => boolean;
  readonly onRefused: (reason: string) => void;
}

export interface Answer {
  readonly requestId: string;
  readonly response: Response;
}

/** Commands are taken one after the other: the state between them is whole. Gives the answer that is to be sent now, if any. */
export async function obey(frame: Uint8Array, ports: CommandPorts): Promise<Answer | undefined> {
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

function act(verified: VerifiedCommand, ports: CommandPorts): Promise<Response | undefined> {
  const { action, target } = verified.command;
  if (action === "update" && SOFTWARE_TARGET in target) return update(verified, ports);
  if (action === "query" && SOFTWARE_TARGET in target) return query(softwareOf(verified), ports);
  if (action === "query" && "features" in target) return features((target as { features: readonly Feature[] }).features);
  if (action === "cancel" && "command" in target) return cancel(verified, String((target as JsonObject)["command"]), ports);
  throw new AgentError("ERR_AGENT_UNSUPPORTED", `this device does not ${action} ${Object.keys(target).join()}`);
}

async function update(verified: VerifiedCommand, { states, config, running, time, onJob }: CommandPorts): Promise<Response | undefined> {
  const { current } = states;
  const { commandId } = verified;
  // Seen before: whatever became of it, nothing is done twice.
  if (current.seen.includes(commandId)) return undefined;
  const seen = remember(current.seen, commandId);
  const timeFloorMs = time.floorMs;
  try {
    const job = acceptUpdate(verified, config, running.manifest, time.nowMs());
    if (job === "current") {
      await states.update({ seen, timeFloorMs });
      return { status: 200, results: swupResults(running.manifest, current.lastUpdate) };
    }
    if (current.job !== undefined) throw new AgentError("ERR_AGENT_BUSY", `the update ${current.job.commandId} is under way`);
    // On disk before it begins: from here on the command is known, also after a power cut.
    await states.update({ seen, timeFloorMs, job });
    onJob(job);
    const requested = verified.command.args?.response_requested;
    return requested === "ack" || requested === "status" ? { status: 102 } : undefined;
  } catch (error) {
    // Refused for good: remembered as failed, so that whoever asks later learns why. Busy is not for good.
    if (error instanceof EdictError && !error.facts.retry && current.job === undefined) {
      const lastUpdate = lastUpdateOf({ commandId, newVersion: softwareOf(verified).new_version ?? "" }, "failed", error.code);
      await states.update({ seen, timeFloorMs, lastUpdate });
    }
    throw error;
  }
}

async function query(filter: Software, { states, running, config, jobState }: CommandPorts): Promise<Response> {
  const isMine = (filter.vendor ?? config.vendor) === config.vendor && (filter.name ?? config.name) === config.name;
  if (!isMine) throw new AgentError("ERR_AGENT_NOT_MINE", `this is ${config.vendor} ${config.name}`);
  const { job, lastUpdate } = states.current;
  return { status: 200, results: swupResults(running.manifest, job === undefined ? lastUpdate : lastUpdateOf(job, jobState())) };
}

async function features(requested: readonly Feature[]): Promise<Response> {
  const results = featuresResults(requested, IMPLEMENTED);
  return { status: 200, ...(results && { results }) };
}

async function cancel({ commandId }: VerifiedCommand, cancelled: string, { states, onCancel }: CommandPorts): Promise<Response> {
  const { job, seen } = states.current;
  const isForJob = job !== undefined && job.commandId === cancelled;
  if (!isForJob || !onCancel()) {
    // Not here yet, or too late. Remembered either way: the command must not begin after its cancel.
    await states.update({ seen: remember(remember(seen, cancelled), commandId) });
    throw new AgentError("ERR_AGENT_CANCELLED", `there is no update ${cancelled} to cancel`);
  }
  await states.update({ job: undefined, lastUpdate: lastUpdateOf(job, "cancelled"), seen: remember(seen, commandId) });
  return { status: 200 };
}
