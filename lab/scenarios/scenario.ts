/**
 * A scenario file: a title, what it is about, what world it plays in, and what happens when. One line each; `#` begins a remark.
 *
 *   title    a patch that kills every device
 *   about    ... (any number of lines)
 *   devices  5000
 *   patch    bricks 100 % | fails 10 % | is good
 *   pace     emergency | calm
 *   absent   30 %
 *   spread   10:00
 *   shop     200                       the last of them are sold later, if at all
 *   newcomers 50                       so many may join
 *   process  dvrHelper on 60 %, back in the old image | netd on 3 %, needed     (any number of lines)
 *   stop     dvrHelper                 a campaign of its own stops it, before the update
 *   canary   300                       devices in the canary, when the ladder's own is not meant
 *   at 2:00  the depot is down for 20:00
 *   expect   halted, at most 300 bricked
 *
 * Times are minutes and seconds (or hours, minutes and seconds) after the campaign is signed.
 */
import { emergency, HOUR_MS, MINUTE_MS, type Newcomers, type Patch, type Settings, type SimProcess } from "../world/settings.ts";

export interface Happening {
  readonly atMs: number;
  readonly what: string;
}

export interface Scenario {
  readonly title: string;
  readonly about: readonly string[];
  readonly settings: Settings;
  readonly happenings: readonly Happening[];
  readonly expected: readonly string[];
}

type Words = { readonly [word: string]: (rest: string, draft: Draft) => void };

interface Draft {
  title: string;
  about: string[];
  settings: Settings;
  happenings: Happening[];
  expected: string[];
}

const WORDS: Words = {
  title: (rest, draft) => {
    draft.title = rest;
  },
  about: (rest, draft) => {
    draft.about.push(rest);
  },
  devices: (rest, draft) => change(draft, { devices: Number(rest), agents: Math.min(Number(rest), draft.settings.agents) }),
  patch: (rest, draft) => change(draft, { patch: patchOf(rest) }),
  pace: (rest, draft) => {
    if (rest === "emergency") return;
    change(draft, {
      ladder: { ...draft.settings.ladder, lane: "calm", soakMs: 10 * MINUTE_MS, settledShare: 0.95, settleMaxMs: 30 * MINUTE_MS },
      spreadMs: 2 * MINUTE_MS,
      windowMs: 6 * HOUR_MS,
    });
  },
  absent: (rest, draft) => change(draft, { absent: shareOf(rest) }),
  spread: (rest, draft) => change(draft, { spreadMs: timeOf(rest) }),
  shop: (rest, draft) => change(draft, { newcomers: { ...newcomersOf(draft), late: Number(rest) } }),
  newcomers: (rest, draft) => change(draft, { newcomers: { ...newcomersOf(draft), countMax: Number(rest) } }),
  process: (rest, draft) => change(draft, { processes: [...(draft.settings.processes ?? []), processOf(rest)] }),
  stop: (rest, draft) => change(draft, { stops: rest }),
  canary: (rest, draft) => change(draft, { ladder: { ...draft.settings.ladder, canaryCount: Number(rest) } }),
  at: (rest, draft) => {
    const [time = "", ...words] = rest.split(" ");
    draft.happenings.push({ atMs: timeOf(time), what: words.join(" ") });
  },
  expect: (rest, draft) => {
    draft.expected.push(...rest.split(",").map((each) => each.trim()));
  },
};

/** Throws an error that names the line. */
export function readScenario(text: string, file: string): Scenario {
  const settings: Settings = { ...emergency(1, 1_000, { harm: "none", share: 0 }), agents: 20, gateways: 2 };
  const draft: Draft = { title: file, about: [], settings, happenings: [], expected: [] };
  for (const [index, line] of text.split("\n").entries()) {
    const [word = "", ...rest] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (word === "") continue;
    const read = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (read === undefined) throw new Error(`${file}:${index + 1}: no scenario has the word "${word}"`);
    read(rest.join(" "), draft);
  }
  return draft;
}

function change(draft: Draft, settings: Partial<Settings>): void {
  draft.settings = { ...draft.settings, ...settings };
}

/** Who appears when is said by what happens. */
function newcomersOf({ settings }: Draft): Newcomers {
  return settings.newcomers ?? { late: 0, countMax: 0, sales: 0 };
}

function processOf(text: string): SimProcess {
  const [, name = "", share = "", more] = /^(\S+) on ([\d.]+ ?%)(?:, (back in the old image|needed))?$/.exec(text) ?? [];
  if (name === "") throw new Error(`"${text}" is no process; it looks like "dvrHelper on 60 %, back in the old image"`);
  if (more === "needed") return { name, share: shareOf(share), returns: "always", isNeeded: true };
  return { name, share: shareOf(share), ...(more !== undefined && { returns: "in the old image" as const }) };
}

function patchOf(text: string): Patch {
  const [harm = "", ...share] = text.split(" ");
  if (harm === "bricks" || harm === "fails") return { harm, share: shareOf(share.join(" ")) };
  if (text === "is good") return { harm: "none", share: 0 };
  throw new Error(`a patch bricks or fails some share of the devices, or is good; not "${text}"`);
}

export function shareOf(text: string): number {
  const percent = /^([\d.]+) ?%$/.exec(text)?.[1];
  if (percent === undefined) throw new Error(`"${text}" is no share in %`);
  return Number(percent) / 100;
}

/** 1:02:03 or 2:03, in ms. */
export function timeOf(text: string): number {
  const parts = text.split(":").map(Number);
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !Number.isInteger(part))) throw new Error(`"${text}" is no time`);
  return parts.reduce((seconds, part) => seconds * 60 + part, 0) * 1_000;
}
