/**
 * What an actuator profile brings (LS 1.0 §3.1.4). Adding one means adding a folder and naming it in registry.ts; what is published
 * for other implementers stands in docs/profiles under the same name. Pure.
 */
import type { Check, Faults } from "../faults.ts";
import type { Command } from "../model.ts";

export interface Profile {
  /** Namespace identifier; not published by OASIS means it starts with `x-`. */
  readonly nsid: string;
  /** Target name without the namespace -> its check. */
  readonly targets: Readonly<Record<string, Check>>;
  readonly args?: Check;
  readonly actuator?: Check;
  readonly results?: Check;
  /** The command matrix: action -> targets as they stand in a command. It is what `query features` pairs says, and no other pair is valid. */
  readonly pairs: Pairs;
  /** Where the matrix stands, as errors cite it. */
  readonly matrixClause: string;
  /** Rules beyond the matrix for a command of this profile, which stands at the path and has the right types. Throws OpenC2Error. */
  readonly checkCommand?: (command: Command, path: string, faults?: Faults) => void;
  /** What a command of this profile must say itself when it goes to many consumers. Throws ERR_OPENC2_UNSAFE. */
  readonly checkMass?: (command: Command) => void;
}

export type Pairs = Readonly<Record<string, readonly string[]>>;

/** Profiles by NSID: those that a build knows, or that a consumer implements. */
export type ProfileSet = ReadonlyMap<string, Profile>;

export function profileSet(...profiles: readonly Profile[]): ProfileSet {
  return new Map(profiles.map((profile) => [profile.nsid, profile]));
}

/** Profiles by every name that a command can name them by: `nsid:target`, and `nsid` as an actuator or among the args. */
export type NamedProfiles = ReadonlyMap<string, readonly Profile[]>;

export function profilesByName(profiles: ProfileSet): NamedProfiles {
  return new Map(
    [...profiles.values()].flatMap((profile) => {
      const alone = [profile];
      return [profile.nsid, ...Object.keys(profile.targets).map((target) => `${profile.nsid}:${target}`)].map((name) => [name, alone]);
    }),
  );
}

/**
 * The profiles that a command is of: those that its target, its actuator or its args name. One that names none is of the language
 * alone: which profile answers it is for the consumer to say (LS 1.0 §3.3.1.3).
 */
export function profilesOf({ actuator, args, target }: Command, named: NamedProfiles): readonly Profile[] {
  let found = NONE;
  for (const name in target) found = joined(found, named.get(name));
  if (actuator !== undefined) for (const nsid in actuator) found = joined(found, named.get(nsid));
  if (args !== undefined) for (const name in args) found = joined(found, named.get(name));
  return found;
}

const NONE: readonly Profile[] = [];

/** Makes nothing new for a command of one profile, which nearly all are. */
function joined(found: readonly Profile[], more: readonly Profile[] | undefined): readonly Profile[] {
  if (more === undefined || more === found) return found;
  return found.length === 0 ? more : [...new Set([...found, ...more])];
}

/** What all of them accept, each target once. */
export function pairsOf(profiles: ProfileSet): Pairs {
  const pairs: Record<string, readonly string[]> = { query: ["features"] };
  for (const profile of profiles.values()) {
    for (const [action, targets] of Object.entries(profile.pairs)) pairs[action] = [...new Set([...(pairs[action] ?? []), ...targets])];
  }
  return pairs;
}
