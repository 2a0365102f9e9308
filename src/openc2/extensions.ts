/**
 * Names that profiles bring (LS 1.0 §3.1.4): targets as `nsid:name`; args, actuators and results under the bare NSID.
 * Well-formed but unknown to this build is "unsupported" (501), malformed is wrong (400). Pure.
 */
import { NSID_CHARACTERS_MAX } from "./limits.ts";
import type { Command, JsonObject, JsonValue } from "./model.ts";
import { type Profile, profilesByName, profilesOf, type ProfileSet } from "./profiles/profile.ts";
import { PROFILES, PUBLISHED_NSIDS } from "./profiles/registry.ts";
import { type Faults, gather } from "./faults.ts";
import { asObject, type Check, fail, onlyMember, strangerAt } from "./shape.ts";

export interface ReadOptions {
  /**
   * "known" (default): a profile that this build does not have is refused with 501. "any": it passes when its name is
   * well formed, and its content is not looked at; for tools that only carry messages. A set: the language has these
   * profiles and no others, also in the `pairs` of an answer.
   */
  readonly profiles?: "known" | "any" | ProfileSet;
}

const NSID = /^x-[A-Za-z0-9][A-Za-z0-9_-]*$/;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

export function profilesIn({ profiles = "known" }: ReadOptions): ProfileSet {
  return typeof profiles === "string" ? PROFILES : profiles;
}

/** One check for each way of reading, put together when it is first needed. */
export function perProfiles(make: (options: ReadOptions) => Check): (options: ReadOptions) => Check {
  const made = new Map<ReadOptions["profiles"], Check>();
  return ({ profiles = "known" }) => {
    let check = made.get(profiles);
    if (check === undefined) {
      check = make({ profiles });
      made.set(profiles, check);
    }
    return check;
  };
}

/** What profiles bring to a part of a message: under `nsid:name` for targets, under `nsid` for the rest. */
export function extensions(part: "targets" | "args" | "actuator" | "results", options: ReadOptions): Readonly<Record<string, Check>> {
  const entries = [...profilesIn(options).values()].flatMap((profile): readonly (readonly [string, Check | undefined])[] => {
    if (part !== "targets") return [[profile.nsid, profile[part]]];
    return Object.entries(profile.targets).map(([name, check]) => [`${profile.nsid}:${name}`, check]);
  });
  return Object.fromEntries(entries.flatMap(([name, check]) => (check === undefined ? [] : [[name, check]])));
}

/** A target that neither the language nor a profile has. Throws OpenC2Error, unless any profile may be meant. */
export function checkStrangerTarget(key: string, path: string, options: ReadOptions): void {
  const [nsid = "", name = "", ...rest] = key.split(":");
  if (!isNsid(nsid) || !NAME.test(name) || rest.length > 0)
    fail("ERR_OPENC2_UNKNOWN", strangerAt(path, key), "no such target", "LS 1.0 §3.1.4");
  if (options.profiles !== "any" || profilesIn(options).has(nsid))
    fail("ERR_OPENC2_UNSUPPORTED", `${path}.${key}`, "this target is not supported", "LS 1.0 §3.3.2.1");
}

/** A member of args, actuator or results that neither the language nor a profile has. Throws OpenC2Error, unless any may be meant. */
export function checkStranger(nsid: string, value: JsonValue, path: string, options: ReadOptions): void {
  const at = strangerAt(path, nsid);
  if (!isNsid(nsid)) fail("ERR_OPENC2_UNKNOWN", at, "there is no such member, and no profile is named so", "LS 1.0 §3.1.4");
  if (profilesIn(options).has(nsid)) fail("ERR_OPENC2_UNSUPPORTED", at, "this profile has nothing there");
  asObject(value, at);
  if (options.profiles !== "any") fail("ERR_OPENC2_UNSUPPORTED", at, "this profile is not supported", "LS 1.0 §3.3.2.1");
}

/** Checks the matrix and the rules of every profile that a command names. Throws OpenC2Error. */
export function profileRules(options: ReadOptions): (command: Command, path: string, faults?: Faults) => void {
  const named = profilesByName(profilesIn(options));
  return (command, path, faults) => {
    for (const profile of profilesOf(command, named)) gather(faults, () => checkRules(profile, command, path, faults));
  };
}

function checkRules(profile: Profile, command: Command, path: string, faults?: Faults): void {
  const target = onlyMember(command.target as JsonObject, path);
  if (!profile.pairs[command.action]?.includes(target))
    fail("ERR_OPENC2_UNSUPPORTED", `${path}.action`, `${command.action} does not go with ${target}`, profile.matrixClause);
  profile.checkCommand?.(command, path, faults);
}

function isNsid(text: string): boolean {
  return text.length <= NSID_CHARACTERS_MAX && (NSID.test(text) || PUBLISHED_NSIDS.has(text));
}
