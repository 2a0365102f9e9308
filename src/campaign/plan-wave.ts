/**
 * Judges whether a campaign may go on: still waiting, healthy, or ill. Pure and total.
 *
 * A wave is over when everybody who can be reached was sent to and the ladder's share of them is settled, or when its time is
 * up. Devices without a channel are not waited for: they get the command when they return. Whoever was commanded, in this wave or in
 * an earlier one, goes on being compared with those who were not, so that an emergency may overlap its waves.
 */
import type { Campaign } from "./campaign.ts";
import { limitsOf } from "./commands/index.ts";
import { failsTooOften, isProvenHealthy, missesTooOften, notProvenHealthy, worseThanControl } from "./halt-evidence.ts";
import { canaryIsSilent, depotFails, tooManyFailed, tooManyMissing } from "./halt-rules.ts";
import { CANARY_COUNT_MIN, DAY_MS, PROOF_COUNT_MIN, PROOF_COUNT_SURE, PROOF_SHARE } from "./limits.ts";
import type { PlanFacts, WaveFacts } from "./plan-types.ts";

export type Judgement = { readonly kind: "waiting" } | { readonly kind: "healthy" } | { readonly kind: "ill"; readonly reason: string };

const WAITING: Judgement = { kind: "waiting" };
const HEALTHY: Judgement = { kind: "healthy" };

/** `facts` are those of the wave under way. */
export function judgeWave(campaign: Campaign, facts: WaveFacts, all: PlanFacts, nowMs: number): Judgement {
  const { ladder, permit, waivedWave = -1 } = campaign;
  const isSentOut = facts.sent + facts.offline >= facts.count;
  const isTimeUp = nowMs >= timeUpMs(campaign, facts);
  // People who were shown the halt and signed a resume have judged this wave, and those before it, themselves.
  if (waivedWave >= facts.index) return isSentOut || isTimeUp ? HEALTHY : WAITING;

  const isSettled = isSentOut && facts.settled >= ladder.settledShare * facts.sent && canaryIsSilent(facts) === undefined;
  const { isJoined, isFew } = waveKind(campaign, facts.index);
  const since = all.waves.filter(({ index }) => index > waivedWave && index <= facts.index);
  // The cohort was well, and would hide what newcomers have in common.
  const commanded = isJoined ? since.filter(({ index }) => waveKind(campaign, index).isJoined) : since;
  const illness =
    (isFew ? undefined : tooManyFailed(facts, permit.halt, isSettled || isTimeUp)) ??
    (isFew ? undefined : tooManyMissing(facts, permit.halt, isTimeUp)) ??
    failsTooOften(commanded, permit.halt) ??
    (isJoined ? missesTooOften(commanded, permit.halt) : worseThanControl(commanded, all)) ??
    (all.depot && depotFails(all.depot)) ??
    (isTimeUp ? canaryIsSilent(facts) : undefined);
  if (illness !== undefined) return { kind: "ill", reason: illness };
  const isProven = !needsProof(campaign) || isProvenHealthy(commanded, all);
  if (isTimeUp && !isProven && commanded.reduce((sum, { watched }) => sum + watched, 0) >= PROOF_COUNT_SURE) {
    return { kind: "ill", reason: notProvenHealthy(commanded, all) };
  }
  return isTimeUp || (isSettled && isProven) ? HEALTHY : WAITING;
}

/**
 * Newcomers come in many small waves: one of three is no evidence, and among a hundred such waves one would always be ill. Until a wave
 * holds as many as a canary, they are judged all together, as far as chance can be excluded.
 */
function waveKind({ waves, ladder }: Campaign, index: number): { readonly isJoined: boolean; readonly isFew: boolean } {
  const wave = waves[index];
  if (wave?.isJoined === undefined) return { isJoined: false, isFew: false };
  return { isJoined: true, isFew: wave.count < Math.max(CANARY_COUNT_MIN, ladder.canaryCount) };
}

/** Whether the next wave is the step over PROOF_SHARE of the cohort; a canary that is larger already is proven before the wave after it. */
function needsProof({ wave, waves, targeted }: Campaign): boolean {
  const shareCount = PROOF_SHARE * targeted;
  const commanded = waves.slice(0, wave + 1).reduce((sum, { count }) => sum + count, 0);
  const isStep = commanded + (waves[wave + 1]?.count ?? 0) > shareCount && (wave === 0 || commanded <= shareCount);
  return isStep && commanded >= PROOF_COUNT_MIN;
}

/** The wave was ordered (or let go on), sent at the permit's rate, given its spread to start and the ladder's time to settle. */
function timeUpMs({ waveAtMs, resumedMs, permit, ladder, command, hours }: Campaign, facts: WaveFacts): number {
  const sendingMs = (facts.count / permit.rate_max_per_second) * 1_000;
  const { spread: spreadMs = 0 } = limitsOf(command);
  // Everywhere on earth its hours have come once by then.
  const openingMs = hours === undefined ? 0 : DAY_MS;
  return Math.max(waveAtMs, resumedMs ?? 0) + openingMs + sendingMs + spreadMs + ladder.settleMaxMs;
}
