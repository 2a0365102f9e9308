/**
 * The verdicts of a campaign that stops a process. Pure and total. The first rule that applies decides. A channel that stood is no evidence
 * that a process ended, so that nothing is ever inferred; superseded and rolled-back do not occur.
 *
 *  What the device says, its newest words first
 *  1. It answered our query after the command, and none runs: verified; not-applicable, if the command was not sent to it.
 *  2. It answered our query, and one runs: failed, if it had been done before, by its own words or by an earlier answer that none ran
 *     (it runs again), or if it says that ours failed; unknown otherwise: ours may not have begun.
 *  3. failed: it names our command as failed or cancelled, or answered it with an error status.
 *  4. It names our command as done, or answered it with 200: reported; verified, if none ran when it was asked before. If it went away since
 *     and is not back, rule 6 of judge.ts comes first: it may have stopped what it needs.
 *  5. unknown: it says that ours has not ended.
 *  A start brings back what was stopped, where the hole is still open: what would be verified, not-applicable or reported is unknown when the
 *  device was seen to have started since.
 *
 *  What was seen of it
 *  6. unreachable, unknown and stale: as rules 6, 7 and 11 of judge.ts have it.
 *  7. unknown: anything else.
 */
import type { Conclusion, StopContext } from "./judge.ts";
import { quoted } from "./quoted.ts";
import { away, SEEN_ALWAYS } from "./rules-seen.ts";
import { isClean, type StopHistory, type Word } from "./stop-history.ts";
import { timeText } from "./wording.ts";

type StopRule = (history: StopHistory, context: StopContext) => Conclusion | undefined;

export const STOP_RULES: readonly StopRule[] = [noneRuns, oneRuns, failed, away, done, underWay, ...SEEN_ALWAYS, silent];

function noneRuns({ words, commanded }: StopHistory): Conclusion | undefined {
  const look = words.findLast(({ running }) => running !== undefined);
  const last = words.at(-1);
  // What it says of our command afterwards may take it back, but not what it says in the same breath.
  if (look?.running !== 0 || last === undefined || (last !== look && last.state !== "done")) return undefined;
  const because = `was asked, and none runs (${saidAt(look)})`;
  if (!commanded) return good("not-applicable", `${because}; the command was not sent to it`, look);
  return good("verified", because, look);
}

function oneRuns({ words }: StopHistory): Conclusion | undefined {
  const last = words.at(-1);
  if (!last?.running) return undefined;
  const run = `${last.running} ${last.running === 1 ? "runs" : "run"}`;
  const state = words.findLast((word) => word.state !== undefined)?.state;
  if (hasFailed(state)) return undefined;
  if (state === "done" || words.some(isClean)) return conclusion("failed", `${run} again (${saidAt(last)})`, last);
  return conclusion(
    "unknown",
    `${run}, and it ${state === undefined ? "does not name our command" : `says "${state}"`} (${saidAt(last)})`,
    last,
  );
}

function failed({ words }: StopHistory): Conclusion | undefined {
  const word = words.findLast(({ state }) => state !== undefined);
  if (word === undefined || !hasFailed(word.state)) return undefined;
  const code = word.error === undefined ? "no reason given" : quoted(word.error);
  return conclusion(
    "failed",
    `${word.state === "cancelled" ? "cancelled the stop" : "could not stop it"}: ${code} (${saidAt(word)})`,
    word,
  );
}

function done({ words }: StopHistory): Conclusion | undefined {
  const word = words.findLast(({ state }) => state !== undefined);
  return word?.state === "done" ? good("reported", `says that it is stopped; nobody has asked since (${saidAt(word)})`, word) : undefined;
}

function underWay({ words }: StopHistory): Conclusion | undefined {
  const word = words.at(-1);
  return word?.state && conclusion("unknown", `says "${word.state}" (${saidAt(word)})`, word);
}

function silent({ heardMs }: StopHistory): Conclusion | undefined {
  return heardMs === undefined
    ? undefined
    : { verdict: "unknown", because: "was sent the command; that it has a channel says nothing of the process", atMs: heardMs };
}

function hasFailed(state: Word["state"]): boolean {
  return state === "failed" || state === "cancelled";
}

function conclusion(verdict: Conclusion["verdict"], because: string, { atMs, said }: Word): Conclusion {
  return { verdict, because, atMs, said };
}

/** Good news, as long as the device has not started since. */
function good(verdict: Conclusion["verdict"], because: string, word: Word): Conclusion {
  return word.isBeforeStart ? conclusion("unknown", `${because}; it has started since`, word) : conclusion(verdict, because, word);
}

function saidAt({ said, by, atMs }: Word): string {
  return `${said === "signed" ? "signed " : ""}${by} at ${timeText(atMs)}`;
}
