/** What each verdict means to the person who reads the report: one table for every renderer, so that none tells another story. */
import type { CampaignState } from "../campaign/campaign.ts";
import type { VerdictName } from "../fleet/verdict.ts";
import type { CampaignFacts, Report } from "./report-model.ts";
import { isStop } from "./speech.ts";
import { countText } from "./wording.ts";

/** `good` needs nobody, `claim` is probably good, `bad` needs a person, `open` needs patience or a query, `aside` left the campaign. */
export type Tone = "good" | "claim" | "bad" | "open" | "aside";

export interface VerdictFacts {
  readonly tone: Tone;
  /** Whether the device must be taken as still open to what the release mends. */
  readonly exposed: boolean;
  readonly meaning: string;
  /** What to do next, one sentence: `nextOf` says which. */
  readonly next: string;
  /** When the campaign sends nothing more, also to devices that return. */
  readonly nextWhenSilent?: string;
}

/** Held by people or by itself, or over: gateways send nothing of it (docs/adr/0044). */
const SILENT: ReadonlySet<CampaignState> = new Set(["paused", "halted", "stopped", "cancelled", "expired"]);

export const VERDICT_FACTS: { readonly [verdict in VerdictName]: VerdictFacts } = {
  verified: {
    tone: "good",
    exposed: false,
    meaning: "new version and digest seen after a start that followed the command",
    next: "Nothing to do.",
  },
  reported: {
    tone: "claim",
    exposed: false,
    meaning: "claims the new version; no start or no digest was seen",
    next: "Its next start will show it.",
  },
  inferred: {
    tone: "claim",
    exposed: true,
    meaning: "came back or fetched it all; nothing contradicts it",
    next: "Ask with a query.",
  },
  "rolled-back": {
    tone: "bad",
    exposed: true,
    meaning: "installed, was not healthy, runs the old version again",
    next: "Find out why before the release goes to anybody else.",
  },
  failed: {
    tone: "bad",
    exposed: true,
    meaning: "says that it could not install",
    next: "Act on the error code, then send again.",
  },
  stale: {
    tone: "open",
    exposed: true,
    meaning: "nothing heard since before the command",
    next: "Ask with a query.",
  },
  "not-applicable": {
    tone: "aside",
    exposed: false,
    meaning: "runs the new version by other means",
    next: "Nothing to do.",
  },
  superseded: {
    tone: "aside",
    exposed: false,
    meaning: "a newer command took over",
    next: "Read the report of that campaign.",
  },
  unreachable: {
    tone: "bad",
    exposed: true,
    meaning: "has no channel, or went away and is not back",
    next: "Look first at those that fetched the release and did not return; the others get the command when they return, until it expires.",
    nextWhenSilent:
      "Look first at those that fetched the release and did not return; the others are sent nothing, for the campaign is held or over.",
  },
  unknown: {
    tone: "open",
    exposed: true,
    meaning: "what was observed does not decide",
    next: "Ask with a query; look at those that contradict themselves.",
  },
};

/** Of a stop, where it is said otherwise. */
const STOP_WORDS: { readonly [verdict in VerdictName]?: Pick<VerdictFacts, "meaning" | "next" | "nextWhenSilent"> } = {
  verified: { meaning: "was asked after the command: no such process runs", next: "Nothing to do." },
  reported: { meaning: "says that it stopped the process; nobody has asked since", next: "Ask with a query." },
  failed: {
    meaning: "says that it could not stop the process, or runs it again",
    next: "Act on the error code; where it runs again, close the hole that it comes through.",
  },
  inferred: { meaning: "does not occur: a channel says nothing of a process", next: "Ask with a query." },
  "rolled-back": { meaning: "does not occur", next: "Ask with a query." },
  superseded: { meaning: "does not occur", next: "Ask with a query." },
  "not-applicable": { meaning: "does not run the process, and was not sent the command", next: "Nothing to do." },
  unreachable: {
    meaning: "has no channel, or went away and is not back",
    next: "Look first at those that went away with the command; the others get it when they return, until it expires.",
    nextWhenSilent: "Look first at those that went away with the command; the others are sent nothing, for the campaign is held or over.",
  },
};

/** What the verdict means in this campaign. */
export function meaningOf(verdict: VerdictName, { command }: Pick<CampaignFacts, "command">): string {
  return wordsFor(verdict, command).meaning;
}

/** What a person does next about devices with this verdict, in the campaign of this report. */
export function nextOf(verdict: VerdictName, report: Report): string {
  const { command, state } = report.campaign;
  if (verdict === "unknown" && report.unknownNotSent > 0) return nextOfNotSent(report);
  const { next, nextWhenSilent = next } = wordsFor(verdict, command);
  return SILENT.has(state) ? nextWhenSilent : next;
}

/** Whoever was never commanded has nothing to answer: a query would only hear what it runs. */
function nextOfNotSent({ campaign: { state }, verdicts, unknownNotSent }: Report): string {
  const isAll = unknownNotSent === verdicts.unknown;
  const who = `${isAll ? "They were" : `${countText(unknownNotSent)} of them were`} not commanded`;
  const others = isAll ? "" : " Ask the others with a query; look at those that contradict themselves.";
  return `${who}${prospectOf(state)}.${others}`;
}

function prospectOf(state: CampaignState): string {
  if (!SILENT.has(state)) return " yet";
  const isOver = state === "cancelled" || state === "expired";
  return `, and are not ${isOver ? "any more: " : "while it is held: two people resume it, or "}\`edict report ID --follow-up\` writes the next campaign`;
}

function wordsFor(verdict: VerdictName, command: CampaignFacts["command"]): Pick<VerdictFacts, "meaning" | "next" | "nextWhenSilent"> {
  return (isStop(command) ? STOP_WORDS[verdict] : undefined) ?? VERDICT_FACTS[verdict];
}

export function isExposed(verdict: VerdictName): boolean {
  return VERDICT_FACTS[verdict].exposed;
}

/** Said in every report: what the figures do not mean. */
export function notPromised(command: CampaignFacts["command"]): readonly string[] {
  return [
    "Sent means that the kernel took the command for the device's channel. It does not mean received.",
    "A command that asks for no response ends in evidence, not in certainty. Only verified has been seen; a device that lies is believed.",
    isStop(command)
      ? "A process that was stopped may be back, by itself or through the same hole: verified is of the moment that is given."
      : "Stopping cannot recall a device that is already installing.",
  ];
}
