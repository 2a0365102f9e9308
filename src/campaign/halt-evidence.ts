/**
 * Whether the commanded devices are worse off than those that were not commanded: pure, and without a single response, because the
 * channel itself shows who came back. Whatever strikes both alike (a region without power, a gateway that died) is no evidence.
 * Every answer is a sentence with its figures: how many, seen, expected, control and error rate.
 */
import type { HaltRules } from "../trust/permit.ts";
import { EXCESS_PROOF_BETA, EXCESS_SHARE, EXCESS_TOLERATED_SHARE, CONTROL_DEVIATIONS, HALT_ALPHA } from "./limits.ts";
import type { Comparison, Group, PlanFacts, WaveFacts } from "./plan-types.ts";
import { evidenceAbove, isRuledOut, type Sample, upperRate } from "./sequential-test.ts";

/** Two questions are asked: together they may err as often as HALT_ALPHA says. */
const QUESTIONS = 2;

/**
 * Undefined when not (yet) so. All waves, all but the last, and so on: who is well is known sooner than who is lost, so that the
 * newest wave would dilute the others. It costs no error rate: in the order of waves these are earlier moments of one test.
 */
export function worseThanControl(waves: readonly WaveFacts[], { control, kinds = [] }: PlanFacts): string | undefined {
  const all = waves.map((_, index): Comparison => ({ name: "", commanded: groupOf(waves.slice(0, index + 1)), control }));
  // Half of what may err is for all together, half for the kinds, each of which is a question of its own.
  const alpha = HALT_ALPHA / QUESTIONS / (kinds.length > 0 ? 2 : 1);
  const worse = all.findLast((comparison) => isWorse(comparison, alpha)) ?? kinds.find((kind) => isWorse(kind, alpha / kinds.length));
  return worse && sentenceOf(worse);
}

/** More fail or roll back than the permit allows, as far as chance can be excluded, before the wave is over. */
export function failsTooOften(waves: readonly WaveFacts[], { failed_share_max: shareMax }: HaltRules): string | undefined {
  return exceeds({ bad: sum(waves, "failed"), count: sum(waves, "sent") }, shareMax, "failed");
}

/** More are lost than the permit allows, as far as chance can be excluded: where there is no control group to compare with. */
export function missesTooOften(waves: readonly WaveFacts[], { missing_share_max: shareMax }: HaltRules): string | undefined {
  return exceeds({ bad: sum(waves, "lost"), count: sum(waves, "sent") }, shareMax, "went away and did not come back");
}

/**
 * Whether an excess of EXCESS_SHARE is excluded even if none of those now away came back. What the large steps of the ladder stand on: no
 * evidence of harm is not evidence of no harm.
 */
export function isProvenHealthy(waves: readonly WaveFacts[], { control }: PlanFacts): boolean {
  const { watched, lost, looping } = groupOf(waves);
  const out = Math.max(0, sum(waves, "away") - lost);
  const rate = (badOf(control) + 1) / (control.watched + 2);
  return isRuledOut({ count: watched + out, bad: lost + looping + out }, rate, EXCESS_SHARE, EXCESS_PROOF_BETA);
}

/** When all the time that there is did not bring that proof, although there were devices enough for it. */
export function notProvenHealthy(waves: readonly WaveFacts[], { control }: PlanFacts): string {
  const { watched, lost, looping } = groupOf(waves);
  return (
    `${lost + looping} of ${watched} commanded devices are gone or start again and again, of the control group ${badOf(control)} of ` +
    `${control.watched}: that ${percent(EXCESS_SHARE)} more are lost cannot be excluded (${percent(1 - EXCESS_PROOF_BETA)} confidence)`
  );
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.01 ? 2 : 1))} %`;
}

function exceeds({ bad, count }: Sample, shareMax: number, what: string): string | undefined {
  if (!(evidenceAbove({ bad, count }, shareMax) >= Math.log(QUESTIONS / HALT_ALPHA))) return undefined;
  return `${bad} of ${count} commanded devices (${percent(bad / count)}) ${what}, the permit allows ${percent(shareMax)}; alpha ${percent(HALT_ALPHA)}`;
}

function isWorse({ commanded, control }: Comparison, alpha: number): boolean {
  const expectedShare = upperRate(sampleOf(control), CONTROL_DEVIATIONS) + EXCESS_TOLERATED_SHARE;
  return evidenceAbove(sampleOf(commanded), expectedShare) >= Math.log(1 / alpha);
}

function sentenceOf({ name, commanded, control }: Comparison): string {
  const bad = badOf(commanded);
  const share = badOf(control) / control.watched;
  return (
    `${bad} of ${commanded.watched} commanded devices${name && ` (${name})`} (${percent(bad / commanded.watched)}) are gone or start again and ` +
    `again: ${commanded.lost} lost, ${commanded.looping} looping; of the control group ${badOf(control)} of ${control.watched} ` +
    `(${percent(share)}), so ${Math.round(share * commanded.watched)} were expected; alpha ${percent(HALT_ALPHA)}`
  );
}

function groupOf(waves: readonly WaveFacts[]): Group {
  return { watched: sum(waves, "watched"), lost: sum(waves, "lost"), looping: sum(waves, "looping") };
}

function sum(waves: readonly WaveFacts[], name: keyof WaveFacts): number {
  return waves.reduce((total, wave) => total + wave[name], 0);
}

function sampleOf(group: Group): Sample {
  return { count: group.watched, bad: badOf(group) };
}

function badOf({ lost, looping }: Group): number {
  return lost + looping;
}
