/**
 * What happens next in a campaign: pure and total. The same campaign, facts and time give the same steps; no input makes it
 * throw. The driver applies the steps and chooses nothing.
 *
 * Rules kept here: waves go out in order and one at a time; nothing is planned in a held state (paused, halted, stopped,
 * cancelled); nothing is planned after the permit's end but to say so. Who may hold or let go on is the driver's affair.
 */
import { type Campaign, type CampaignState, CLIMBING_STATES } from "./campaign.ts";
import { percent } from "./halt-evidence.ts";
import { releaseIsGone } from "./halt-rules.ts";
import { firstBefore, supersededBy, supersederOf } from "./overlap.ts";
import { joinNewcomers } from "./plan-newcomers.ts";
import type { PlanFacts, Step, WaveFacts } from "./plan-types.ts";
import { judgeWave } from "./plan-wave.ts";

/** In all other states nothing happens by itself, so that nobody has to gather facts. */
export const PLANNED_STATES: readonly CampaignState[] = ["draft", ...CLIMBING_STATES, "done"];

export function plan(campaign: Campaign, facts: PlanFacts, nowMs: number): readonly Step[] {
  const { state, permit } = campaign;
  if (!PLANNED_STATES.includes(state)) return [];
  // Said this way round, a time that is no number is past every end.
  if (!(nowMs < permit.not_after)) return state === "done" ? [] : [{ kind: "expire" }];
  if (state === "draft") return [];
  // Also one that is done: its command still reaches whoever returns. No resume overrules it: that is the other authority's word.
  const reason = releaseIsGone(campaign, facts.release);
  if (reason !== undefined) return [{ kind: "halt", reason }];
  switch (state) {
    case "done":
      return waitsFor(campaign, facts, nowMs) === undefined ? joinNewcomers(campaign, facts.newcomers, nowMs) : [];
    case "approved":
      return nowMs >= permit.not_before ? firstWave(campaign, facts, nowMs) : [];
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
  return nowMs >= (campaign.soakingSinceMs ?? nowMs) + campaign.ladder.soakMs ? nextWave(campaign, facts, nowMs) : [];
}

/** A newer release clears away what it makes needless, and is cleared away by one that is newer still. */
function firstWave(campaign: Campaign, facts: PlanFacts, nowMs: number): readonly Step[] {
  const { id } = campaign;
  const { rivals = [] } = facts;
  const superseder = supersederOf(campaign, rivals);
  if (superseder !== undefined) return [{ kind: "supersede", campaign: id, by: superseder.campaign.id }];
  const wave = nextWave(campaign, facts, nowMs);
  if (wave.length === 0) return [];
  return [
    ...supersededBy(campaign, rivals).map(({ campaign: older }) => ({ kind: "supersede", campaign: older.id, by: id }) as const),
    ...wave,
  ];
}

function nextWave(campaign: Campaign, facts: PlanFacts, nowMs: number): readonly Step[] {
  if (isLast(campaign)) return [{ kind: "finish" }];
  if (waitsFor(campaign, facts, nowMs) !== undefined) return [];
  const wave = campaign.wave + 1;
  return [
    { kind: "send-wave", wave },
    { kind: "enter", state: wave === 0 ? "canary" : "sending" },
  ];
}

/** Why no wave begins now although the campaign is well, as a sentence for people. */
export function waitsFor(campaign: Campaign, { waitsFor: outside, depot, rivals = [] }: PlanFacts, nowMs: number): string | undefined {
  if (outside !== undefined) return outside;
  // Devices that are sent on now would only queue there.
  if (depot !== undefined && depot.loadShare > 1) return `the depot bears ${percent(depot.loadShare)} of what it can`;
  const first = firstBefore(campaign, rivals, nowMs);
  return first && `campaign ${first.campaign.id} goes first: ${first.common} devices are in both`;
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
