/**
 * When a wave is too ill to go on: pure, from counts alone, so that it works without a single response. Each rule says why in
 * a sentence with the figures. Failures only grow, so they halt as soon as they are certain to exceed the limit; a device that
 * is away may be booting, so that absence is judged only when the wave's time is up.
 */
import type { HaltRules } from "../trust/permit.ts";
import type { WaveFacts } from "./plan-types.ts";

/** Too many failed already, whatever those still out will do. Undefined when not (yet) so. */
export function tooManyFailed(facts: WaveFacts, rules: HaltRules, isOver: boolean): string | undefined {
  const sample = isOver ? facts.sent : facts.count;
  return exceeds(facts.failed, sample, rules.failed_share_max)
    ? `wave ${facts.index}: ${figures(facts.failed, sample)} failed, the permit allows ${percent(rules.failed_share_max)}`
    : undefined;
}

/** Too many went away and did not come back. */
export function tooManyMissing(facts: WaveFacts, rules: HaltRules): string | undefined {
  return exceeds(facts.away, facts.sent, rules.missing_share_max)
    ? `wave ${facts.index}: ${figures(facts.away, facts.sent)} went away and did not come back, ` +
        `the permit allows ${percent(rules.missing_share_max)}`
    : undefined;
}

/** The canary is the evidence that the rest stands on: with nobody heard of, there is none. */
export function canaryIsSilent(facts: WaveFacts): string | undefined {
  return facts.index === 0 && !(facts.settled > 0)
    ? `wave 0: not one of ${facts.count} canaries has answered or come back (${facts.sent} sent to, ${facts.offline} offline)`
    : undefined;
}

function exceeds(part: number, whole: number, shareMax: number): boolean {
  return part > 0 && part > shareMax * whole;
}

function figures(part: number, whole: number): string {
  return whole > 0 ? `${part} of ${whole} (${percent(part / whole)})` : `${part} of ${whole}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
