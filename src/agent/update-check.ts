/**
 * Whether a verified update is for this device, now, and whether director and image repository name the same bytes. Pure. The
 * same checks for every command, whatever response it asks for: `none` skips nothing. What comes out has types that nothing
 * else can make: no installer is ever given bytes that did not pass here.
 */
import { base64url } from "jose";
import { checkSource, DELTA_IMAGE_BYTES_MAX, type Delta, type Offer } from "../depot/client/index.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import { startTimeMs } from "../openc2/profiles/x-swup/start-time.ts";
import { floorOf } from "../trust/counters.ts";
import type { VerifiedCommand } from "../trust/verify/index.ts";
import { finalRequest } from "./answering.ts";
import type { DeviceConfig } from "./config.ts";
import { AgentError } from "./errors.ts";
import type { Manifest } from "./installer.ts";
import type { DeviceState, Job } from "./state.ts";

declare const agreed: unique symbol;

/** What may be put into a slot: bytes that the director's command and the manufacturer's repository both name. */
export interface AgreedImage {
  readonly [agreed]: true;
  readonly release: Offer;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly size: number;
}

/** What may be applied to the image that runs: the manufacturer's repository names it, and it leads from this image to the agreed one. */
export interface AgreedDelta extends Delta {
  readonly [agreed]: true;
}

/** The command's target; empty when it is another. */
export function softwareOf({ command: { target } }: VerifiedCommand): Software {
  const { [SOFTWARE_TARGET]: wanted = {} } = target as { readonly [SOFTWARE_TARGET]?: Software };
  return wanted;
}

/** Throws AgentError or DepotError when the device must not; "current" when there is nothing to do. */
export function acceptUpdate(verified: VerifiedCommand, config: DeviceConfig, installed: Manifest, nowMs: number): Job | "current" {
  const { vendor, name, old_version: oldVersion, new_version: newVersion, hardware, source, size, hashes, manifest } = softwareOf(verified);
  if ((vendor !== undefined && vendor !== config.vendor) || name !== config.name) {
    throw new AgentError("ERR_AGENT_NOT_MINE", `the command is for ${vendor ?? ""} ${name ?? ""}, this is ${config.vendor} ${config.name}`);
  }
  if (hardware !== undefined && !hardware.includes(config.hardware)) {
    throw new AgentError("ERR_AGENT_HARDWARE", `the command is for ${hardware.join(", ")}, this is ${config.hardware}`);
  }
  if (source === undefined || size === undefined || newVersion === undefined || hashes?.sha256 === undefined) {
    throw new AgentError("ERR_AGENT_UNSUPPORTED", "the command does not say what to install");
  }
  const { reboot, allow_downgrade: allowDowngrade } = verified.command.args?.["x-swup"] ?? {};
  // What this device cannot keep to it refuses: its updates need a start, and it never goes back.
  if (reboot === "no" || allowDowngrade === true) throw new AgentError("ERR_AGENT_UNSUPPORTED", "without a reboot, or to an older release");
  // It asks the manufacturer's repository; a manifest that it does not check must not look as if it had counted.
  if (manifest !== undefined) throw new AgentError("ERR_AGENT_UNSUPPORTED", "with a manifest: this device asks a repository");
  checkSource(source, config.sources);
  const sha256 = hashes.sha256.toLowerCase();
  if (installed.version === newVersion && installed.sha256 === sha256) return "current";
  if (oldVersion !== undefined && oldVersion !== installed.version) {
    throw new AgentError("ERR_AGENT_VERSION", `the command updates from ${oldVersion}, this device runs ${installed.version}`);
  }
  const { command, commandId, notAfterMs } = verified;
  const t0Ms = Math.max(nowMs, command.args?.start_time ?? 0);
  return {
    commandId,
    notAfterMs,
    newVersion,
    frame: base64url.encode(verified.frame),
    startAtMs: startTimeMs(t0Ms, config.id, commandId, command.args?.["x-swup"]?.spread ?? 0),
    ...finalRequest(verified),
  };
}

/** Director and image repository must name the same bytes, for this hardware, and newer than what ever ran. Throws AgentError. */
export function agreeOn(
  verified: VerifiedCommand,
  release: Offer,
  config: DeviceConfig,
  installed: Manifest,
  { floors }: DeviceState,
): AgreedImage {
  const { hashes, size, new_version: newVersion } = softwareOf(verified);
  const sha256 = hashes?.sha256?.toLowerCase();
  if (release.sha256 !== sha256 || release.size !== size || release.version !== newVersion) {
    throw new AgentError("ERR_AGENT_DISAGREE", `the command names ${sha256}, the repository ${release.sha256}`);
  }
  if (release.hardware.length > 0 && !release.hardware.includes(config.hardware)) {
    throw new AgentError("ERR_AGENT_HARDWARE", `the release runs on ${release.hardware.join(", ")}, this is ${config.hardware}`);
  }
  if (release.precursors !== undefined && !release.precursors.includes(installed.sha256)) {
    throw new AgentError("ERR_AGENT_PRECURSOR", `the release is not made to be installed over ${installed.version} (${installed.sha256})`);
  }
  const floor = Math.max(floorOf(floors, config.vendor, config.name), installed.counter);
  if (release.counter <= floor) throw new AgentError("ERR_AGENT_COUNTER", `release counter ${release.counter} is not above ${floor}`);
  return { release, sha256, size } as AgreedImage;
}

/** Undefined when the device is better off with the full image: there is no delta, it is of other images, or it saves nothing. */
export function agreeOnDelta(
  { release: { delta }, sha256, size }: AgreedImage,
  config: DeviceConfig,
  installed: Manifest,
): AgreedDelta | undefined {
  if (delta === undefined || !config.deltas) return undefined;
  const isBetween = delta.from === installed.sha256 && delta.to === sha256;
  const isBearable = delta.size < size && size <= DELTA_IMAGE_BYTES_MAX && installed.size <= DELTA_IMAGE_BYTES_MAX;
  return isBetween && isBearable ? ({ ...delta } as AgreedDelta) : undefined;
}
