/**
 * What one device said of a process that it was told to stop: of our command, by name or as its answer, and how many ran when it was
 * asked. Pure. What was seen of it is as for any command (history.ts).
 */
import type { LastCommand } from "../openc2/profiles/x-iot/model.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { inOrderOf, type Saying, sayingOf, type Seen, seenOf } from "./history.ts";
import type { StopContext } from "./judge.ts";

/** What it said in one breath. */
export interface Word {
  readonly atMs: number;
  readonly said: Saying;
  readonly by: "check-in" | "answer" | "query answer";
  /** What became of our command; an answer with an error status is a failure. */
  readonly state?: LastCommand["state"];
  readonly error?: string;
  /** How many ran that the command is about: an answer to our query. */
  readonly running?: number;
  /** The device has started since: what was stopped may be back. Of a check-in: since it did what it says, as far as can be told. */
  readonly isBeforeStart: boolean;
}

type Said = Omit<Word, "isBeforeStart">;

export interface StopHistory extends Seen {
  /** About our command, or about the processes since then; oldest first. */
  readonly words: readonly Word[];
}

export function stopHistoryOf(ordinal: number, evidence: readonly Evidence[], context: StopContext): StopHistory {
  const items = inOrderOf(ordinal, evidence);
  const words = wordsOf(items, context);
  const seen = seenOf(items, context, words.find(({ state }) => state !== undefined)?.atMs);
  const state = words.findLast((word) => word.state !== undefined)?.state;
  return { ...seen, words: words.filter(({ atMs }) => atMs >= seen.sinceMs), ...(state !== undefined && { claim: { state } }) };
}

/** A start is seen as a check-in with a higher boot than any before. */
function wordsOf(items: readonly Evidence[], context: StopContext): readonly Word[] {
  const newest = items.reduce((boot, item) => Math.max(boot, bootOf(item) ?? boot), -Infinity);
  let seen = -Infinity;
  const firstBoots = new Map<Said["state"], number>();
  return items.flatMap((item) => {
    // The first check-in after a start may speak of what was done before it, and so may whatever repeats its words.
    const before = seen;
    seen = Math.max(seen, bootOf(item) ?? seen);
    return wordOf(item, context).map((word): Word => {
      const firstBoot = firstBoots.get(word.state) ?? before;
      firstBoots.set(word.state, firstBoot);
      return { ...word, isBeforeStart: (word.running === undefined ? firstBoot : seen) < newest };
    });
  });
}

function bootOf(item: Evidence): number | undefined {
  return item.kind === "check-in" ? item.boot : undefined;
}

/** Whether it said in this breath that none runs, or that our command is done. */
export function isClean({ state, running }: Pick<Word, "state" | "running">): boolean {
  return running === undefined ? state === "done" : running === 0;
}

export function wordOf(item: Evidence, context: Pick<StopContext, "commandIds" | "queryCommandId">): Said[] {
  if (item.kind !== "check-in" && item.kind !== "response") return [];
  const { atMs, lastCommand } = item;
  const isAnswer = item.kind === "response" && context.commandIds.includes(item.requestId);
  const isLook = item.kind === "response" && item.requestId === context.queryCommandId;
  const named = lastCommand !== undefined && context.commandIds.includes(lastCommand.command_id) ? lastCommand : undefined;
  const claim = named ?? (isAnswer ? answered(item.status) : undefined);
  const running = isLook ? item.processes : undefined;
  if (claim === undefined && running === undefined) return [];
  return [
    {
      atMs,
      said: sayingOf(item),
      by: item.kind === "check-in" ? "check-in" : isLook ? "query answer" : "answer",
      ...(claim && { state: claim.state, ...(claim.error !== undefined && { error: claim.error }) }),
      ...(running !== undefined && { running }),
    },
  ];
}

/** 102 promises (LS 1.0 §3.3.2.2); 200 says that none runs any more (x-iot §4). */
function answered(status: number): Pick<LastCommand, "state" | "error"> | undefined {
  if (status === 200) return { state: "done" };
  return status >= 400 ? { state: "failed", error: `status ${status}` } : undefined;
}
