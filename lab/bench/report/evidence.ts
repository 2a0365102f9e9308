/**
 * Devices of a bench and what was observed of each, made as they are read: seven pieces for a device that went well, fewer for the one in a
 * hundred that did not, in the eight ways of the tests. The same for the same number, so that two runs judge the same.
 */
import type { Device } from "../../../src/fleet/device.ts";
import type { Evidence } from "../../../src/fleet/evidence.ts";
import type { LastUpdate } from "../../../src/openc2/profiles/x-swup/model.ts";
import { CAMPAIGN_ID, DECIDED_MS, NEW_VERSION, OLD_VERSION, SHA256 } from "./campaign.ts";

const REGIONS = ["east", "west", "north", "south"];
const NAMES = ["famousModel", "famousModel-S", "famousModel-XL"];
const MISFIT_EVERY = 100;
/** Over which the fan-out and the downloads are spread. */
const SENT_OVER_MS = 60_000;
const FETCHED_OVER_MS = 3_600_000;

export function* devicesOf(count: number): Iterable<Device> {
  for (let ordinal = 0; ordinal < count; ordinal += 1) {
    yield {
      ordinal,
      id: `urn:dev:ops:32473-cam-${String(ordinal).padStart(8, "0")}`,
      tenant: "isp.example",
      vendor: "famousMaker",
      name: NAMES[ordinal % NAMES.length] ?? "",
      version: OLD_VERSION,
      hardware: "r1",
      region: REGIONS[ordinal % REGIONS.length] ?? "",
      subscribed: true,
      optedOut: false,
    };
  }
}

export function* evidenceOf(count: number): Iterable<Evidence> {
  for (let ordinal = 0; ordinal < count; ordinal += 1) yield* ordinal % MISFIT_EVERY === 0 ? misfit(ordinal) : good(ordinal);
}

function* good(ordinal: number): Iterable<Evidence> {
  const sentMs = DECIDED_MS + spread(ordinal, SENT_OVER_MS);
  const fetchedMs = sentMs + spread(ordinal + 1, FETCHED_OVER_MS);
  yield* before(ordinal);
  yield { kind: "sent", ordinal, atMs: sentMs, commandId: CAMPAIGN_ID };
  yield { kind: "download", ordinal, atMs: fetchedMs, sha256: SHA256, bytes: 40_000_000, complete: true };
  yield { kind: "disconnected", ordinal, atMs: fetchedMs + 5_000, reason: "closed" };
  yield { kind: "connected", ordinal, atMs: fetchedMs + 45_000 };
  yield checkIn(ordinal, fetchedMs + 45_100, { boot: 6, version: NEW_VERSION, state: "done" });
}

function* misfit(ordinal: number): Iterable<Evidence> {
  const sentMs = DECIDED_MS + spread(ordinal, SENT_OVER_MS);
  const fetched = { kind: "download", ordinal, atMs: sentMs + 60_000, sha256: SHA256, bytes: 40_000_000, complete: true } as const;
  const gone = { kind: "disconnected", ordinal, atMs: sentMs + 65_000, reason: "closed" } as const;
  const kind = (ordinal / MISFIT_EVERY) % 8;
  if (kind === 0) {
    yield { kind: "disconnected", ordinal, atMs: DECIDED_MS - 60_000, reason: "closed" };
    return;
  }
  yield* before(ordinal);
  if (kind === 1) {
    yield { kind: "refused", ordinal, atMs: sentMs, reason: "ERR_CHANNEL_DENIED" };
    return;
  }
  yield { kind: "sent", ordinal, atMs: sentMs, commandId: CAMPAIGN_ID };
  if (kind === 2) return;
  yield fetched;
  if (kind === 3) return;
  if (kind === 4) {
    yield checkIn(ordinal, sentMs + 61_000, { boot: 5, version: OLD_VERSION, state: "failed", error: "ERR_AGENT_DIGEST" });
    return;
  }
  yield gone;
  if (kind === 5) return;
  yield { kind: "connected", ordinal, atMs: sentMs + 120_000 };
  if (kind === 6)
    yield checkIn(ordinal, sentMs + 120_100, { boot: 7, version: OLD_VERSION, state: "rolled_back", error: "ERR_AGENT_HEALTH" });
  else yield { ...checkIn(ordinal, sentMs + 120_100, { boot: 6, version: NEW_VERSION }) };
}

function* before(ordinal: number): Iterable<Evidence> {
  yield { kind: "connected", ordinal, atMs: DECIDED_MS - 60_000 };
  yield checkIn(ordinal, DECIDED_MS - 59_000, { boot: 5, version: OLD_VERSION });
}

interface Said {
  readonly boot: number;
  readonly version: string;
  readonly state?: LastUpdate["state"];
  readonly error?: string;
}

function checkIn(ordinal: number, atMs: number, { boot, version, state, error }: Said): Evidence {
  const software = { vendor: "famousMaker", name: "famousModel", version, hashes: { sha256: version === NEW_VERSION ? SHA256 : "" } };
  const lastUpdate = state && { command_id: CAMPAIGN_ID, new_version: NEW_VERSION, state, ...(error !== undefined && { error }) };
  return { kind: "check-in", ordinal, atMs, boot, software, ...(lastUpdate && { lastUpdate }) };
}

/** A moment of this device's, 0 to below `overMs`. */
function spread(ordinal: number, overMs: number): number {
  return (Math.imul(ordinal, 0x9e3779b1) >>> 0) % overMs;
}
