/** A small campaign in any state, and the facts of a wave, for the tests of the pure parts. */
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { PlanFacts, WaveFacts } from "../../src/campaign/plan-types.ts";

export const T0 = 1_800_000_000_000;

export function campaignOf(change: Partial<Campaign> = {}): Campaign {
  const waves = [10, 40, 160].map((count, index) => ({ index, count }));
  return {
    id: "wc17_9674309",
    tenant: "isp",
    state: "approved",
    createdMs: T0,
    author: "author@isp.example",
    command: {
      action: "update",
      target: { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" } },
      args: { response_requested: "none", "x-swup": { not_after: T0 + 3_600_000, spread: 20_000 } },
      command_id: "wc17_9674309",
    },
    request: { tenant: "isp", vendor: "famousMaker", name: "famousModel", newVersion: "2.3.4" },
    ladder: { canaryCount: 10, growth: 4, soakMs: 5_000, settledShare: 0.9, settleMaxMs: 60_000, lostAfterMs: 30_000, controlCount: 0 },
    waves,
    targeted: 210,
    messages: { canary: "", mass: "", query: "" },
    permit: {
      campaign_id: "wc17_9674309",
      tenant: "isp",
      commands: [],
      cohort_sha256: "",
      count_max: 210,
      rate_max_per_second: 1_000,
      not_before: T0,
      not_after: T0 + 3_600_000,
      halt: { failed_share_max: 0.05, missing_share_max: 0.1 },
    },
    commandIds: { canary: "wc17_9674309-c", mass: "wc17_9674309", query: "wc17_9674309-q" },
    signed: { canary: "", mass: "", query: "", permit: "" },
    wave: -1,
    waveAtMs: 0,
    ...change,
  };
}

export function factsOf(index: number, count: number, change: Partial<WaveFacts> = {}): WaveFacts {
  const nobody = { sent: 0, away: 0, settled: 0, updated: 0, failed: 0, offline: 0, lost: 0, looping: 0 };
  return { index, count, ...nobody, watched: change.settled ?? 0, ...change };
}

/** These waves, and nobody to compare them with. */
export function seen(waves: readonly WaveFacts[], change: Partial<PlanFacts> = {}): PlanFacts {
  return { waves, control: { watched: 0, lost: 0, looping: 0 }, ...change };
}
