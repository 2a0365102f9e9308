/**
 * From evidence to exactly one verdict per targeted device. Pure and total: no evidence, whatever it says, makes it throw. The rules of an
 * update (those of a stop are in rules-stop.ts), in the order in which they are tried; the first that applies decides. "Ours" is the campaign's canary or mass command; "the command" is
 * the moment it was sent to this device (history.ts).
 *
 *  What the device says (rules-said.ts)
 *  1. superseded: it says that another command is done and runs a version that is neither the release's nor the one from before.
 *  2. not-applicable: it runs the new version and does not name our command, or names it only as failed: it went there by itself.
 *  3. rolled-back, failed: it names our command with that state (cancelled is failed); or it answered our command with an error
 *     status and never named it otherwise.
 *  4. It names our command as done:
 *     verified, if it runs the new version with the release's digest and a check-in with the new version shows a later start than
 *     any from before; reported, if such a start or the digest was not seen; unknown, if what it runs contradicts it.
 *  5. unknown: it claims the new version with another digest. reported: it runs the new version and says that ours is still going on.
 *
 *  What was seen of it (rules-seen.ts)
 *  6. unreachable: its newest connection was refused; or it has had no channel since before the command, or never; or it went away with
 *     the command and has not come back within the return window (above all after it fetched the release: that is what a brick looks
 *     like). Within the window it is unknown: it may be starting at this moment.
 *  7. unknown: it has a channel, but the command was not sent to it.
 *  8. unknown: after the command, and after anything else seen of it, it said that it runs another version. Being silent about why is not
 *     a failure: it may be waiting for its slot. So it is not `failed`, which only the device itself can say.
 *  9. inferred: it went away and came back without inventory, or it fetched the whole release and is still connected.
 * 10. unknown: it fetched a part of the release.
 * 11. stale: everything heard of it is older than the command.
 * 12. unknown: anything else.
 */
import type { Evidence } from "../fleet/evidence.ts";
import type { StoredVerdict, VerdictName } from "../fleet/verdict.ts";
import { historyOf, type History, type Saying, type Seen } from "./history.ts";
import { SAID_RULES } from "./rules-said.ts";
import { SEEN_RULES } from "./rules-seen.ts";
import { STOP_RULES } from "./rules-stop.ts";
import { stopHistoryOf } from "./stop-history.ts";

export interface JudgeTerms {
  /** Command ids of the campaign's mass and canary commands. */
  readonly commandIds: readonly string[];
  readonly queryCommandId: string;
  /** When the campaign was approved. ms since the epoch */
  readonly decidedMs: number;
  readonly nowMs: number;
  /** How long a device may stay away to install and boot before that is a bad sign. ms */
  readonly returnWindowMs: number;
}

export interface UpdateContext extends JudgeTerms {
  /** The version that the cohort was selected for, when there was one. */
  readonly oldVersion?: string;
  readonly newVersion: string;
  /** Base16 SHA-256 of the release, either case. */
  readonly sha256: string;
}

export interface StopContext extends JudgeTerms {
  readonly newVersion?: undefined;
}

export type JudgeContext = UpdateContext | StopContext;

export function isUpdate(context: JudgeContext): context is UpdateContext {
  return context.newVersion !== undefined;
}

/** What a rule concludes: the verdict, why, and when the evidence that decided was observed. */
export interface Conclusion {
  readonly verdict: VerdictName;
  readonly because: string;
  readonly atMs?: number | undefined;
  /** How the device's own words came, when they decided. */
  readonly said?: Saying;
}

export interface Judgement extends StoredVerdict {
  readonly said?: Saying;
}

export type UpdateRule = (history: History, context: UpdateContext) => Conclusion | undefined;

const UPDATE_RULES: readonly UpdateRule[] = [...SAID_RULES, ...SEEN_RULES];

/**
 * The verdict for one device. `evidence` may be in any order; what is about another device is ignored. Evidence from before the decision
 * belongs in it as well: without the last check-in from before, nobody can tell that a device has booted since.
 */
export function judge(target: { readonly ordinal: number }, evidence: readonly Evidence[], context: JudgeContext): Judgement {
  const { ordinal } = target;
  const conclusion = isUpdate(context)
    ? conclude(UPDATE_RULES, historyOf(ordinal, evidence, context), context)
    : conclude(STOP_RULES, stopHistoryOf(ordinal, evidence, context), context);
  return stored(ordinal, conclusion);
}

function conclude<Known extends Seen, Context>(
  rules: readonly ((history: Known, context: Context) => Conclusion | undefined)[],
  history: Known,
  context: Context,
): Conclusion {
  for (const rule of rules) {
    const conclusion = rule(history, context);
    if (conclusion !== undefined) return conclusion;
  }
  const { heardMs } = history;
  const because = heardMs === undefined ? "the command was sent to it; nothing was observed of it" : "what was observed says nothing";
  return { verdict: "unknown", because, atMs: heardMs };
}

function stored(ordinal: number, { verdict, because, atMs, said }: Conclusion): Judgement {
  return { ordinal, verdict, because, ...(atMs !== undefined && { evidenceAtMs: atMs }), ...(said !== undefined && { said }) };
}

const UNCERTAIN: ReadonlySet<VerdictName> = new Set(["unknown", "inferred", "stale", "reported"]);

/** Whether an answer to a query could change the verdict. */
export function isUncertain(verdict: VerdictName): boolean {
  return UNCERTAIN.has(verdict);
}
