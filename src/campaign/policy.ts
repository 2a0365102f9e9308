/**
 * The policy gate: whether a campaign may be released at all, judged from facts alone. Every finding says the figure, the limit and
 * what to do. It is asked in the dry run, when a draft is kept, and again before every signature, with the facts of that moment.
 * Pure. What needs a file or a store is gathered by others.
 */
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import type { Campaign } from "./campaign.ts";
import { limitsOf } from "./commands/index.ts";
import { CampaignError } from "./errors.ts";
import { CANARY_COUNT_MIN, CANARY_MODEL_SHARE_MAX, GROWTH_MAX, PERMIT_WINDOW_MAX_MS, REASON_CHARACTERS_MAX } from "./limits.ts";

/** Code -> whether a person may override it, with a reason that is recorded. */
export const POLICY_RULES = {
  POLICY_EXPIRY: false,
  POLICY_RESPONSE: false,
  POLICY_LADDER: false,
  POLICY_MODEL_SHARE: true,
  POLICY_CONSENT: false,
  POLICY_NEWER_RUNS: true,
  POLICY_SOURCE: false,
  POLICY_METADATA: false,
} as const;
export type PolicyCode = keyof typeof POLICY_RULES;

export interface PolicyFacts {
  readonly campaign: Pick<Campaign, "command" | "permit" | "waves" | "ladder" | "targeted">;
  /** The models in the cohort. */
  readonly models: readonly ModelFacts[];
  /** Devices of the cohort that, as it is known now, are not subscribed, or opted out and nobody named a legal basis. */
  readonly withoutConsent: number;
  /** Devices of the cohort that run a release with a higher counter than this one. */
  readonly newerRuns: number;
  /** Why the guard against hostile sources refuses this one. */
  readonly sourceProblem?: string;
  /** When director and image repository end unless they are renewed. ms since the epoch */
  readonly metadata: readonly { readonly name: string; readonly expiresMs: number }[];
}

export interface ModelFacts {
  readonly name: string;
  /** Devices of this tenant that have it. */
  readonly count: number;
  /** Those of them that are in the cohort. */
  readonly targeted: number;
}

export interface Finding {
  readonly code: PolicyCode;
  readonly figure: string;
  readonly limit: string;
  readonly help: string;
  /** Only with a reason, which is recorded. */
  readonly mayOverride: boolean;
  /** Present when somebody overrode it. */
  readonly reason?: string;
}

export type Overrides = { readonly [code in PolicyCode]?: string | undefined };

type Breach = Pick<Finding, "figure" | "limit" | "help">;

const RULES: { readonly [code in PolicyCode]: (facts: PolicyFacts) => Breach | undefined } = {
  POLICY_EXPIRY: expiry,
  POLICY_RESPONSE: response,
  POLICY_LADDER: ladder,
  POLICY_MODEL_SHARE: modelShare,
  POLICY_CONSENT: consent,
  POLICY_NEWER_RUNS: newerRuns,
  POLICY_SOURCE: source,
  POLICY_METADATA: metadata,
};

/** Everything that the policy has to say against a campaign; nothing when it may go. */
export function judgePolicy(facts: PolicyFacts, overrides: Overrides = {}): readonly Finding[] {
  return (Object.keys(RULES) as PolicyCode[]).flatMap((code) => {
    const breach = RULES[code](facts);
    if (breach === undefined) return [];
    const mayOverride = POLICY_RULES[code];
    const reason = mayOverride ? overrides[code]?.trim().slice(0, REASON_CHARACTERS_MAX) : undefined;
    return [{ code, ...breach, mayOverride, ...(reason && { reason }) }];
  });
}

/** Throws ERR_CAMPAIGN_POLICY when a finding stands that nobody has overridden. */
export function enforcePolicy(findings: readonly Finding[]): void {
  const open = findings.filter(({ reason }) => reason === undefined);
  if (open.length > 0) throw new CampaignError("ERR_CAMPAIGN_POLICY", open.map(findingText).join("; "));
}

export function findingText({ code, figure, limit, help, mayOverride, reason }: Finding): string {
  const way = reason === undefined ? `${help}${mayOverride ? `, or --override ${code}=REASON` : ""}` : `overridden: ${reason}`;
  return `${code}: ${figure}; ${limit}. ${way}`;
}

