/** The campaign of the bench: as a server keeps it, but for signatures and messages, which no report looks at. */
import type { CaseFile } from "../../../src/after-action/index.ts";

export const CAMPAIGN_ID = "wc17_9674309";
export const OLD_VERSION = "1.2.3";
export const NEW_VERSION = "2.3.4";
export const SHA256 = "ab".repeat(32);
export const DECIDED_MS = Date.UTC(2026, 2, 1, 3);
/** When the report is made: a day later. */
export const NOW_MS = DECIDED_MS + 86_400_000;

export function caseFile(targeted: number): CaseFile {
  const software = {
    vendor: "famousMaker",
    name: "famousModel",
    old_version: OLD_VERSION,
    new_version: NEW_VERSION,
    hashes: { sha256: SHA256 },
  };
  const canaryCount = Math.min(3_000, targeted);
  return {
    campaign: {
      id: CAMPAIGN_ID,
      tenant: "isp.example",
      state: "done",
      createdMs: DECIDED_MS - 600_000,
      author: "author",
      signedBy: ["author", "approver"],
      command: {
        action: "update",
        target: { "x-swup:software": software },
        args: { response_requested: "none" },
        command_id: CAMPAIGN_ID,
      },
      request: { tenant: "isp.example", vendor: "famousMaker", name: "famousModel", oldVersion: OLD_VERSION, newVersion: NEW_VERSION },
      ladder: { canaryCount, growth: 4, soakMs: 0, settledShare: 0.9, settleMaxMs: 60_000, lostAfterMs: 600_000, controlCount: 0 },
      waves: [
        { index: 0, count: canaryCount },
        { index: 1, count: targeted - canaryCount },
      ],
      targeted,
      messages: { canary: "", mass: "", query: "" },
      permit: {
        campaign_id: CAMPAIGN_ID,
        tenant: "isp.example",
        commands: [],
        cohort_sha256: SHA256,
        count_max: targeted,
        rate_max_per_second: 200_000,
        not_before: DECIDED_MS,
        not_after: DECIDED_MS + 86_400_000,
        halt: { failed_share_max: 0.05, missing_share_max: 0.1 },
      },
      commandIds: { canary: `${CAMPAIGN_ID}-c`, mass: CAMPAIGN_ID, query: `${CAMPAIGN_ID}-q` },
      signed: { canary: "", mass: "", query: "", permit: "" },
      wave: 1,
      waveAtMs: DECIDED_MS + 900,
    },
    orders: [],
    ledger: { decidedMs: DECIDED_MS },
  };
}
