/** Words for the tests of this room: one campaign from 1.2.3 to 2.3.4, and evidence about device 7 at seconds after the decision. */
import type { LastUpdate, UpdateState } from "../../src/openc2/profiles/x-swup/model.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { UpdateContext } from "../../src/after-action/judge.ts";

export const T0 = Date.UTC(2026, 2, 1, 3, 0, 0);
export const SHA = "ab".repeat(32);
export const OTHER_SHA = "cd".repeat(32);
export const OURS = "wc17_9674309";
export const CANARY = "wc17_9674309-canary";
export const QUERY = "wc17_9674309-query";
export const DEVICE = 7;

export const CONTEXT: UpdateContext = {
  commandIds: [OURS, CANARY],
  queryCommandId: QUERY,
  oldVersion: "1.2.3",
  newVersion: "2.3.4",
  sha256: SHA,
  decidedMs: T0,
  nowMs: T0 + 600_000,
  returnWindowMs: 60_000,
};

const at = (s: number, ordinal: number) => ({ ordinal, atMs: T0 + s * 1000 });
const software = (version: string, sha256?: string) => ({
  vendor: "famousMaker",
  name: "famousModel",
  version,
  ...(sha256 !== undefined && { hashes: { sha256 } }),
});

export function last(state: UpdateState, error?: string, commandId: string = OURS): LastUpdate {
  return { command_id: commandId, new_version: "2.3.4", state, ...(error !== undefined && { error }) };
}

export interface Said {
  readonly boot?: number;
  readonly version?: string;
  readonly sha256?: string;
  readonly last?: LastUpdate;
}

export const sent = (s: number, commandId = OURS, ordinal = DEVICE): Evidence => ({ kind: "sent", ...at(s, ordinal), commandId });
export const connected = (s: number, ordinal = DEVICE): Evidence => ({ kind: "connected", ...at(s, ordinal) });
export const gone = (s: number, ordinal = DEVICE): Evidence => ({ kind: "disconnected", ...at(s, ordinal), reason: "closed" });
export const refused = (s: number, reason: string, ordinal = DEVICE): Evidence => ({ kind: "refused", ...at(s, ordinal), reason });

export function checkIn(s: number, said: Said = {}, ordinal = DEVICE): Evidence {
  const { boot = 5, version = "1.2.3", sha256, last: lastUpdate } = said;
  return { kind: "check-in", ...at(s, ordinal), boot, software: software(version, sha256), ...(lastUpdate && { lastUpdate }) };
}

export function answer(s: number, said: Said = {}, requestId = QUERY, status = 200, ordinal = DEVICE): Evidence {
  const { version = "1.2.3", sha256, last: lastUpdate } = said;
  return { kind: "response", ...at(s, ordinal), requestId, status, software: software(version, sha256), ...(lastUpdate && { lastUpdate }) };
}

export const bareAnswer = (s: number, status: number, requestId = QUERY, ordinal = DEVICE): Evidence => ({
  kind: "response",
  ...at(s, ordinal),
  requestId,
  status,
});

export const fetched = (s: number, complete = true, sha256 = SHA, ordinal = DEVICE): Evidence => ({
  kind: "download",
  ...at(s, ordinal),
  sha256,
  bytes: complete ? 262_144 : 4096,
  complete,
});

/** Connected and checked in on 1.2.3 with start 5, a minute before the decision. */
export const BEFORE: readonly Evidence[] = [connected(-60), checkIn(-59, { boot: 5 })];
/** What it says once all went well. */
export const PATCHED: Said = { boot: 6, version: "2.3.4", sha256: SHA, last: last("done") };
