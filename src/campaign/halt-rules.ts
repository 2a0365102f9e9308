/**
 * When a campaign is too ill to go on: pure, from counts alone, so that it works without a single response. Each rule says why in
 * a sentence with the figures. Failures only grow, so they halt as soon as they are certain to exceed the limit; a device that
 * is away may be booting, so that absence is judged only when the wave's time is up.
 */
import type { HaltRules } from "../trust/permit.ts";
import type { Campaign } from "./campaign.ts";
import { percent } from "./halt-evidence.ts";
import { DEPOT_ERROR_SHARE_MAX, DEPOT_REQUESTS_MIN } from "./limits.ts";
import type { DepotFacts, ReleaseChange, WaveFacts } from "./plan-types.ts";

/** Too many failed already, whatever those still out will do. Undefined when not (yet) so. */
export function tooManyFailed(facts: WaveFacts, rules: HaltRules, isOver: boolean): string | undefined {
  const sample = isOver ? facts.sent : facts.count;
  return exceeds(facts.failed, sample, rules.failed_share_max)
    ? `wave ${facts.index}: ${figures(facts.failed, sample)} failed, the permit allows ${percent(rules.failed_share_max)}`
    : undefined;
}

/** Too many went away and did not come back: those that are lost, and, when the wave's time is up, all that are away. */
export function tooManyMissing(facts: WaveFacts, rules: HaltRules, isTimeUp: boolean): string | undefined {
  const missing = isTimeUp ? facts.away : facts.lost;
  return exceeds(missing, facts.sent, rules.missing_share_max)
    ? `wave ${facts.index}: ${figures(missing, facts.sent)} went away and did not come back, ` +
        `the permit allows ${percent(rules.missing_share_max)}`
    : undefined;
}

/** The canary is the evidence that the rest stands on: with nobody heard of, there is none. */
export function canaryIsSilent(facts: WaveFacts): string | undefined {
  return facts.index === 0 && !(facts.settled > 0)
    ? `wave 0: not one of ${facts.count} canaries has answered or come back (${facts.sent} sent to, ${facts.offline} offline)`
    : undefined;
}

/** The origin answers with errors: whoever is sent on now fails without being at fault. */
export function depotFails({ requests, errors }: DepotFacts): string | undefined {
  if (!(requests >= DEPOT_REQUESTS_MIN && errors > DEPOT_ERROR_SHARE_MAX * requests)) return undefined;
  return `depot: ${figures(errors, requests)} requests were answered with an error of the depot, ${percent(DEPOT_ERROR_SHARE_MAX)} may be`;
}

const GONE: { readonly [change in ReleaseChange]: string } = {
  withdrawn: "is withdrawn: the image repository does not name it any more",
  replaced: "is another by now: the image repository names other bytes than the signed command",
};

/** Devices install only what command and image repository both name: whoever is sent on now fails, or gets what is not wanted any more. */
export function releaseIsGone({ request }: Campaign, change: ReleaseChange | undefined): string | undefined {
  return change && `${request.vendor} ${request.name} ${request.newVersion} ${GONE[change]}`;
}

function exceeds(part: number, whole: number, shareMax: number): boolean {
  return part > 0 && part > shareMax * whole;
}

function figures(part: number, whole: number): string {
  return whole > 0 ? `${part} of ${whole} (${percent(part / whole)})` : `${part} of ${whole}`;
}
