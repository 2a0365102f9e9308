/** Whether a verified stop or restart (x-iot) is for this device and can be kept by it, and when it starts. Pure; the same for every response asked for. */
import { base64url } from "jose";
import { type DeviceModel, MODEL_TARGET } from "../../openc2/index.ts";
import { startTimeMs } from "../../openc2/profiles/x-swup/start-time.ts";
import type { VerifiedCommand } from "../../trust/verify/index.ts";
import { finalRequest } from "../answering.ts";
import type { DeviceConfig } from "../config.ts";
import { AgentError } from "../errors.ts";
import type { HousekeepingJob } from "../state.ts";

/** Throws ERR_AGENT_NOT_MINE, ERR_AGENT_HARDWARE, ERR_AGENT_UNSUPPORTED. */
export function acceptHousekeeping(verified: VerifiedCommand, config: DeviceConfig, nowMs: number): HousekeepingJob {
  const { command, commandId, frame } = verified;
  const { target, args = {} } = command;
  if (MODEL_TARGET in target) checkModel((target as { readonly [MODEL_TARGET]: DeviceModel })[MODEL_TARGET], config);
  if ("device" in target) checkDevice(target["device"] as NamedDevice, config);
  const t0Ms = Math.max(nowMs, args.start_time ?? 0);
  return {
    commandId,
    action: command.action === "restart" ? "restart" : "stop",
    startAtMs: startTimeMs(t0Ms, config.id, commandId, args["x-iot"]?.spread ?? 0),
    frame: base64url.encode(frame),
    ...finalRequest(verified),
  };
}

/** Throws ERR_AGENT_NOT_MINE, ERR_AGENT_HARDWARE. */
export function checkModel({ vendor, name, hardware }: DeviceModel, config: DeviceConfig): void {
  if ((vendor ?? config.vendor) !== config.vendor || (name ?? config.name) !== config.name)
    throw new AgentError("ERR_AGENT_NOT_MINE", `this is ${config.vendor} ${config.name}`);
  if (hardware !== undefined && !hardware.includes(config.hardware))
    throw new AgentError("ERR_AGENT_HARDWARE", `the command is for ${hardware.join(", ")}, this is ${config.hardware}`);
}

interface NamedDevice {
  readonly device_id?: string;
}

function checkDevice({ device_id: id, ...others }: NamedDevice, config: DeviceConfig): void {
  if (id !== undefined && id !== config.id) throw new AgentError("ERR_AGENT_NOT_MINE", `this is ${config.id}`);
  // What others call it, it does not know.
  if (Object.keys(others).length > 0) throw new AgentError("ERR_AGENT_UNSUPPORTED", "this device knows itself by its device_id alone");
}
