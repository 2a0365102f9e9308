/** Tells what happens in a scenario, so that a person can read it: the ledger's lines, what happens by the script, and how it ended. */
import type { LedgerEntry } from "../../src/campaign/ports.ts";
import { CAMPAIGN_ID } from "../world/operators.ts";
import { FATES } from "../world/truth.ts";
import { type StopSummary, type Trial, tryWorld } from "../world/trial.ts";
import type { World } from "../world/world.ts";
import { plantHappenings } from "./happenings.ts";
import type { Scenario } from "./scenario.ts";

/** Of the event log: what a person would be told. Whatever is said more than once is told once, and counted at the end. */
const TOLD = / (answers|is refused|error) /;

export async function narrate({ title, about, settings, happenings, expected }: Scenario): Promise<string> {
  const lines = [title, ...about.map((line) => `  ${line}`), ""];
  const counts = new Map<string, number>();
  let world: World | undefined;
  let ledgerSeq = 0;
  const say = (line: string) => void lines.push(`${clockOf(world)}  ${line}`);
  const tellLedger = () => {
    for (const entry of world?.manager.campaigns.ledger() ?? []) {
      if (entry.seq <= ledgerSeq) continue;
      ledgerSeq = entry.seq;
      say(sentenceOf(entry));
    }
  };
  const trial = await tryWorld(settings, {
    script: (made) => {
      world = made;
      say(`the fleet has ${settings.devices} devices; ${made.campaign.targeted} are in the cohort`);
      tellLedger();
      plantHappenings(made, happenings, say);
    },
    onTick: tellLedger,
    onLine: (line) => {
      if (world === undefined || !TOLD.test(line)) return;
      const [, who = "", ...words] = line.trim().split(" ");
      const text = words.join(" ");
      const count = (counts.get(text) ?? 0) + 1;
      counts.set(text, count);
      if (count === 1) say(`${/^\d+$/.test(who) ? `device ${who}` : who} ${text}`);
    },
  });
  const repeated = [...counts].flatMap(([text, count]) => (count > 1 ? [`${count} times: ${text}`] : []));
  return `${[...lines, "", ...repeated, ...endOf(trial), ...expected.map((what) => judged(what, trial))].join("\n")}\n`;
}

function endOf({ state, reason, commanded, targeted, fates, verdicts, stop, ...trial }: Trial): readonly string[] {
  if (!trial.ok) return [`A RULE IS BROKEN: ${trial.violation}`];
  return [
    ...(stop ? endOfStop(stop) : []),
    `the campaign is ${state}${reason === undefined ? "" : `: ${reason}`}`,
    `commanded: ${commanded} of ${targeted}`,
    `the truth: ${wordsOf(fates)}`,
    `the after-action: ${wordsOf(verdicts)}`,
  ];
}

function endOfStop({ state, reason, commanded, targeted, running, verdicts }: StopSummary): readonly string[] {
  return [
    `the stop is ${state}${reason === undefined ? "" : `: ${reason}`}`,
    `commanded: ${commanded} of ${targeted}`,
    `the truth: the process runs on ${running} devices of the fleet`,
    `the after-action: ${wordsOf(verdicts)}`,
  ];
}

/** `halted`, `the stop is halted`, or `at most 300 bricked`, `at least 900 updated`, `at most 20 running it`. */
function judged(what: string, { state, fates, stop }: Trial): string {
  const [, bound, number, fate] = /^at (most|least) (\d+) (.+)$/.exec(what) ?? [];
  const known = FATES.find((each) => each === fate);
  const running = fate === "running it" ? stop?.running : undefined;
  const count = (known === undefined ? running : fates?.[known]) ?? Number.NaN;
  const isState = what === state || what === `the stop is ${stop?.state}`;
  const isMet = bound === undefined ? isState : bound === "most" ? count <= Number(number) : count >= Number(number);
  return `${isMet ? "as expected" : "NOT AS EXPECTED"}: ${what}`;
}

function wordsOf(counts: { readonly [name: string]: number | undefined } = {}): string {
  return Object.entries(counts)
    .flatMap(([name, count = 0]) => (count === 0 ? [] : [`${count} ${name}`]))
    .join(", ");
}

function sentenceOf({ actor, act, campaignId, detail = {} }: LedgerEntry): string {
  const facts = Object.entries(detail).flatMap(([name, value]) => (/sha256|seq|Ms$/i.test(name) ? [] : [`${name} ${String(value)}`]));
  const whose = campaignId === undefined || campaignId === CAMPAIGN_ID ? "" : ` of ${campaignId}`;
  return `${actor}: ${act}${whose}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}

/** Since the campaign was signed. */
function clockOf(world: World | undefined): string {
  const seconds = world === undefined ? 0 : Math.max(0, Math.round((world.time.nowMs() - world.beginMs) / 1_000));
  const two = (number: number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
