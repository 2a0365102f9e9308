/**
 * Which handlers answer a command: by action and target, and by profile where the command names one. With no profile named,
 * every profile that has the pair acts on it, as the TC answered (oc2ls issue #364). Pure.
 */
import type { Action, Command, Response, Validated } from "../model.ts";
import {
  type NamedProfiles,
  type Pairs,
  type Profile,
  profilesByName,
  type ProfileSet,
  profileSet,
  profilesOf,
} from "../profiles/profile.ts";

export interface Context {
  /** Who sent it, as the transfer authenticated it. */
  readonly peer: string;
  /** command_id, or request_id where there was none. */
  readonly id?: string;
  readonly requestId?: string;
  readonly receivedMs: number;
  /** Effective times, ms since the epoch (LS 1.0 §3.3.1.4). Absent stop: never. To end at the stop is the handler's work. */
  readonly startMs: number;
  readonly stopMs?: number;
  /** 1 when it is begun for the first time; more when the process ended before the command did. */
  readonly attempt: number;
  /** Aborts when the handler has had its time; what it answers later is dropped. */
  readonly signal: AbortSignal;
}

/**
 * Does the command and gives its final response, never 102. An EdictError that it throws becomes the response with its status,
 * code and message; anything else a 500 that says nothing of the inside. It may be called again for a command whose process
 * ended underway, and must then do no harm.
 */
export type Handler = (command: Validated<Command>, context: Context) => Promise<Response>;

export interface HandlerEntry {
  /** Absent: a pair of the language itself. */
  readonly profile?: Profile;
  readonly action: Action;
  /** As it stands in a command, e.g. `x-swup:software` or `file`. */
  readonly target: string;
  readonly handle: Handler;
}

export class Registry {
  /** What a command may be of. */
  readonly profiles: ProfileSet;
  /** What an answer may hold: pairs of the language itself stand in it as those of a profile without a name. */
  readonly vocabulary: ProfileSet;
  readonly #entries: readonly HandlerEntry[];
  readonly #named: NamedProfiles;

  constructor(entries: readonly HandlerEntry[]) {
    this.#entries = entries;
    this.profiles = profileSet(...entries.flatMap(({ profile }) => profile ?? []));
    this.#named = profilesByName(this.profiles);
    for (const [index, entry] of entries.entries()) {
      const { action, target, profile } = entry;
      const isTaken = entries.slice(0, index).some((other) => isSamePair(entry, other));
      if (isTaken || (action === "query" && target === "features")) throw new Error(`${action} ${target} has a handler already`);
      if (profile !== undefined && !profile.pairs[action]?.includes(target))
        throw new Error(`${profile.nsid} does not know ${action} ${target}`);
    }
    this.vocabulary = profileSet(...this.profiles.values(), { nsid: "", targets: {}, pairs: this.pairs(), matrixClause: "LS 1.0 §4.1" });
  }

  /** Empty: not supported. */
  select(command: Command): readonly HandlerEntry[] {
    const target = targetName(command);
    const able = this.#entries.filter((entry) => entry.action === command.action && entry.target === target);
    const named = profilesOf(command, this.#named);
    if (command.actuator === undefined && named.length === 0) return able;
    // Args of one profile mean nothing to another, which would have to ignore them.
    return able.filter(({ profile }) => profile !== undefined && named.includes(profile));
  }

  /** A command that names no profile does not slip past the rules of those that will act on it. Throws OpenC2Error. */
  check(command: Command): void {
    for (const { profile } of this.select(command)) profile?.checkCommand?.(command, "$");
  }

  /** What `query features` says of all profiles, or of one. */
  pairs(nsid?: string): Pairs {
    const pairs: Record<string, readonly string[]> = { query: ["features"], cancel: ["command"] };
    for (const { profile, action, target } of this.#entries) {
      if (nsid === undefined || profile?.nsid === nsid) pairs[action] = [...new Set([...(pairs[action] ?? []), target])];
    }
    return pairs;
  }
}

/** A target has exactly one member. */
export function targetName({ target }: Command): string {
  return Object.keys(target)[0] ?? "";
}

function isSamePair(one: HandlerEntry, other: HandlerEntry): boolean {
  return one.action === other.action && one.target === other.target && one.profile?.nsid === other.profile?.nsid;
}
