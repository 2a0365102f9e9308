/**
 * What happens next in a campaign: pure and total. The same campaign, facts and time give the same steps; no input makes it
 * throw. The driver applies the steps and chooses nothing.
 *
 * Rules kept here: waves go out in order and one at a time; nothing is planned in a held state (paused, halted, stopped,
 * cancelled); nothing is planned after the permit's end but to say so. Who may hold or let go on is the driver's affair.
 */
import type { Campaign, CampaignState } from "./campaign.ts";
import type { PlanFacts, Step, WaveFacts } from "./plan-types.ts";
import { judgeWave } from "./plan-wave.ts";

/** In all other states nothing happens by itself, so that nobody has to gather facts. */
export const PLANNED_STATES: readonly CampaignState[] = ["draft", "approved", "canary", "soaking", "sending"];

export function plan(campaign: Campaign, facts: PlanFacts, nowMs: number): readonly Step[] {
  if (!PLANNED_STATES.includes(campaign.state)) return [];
  // Said this way round, a time that is no number is past every end.
  if (!(nowMs < campaign.permit.not_after)) return [{ kind: "expire" }];
  switch (campaign.state) {
    case "draft":
      return [];
    case "approved":
      return nowMs >= campaign.permit.not_before ? nextWave(campaign, facts) : [];
    default:
      return climb(campaign, facts, nowMs);
  }
}

/** A wave is under way or soaks: the soak goes on being judged, because failures may come late. */
function climb(campaign: Campaign, facts: PlanFacts, nowMs: number): readonly Step[] {
  const judgement = judgeWave(campaign, factsOf(campaign, facts.waves), facts, nowMs);
  if (judgement.kind === "ill") return [{ kind: "halt", reason: judgement.reason }];
  if (judgement.kind === "waiting") return [];
  if (isLast(campaign)) return [{ kind: "finish" }];
  if (campaign.state !== "soaking") return [{ kind: "enter", state: "soaking" }];
  return nowMs >= (campaign.soakingSinceMs ?? nowMs) + campaign.ladder.soakMs ? nextWave(campaign, facts) : [];
}

function nextWave(campaign: Campaign, { waitsFor, depot }: PlanFacts): readonly Step[] {
  if (isLast(campaign)) return [{ kind: "finish" }];
  // Devices that are sent on now would only queue at the depot.
  if (waitsFor !== undefined || (depot !== undefined && depot.loadShare > 1)) return [];
  const wave = campaign.wave + 1;
  return [
    { kind: "send-wave", wave },
    { kind: "enter", state: wave === 0 ? "canary" : "sending" },
  ];
}

function isLast(campaign: Campaign): boolean {
  return campaign.wave >= campaign.waves.length - 1;
}

/** A wave that nothing is known of yet has been sent to nobody. */
function factsOf(campaign: Campaign, waves: readonly WaveFacts[]): WaveFacts {
  const index = campaign.wave;
  const nobody = { sent: 0, away: 0, settled: 0, updated: 0, failed: 0, offline: 0, lost: 0, looping: 0, watched: 0 };
  return waves.find((wave) => wave.index === index) ?? { index, count: campaign.waves[index]?.count ?? 0, ...nobody };
}
