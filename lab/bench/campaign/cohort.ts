/** A cohort of any size, the campaign made for it, and what the planner is told of it in the middle of its way. */
import type { Campaign } from "../../../src/campaign/campaign.ts";
import { type Draft, draftCampaign } from "../../../src/campaign/draft.ts";
import type { PlanFacts } from "../../../src/campaign/plan-types.ts";
import { assignWaves, defaultLadder } from "../../../src/campaign/wave-order.ts";

export const KEY = "wc17_9674309";
const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

/** Made one by one, as a store reads them. */
export function* devicesOf(count: number): Iterable<{ readonly id: string; readonly ordinal: number }> {
  for (let ordinal = 0; ordinal < count; ordinal += 1) yield { id: `urn:dev:ops:32473-${ordinal}`, ordinal };
}

/** What a campaign without keyed waves would do: the same devices in an order of chance, which nobody can repeat or check. */
export function sortedByChance(count: number): readonly number[] {
  const ordinals: number[] = [];
  const chances: number[] = [];
  for (const { ordinal } of devicesOf(count)) {
    ordinals.push(ordinal);
    chances.push(Math.random());
  }
  return ordinals.sort((one, other) => (chances[one] ?? 0) - (chances[other] ?? 0));
}

export function draftOf(count: number): Promise<Draft> {
  const ladder = defaultLadder(count);
  const software = {
    vendor: "famousMaker",
    name: "famousModel",
    old_version: "1.2.3",
    new_version: "2.3.4",
    source: "https://updates.famousmaker.ce/ub_x64/patch_20180222_1234",
    size: 40_000_000,
    hashes: { sha256: "ab".repeat(32) },
  };
  return draftCampaign({
    command: {
      action: "update",
      target: { "x-swup:software": software },
      args: { response_requested: "none" },
      command_id: KEY,
    },
    request: { tenant: "isp", vendor: "famousMaker", name: "famousModel", newVersion: "2.3.4" },
    releaseCounter: 3,
    waves: assignWaves(devicesOf(count), KEY, ladder),
    author: "anna@isp.example",
    from: "isp.example",
    ladder,
    spreadMs: 600_000,
    ratePerSecond: 50_000,
    halt: { failed_share_max: 0.05, missing_share_max: 0.1 },
    nowMs: NOW_MS,
    notAfterMs: NOW_MS + 24 * HOUR_MS,
  });
}

/** Half of its waves have gone out; a hundredth of the newest is not back yet. */
export function underWay(campaign: Campaign): { readonly campaign: Campaign; readonly facts: PlanFacts; readonly nowMs: number } {
  const wave = campaign.waves.length >> 1;
  const waves = campaign.waves.map(({ index, count }) => {
    const sent = index > wave ? 0 : count;
    const away = index === wave ? Math.ceil(count / 100) : 0;
    const settled = sent - away;
    return { index, count, sent, away, settled, updated: settled, failed: 0, offline: 0, lost: 0, looping: 0, watched: settled };
  });
  const control = { watched: campaign.targeted - waves.reduce((sum, { sent }) => sum + sent, 0), lost: 0, looping: 0 };
  const nowMs = NOW_MS + HOUR_MS;
  return { campaign: { ...campaign, state: "sending", wave, waveAtMs: nowMs - 60_000 }, facts: { waves, control }, nowMs };
}
