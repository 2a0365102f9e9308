/**
 * One pass over the evidence of a campaign, in any order: when each device was first sent to, when it was first seen on the new version,
 * which version it had at first, what it fetched. Flat arrays, because ten million devices come by here. Pure.
 */
import type { InstalledSoftware } from "../openc2/profiles/x-swup/model.ts";
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";

export interface TallyRequest {
  readonly updateCommandIds: readonly string[];
  readonly newVersion: string;
  /** Base16 SHA-256 of the release. */
  readonly sha256: string;
  readonly decidedMs: number;
}

/** Arrays have one entry per device, in the order of `devices`; Infinity where it was never seen. */
export interface Tally {
  readonly indexOf: ReadonlyMap<number, number>;
  readonly firstSentMs: Float64Array;
  readonly firstOnNewMs: Float64Array;
  readonly firstVersion: readonly (string | undefined)[];
  readonly downloadedBytes: number;
  readonly devicesComplete: number;
}

export function tallyOf(devices: readonly Device[], evidence: Iterable<Evidence>, request: TallyRequest): Tally {
  const indexOf = new Map(devices.map((device, index) => [device.ordinal, index]));
  const never = () => new Float64Array(devices.length).fill(Infinity);
  const [firstSentMs, firstOnNewMs, firstVersionMs] = [never(), never(), never()];
  const firstVersion: (string | undefined)[] = Array.from({ length: devices.length });
  const complete = new Uint8Array(devices.length);
  const sha256 = request.sha256.toLowerCase();
  let downloadedBytes = 0;

  for (const item of evidence) {
    const index = indexOf.get(item.ordinal);
    if (index === undefined) continue;
    if (item.kind === "sent" && request.updateCommandIds.includes(item.commandId)) lower(firstSentMs, index, item.atMs);
    else if (item.kind === "download" && item.atMs >= request.decidedMs && item.sha256.toLowerCase() === sha256) {
      downloadedBytes += item.bytes;
      if (item.complete) complete[index] = 1;
    } else if ((item.kind === "check-in" || item.kind === "response") && item.software !== undefined) {
      if (isRelease(item.software, request.newVersion, sha256)) lower(firstOnNewMs, index, item.atMs);
      if (lower(firstVersionMs, index, item.atMs)) firstVersion[index] = item.software.version;
    }
  }
  const devicesComplete = complete.reduce((count, one) => count + one, 0);
  return { indexOf, firstSentMs, firstOnNewMs, firstVersion, downloadedBytes, devicesComplete };
}

function lower(times: Float64Array, index: number, ms: number): boolean {
  if (!(ms < (times[index] ?? Infinity))) return false;
  times[index] = ms;
  return true;
}

function isRelease(software: InstalledSoftware, newVersion: string, sha256: string): boolean {
  return software.version === newVersion && (software.hashes?.sha256 ?? sha256).toLowerCase() === sha256;
}
