/**
 * Judges one wave: still waiting, healthy, or ill. Pure and total.
 *
 * A wave is over when everybody who can be reached was sent to and the ladder's share of them is settled, or when its time is
 * up. Devices without a channel are not waited for: they get the command when they return. Absence and silence are judged
 * only when the time is up, because a device that installs is away, and says nothing, while it is perfectly well.
 */
import type { Campaign } from "./campaign.ts";
import { canaryIsSilent, tooManyFailed, tooManyMissing } from "./halt-rules.ts";
import type { WaveFacts } from "./plan-types.ts";

export type Judgement = { readonly kind: "waiting" } | { readonly kind: "healthy" } | { readonly kind: "ill"; readonly reason: string };

export function judgeWave(campaign: Campaign, facts: WaveFacts, nowMs: number): Judgement {
  const { ladder, permit } = campaign;
  const isSentOut = facts.sent + facts.offline >= facts.count;
  const isTimeUp = nowMs >= timeUpMs(campaign, facts);
  // People who were shown the halt and signed a resume have judged this wave themselves.
  if ((campaign.waivedWave ?? -1) >= facts.index) return isSentOut || isTimeUp ? { kind: "healthy" } : { kind: "waiting" };

  const isSettled = isSentOut && facts.settled >= ladder.settledShare * facts.sent && canaryIsSilent(facts) === undefined;
  const failed = tooManyFailed(facts, permit.halt, isSettled || isTimeUp);
  if (failed !== undefined) return { kind: "ill", reason: failed };
  const missing = tooManyMissing(facts, permit.halt);
  if (isTimeUp) {
    const reason = missing ?? canaryIsSilent(facts);
    return reason === undefined ? { kind: "healthy" } : { kind: "ill", reason };
  }
  return isSettled && missing === undefined ? { kind: "healthy" } : { kind: "waiting" };
}

/** The wave was ordered (or let go on), sent at the permit's rate, given its spread to start and the ladder's time to settle. */
function timeUpMs({ waveAtMs, resumedMs, permit, ladder, command }: Campaign, facts: WaveFacts): number {
  const sendingMs = (facts.count / permit.rate_max_per_second) * 1_000;
  const spreadMs = command.args?.["x-swup"]?.spread ?? 0;
  return Math.max(waveAtMs, resumedMs ?? 0) + sendingMs + spreadMs + ladder.settleMaxMs;
}