function expiry({ campaign: { command, permit } }: PolicyFacts): Breach | undefined {
  const { not_after: notAfterMs } = limitsOf(command);
  const days = (ms: number) => `${Number((ms / 86_400_000).toFixed(2))} days`;
  const limit = `it ends with its permit, within ${days(PERMIT_WINDOW_MAX_MS)}`;
  const help = "Draft it with --expires";
  if (notAfterMs === undefined) return { figure: "the command never expires", limit, help };
  const windowMs = permit.not_after - permit.not_before;
  if (notAfterMs > permit.not_after)
    return { figure: `devices obey it ${days(notAfterMs - permit.not_after)} longer than it may be sent`, limit, help };
  return windowMs > PERMIT_WINDOW_MAX_MS ? { figure: `it may be sent for ${days(windowMs)}`, limit, help } : undefined;
}

function response({ campaign: { command } }: PolicyFacts): Breach | undefined {
  const requested = command.args?.response_requested;
  if (requested === "none") return undefined;
  // LS 1.0 §3.3.1.4: absent means complete, an answer from every device at once.
  return {
    figure: `response_requested is ${requested ?? "absent"}`,
    limit: "a mass command asks for none",
    help: "Say response_requested none",
  };
}

function ladder({ campaign: { permit, waves } }: PolicyFacts): Breach | undefined {
  const help = "Draft it again: somebody changed its waves";
  const total = waves.reduce((sum, { count }) => sum + count, 0);
  if (permit.count_max > total) return { figure: `the permit allows ${permit.count_max} devices`, limit: `its waves hold ${total}`, help };
  // The largest before it: what is left for the last wave before the control group may be a handful.
  const largestBefore = (index: number) => Math.max(...waves.slice(0, index).map(({ count }) => count));
  const steep = waves.find(({ count }, index) => index > 0 && count > GROWTH_MAX * largestBefore(index));
  if (steep === undefined) return undefined;
  const limit = `at most ${GROWTH_MAX} times the ${largestBefore(steep.index)} before it`;
  return { figure: `wave ${steep.index} holds ${steep.count} devices`, limit, help };
}

/** The canary is a fair draw (ADR 6): it has of every model the same share as of the cohort. */
function modelShare({ campaign: { waves, targeted }, models }: PolicyFacts): Breach | undefined {
  const canary = waves[0]?.count ?? 0;
  const breaches = models.flatMap(({ name, count, targeted: ofModel }): Breach[] => {
    const canaryCount = Math.round((canary * ofModel) / targeted);
    const countMax = Math.max(CANARY_COUNT_MIN, Math.floor(count * CANARY_MODEL_SHARE_MAX));
    if (canaryCount <= countMax) return [];
    return [
      {
        figure: `the canary is ${canaryCount} of ${count} ${name} (${percent(canaryCount / count)}), before anything is known`,
        limit: `at most ${percent(CANARY_MODEL_SHARE_MAX)} of a model, or ${CANARY_COUNT_MIN} devices`,
        help: `Choose --canary ${Math.floor((countMax * targeted) / ofModel)}`,
      },
    ];
  });
  return breaches[0];
}

function consent({ withoutConsent }: PolicyFacts): Breach | undefined {
  if (withoutConsent === 0) return undefined;
  return {
    figure: `${withoutConsent} devices of the cohort are without consent by now`,
    limit: "none without a legal basis",
    help: "Draft it again: they are left out then; for an opt-out, --opt-out-override names a legal basis",
  };
}

function newerRuns(facts: PolicyFacts): Breach | undefined {
  if (facts.newerRuns === 0) return undefined;
  return {
    figure: `${facts.newerRuns} devices of the cohort run a newer release`,
    limit: "none: devices refuse what is older than what they run",
    help: "Narrow the cohort with old_version or --query",
  };
}

function source({ campaign: { command }, sourceProblem }: PolicyFacts): Breach | undefined {
  if (sourceProblem === undefined) return undefined;
  const { source: named = "nothing" } = (command.target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  return { figure: `source is ${named}`, limit: sourceProblem, help: "Leave source out: then it is the release's own" };
}

function metadata({ campaign: { permit }, metadata: parts }: PolicyFacts): Breach | undefined {
  const [first] = parts.toSorted((one, other) => one.expiresMs - other.expiresMs);
  if (first === undefined || first.expiresMs >= permit.not_after) return undefined;
  return {
    figure: `the ${first.name} expires at ${new Date(first.expiresMs).toISOString()}`,
    limit: `the campaign ends at ${new Date(permit.not_after).toISOString()}, and devices refuse what is signed by what has expired`,
    help: `Renew the ${first.name}, or shorten --expires`,
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
