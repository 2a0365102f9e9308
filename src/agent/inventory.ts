/** What a device says of itself: in every check-in, and in answers to those who ask. Pure. */
import type { CheckIn, TrustVersions } from "../channel/wire/index.ts";
import type { EdictError } from "../openc2/edict-error.ts";
import type { InstalledSoftware, LastUpdate, Results, UpdateState } from "../openc2/index.ts";
import type { Manifest } from "./installer.ts";
import { SEEN_IN_CHECK_IN, STATUS_TEXT_CHARACTERS } from "./limits.ts";
import type { Authority } from "../trust/verify/index.ts";
import type { Booted } from "./boot.ts";
import type { DeviceState, Job } from "./state.ts";

export function lastUpdateOf(
  { commandId, newVersion }: Pick<Job, "commandId" | "newVersion">,
  state: UpdateState,
  error?: string,
): LastUpdate {
  return { command_id: commandId, new_version: newVersion, state, ...(error !== undefined && { error }) };
}

export function checkInOf({ boot, seen, lastUpdate, lastCommand }: DeviceState, authority: Authority, { slot, manifest }: Booted): CheckIn {
  return {
    software: softwareOf(manifest),
    boot,
    slot,
    trust: versionsOf(authority),
    seen: seen.slice(0, SEEN_IN_CHECK_IN),
    ...(lastUpdate && { last_update: lastUpdate }),
    ...(lastCommand && { last_command: lastCommand }),
  };
}

/** So that whoever sends knows which documents are missing. */
export function versionsOf({ map, directors }: Authority): TrustVersions {
  return { map: map.version, directors: Object.fromEntries(directors.map(({ name, version }) => [name, version])) };
}

export function swupResults(manifest: Manifest, lastUpdate: LastUpdate | undefined): Results {
  return { "x-swup": { software: softwareOf(manifest), ...(lastUpdate && { last_update: lastUpdate }) } };
}

/** Why something was refused, for a person; cut, because an answer that is too long would be none. */
export function statusText({ code, message }: EdictError): string {
  return `${code}: ${message}`.slice(0, STATUS_TEXT_CHARACTERS);
}

function softwareOf({ vendor, name, version, hardware, sha256 }: Manifest): InstalledSoftware {
  return { vendor, name, version, hashes: { sha256: sha256.toUpperCase() }, hardware };
}
