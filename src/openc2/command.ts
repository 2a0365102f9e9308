/** Reads and checks a command: LS 1.0 §3.3.1, with the rules of §4.1 for `query features` and those of the profiles. Pure. */
import { checkStranger, checkStrangerTarget, extensions, perProfiles, profileRules, type ReadOptions } from "./extensions.ts";
import { type Faults, gather, runCheck } from "./faults.ts";
import { readJson } from "./json/read.ts";
import { ACTIONS, type Command, type Feature, type JsonObject, type JsonValue, RESPONSE_TYPES, type Validated } from "./model.ts";
import { profilesByName, profilesOf } from "./profiles/profile.ts";
import { PROFILES } from "./profiles/registry.ts";
import { type Check, checkMember, closedMap, fail, integer, oneOf, onlyMember } from "./shape.ts";
import { commandId, TARGETS } from "./targets.ts";

/** Dialect D1: a bare LS 1.0 command. Throws OpenC2Error. */
export function parseCommand(bytes: Uint8Array, options: ReadOptions = {}): Validated<Command> {
  return validateCommand(readJson(bytes), options);
}

/** The value as a command, the same object. Throws OpenC2Error with the path of the first thing that is wrong, and the rest in `all`. */
export function validateCommand(value: JsonValue, options: ReadOptions = {}, path = "$"): Validated<Command> {
  runCheck(commandCheck(options), value, path);
  const checked: unknown = value;
  return checked as Validated<Command>;
}

/** What a producer must not send, though a consumer should put up with it. Throws OpenC2Error. */
export function checkProduced(command: Command, path: string): void {
  if (!hasCoreArg(command)) fail("ERR_OPENC2_MISSING", `${path}.args`, "one argument of the language itself is missing");
  if (repeatsFeature(command)) fail("ERR_OPENC2_VALUE", `${path}.target.features`, "a feature stands twice");
}

/** LS 1.0 §3.3.1.4: args hold at least one argument of the language itself, if there are any. */
export function hasCoreArg({ args }: Command): boolean {
  return args === undefined || "response_requested" in args || "start_time" in args || "stop_time" in args || "duration" in args;
}

/** LS 1.0 §3.4.1.5: a producer does not ask for a feature twice. */
export function repeatsFeature({ target }: Command): boolean {
  const features = (target as { readonly features?: readonly Feature[] }).features ?? [];
  return features.length > 1 && new Set(features).size !== features.length;
}

/**
 * What a command to many devices must say itself, because a default would be wrong for a million of them at once: whether
 * they answer, which command it is, and what its profile asks, such as until when it holds. Throws ERR_OPENC2_UNSAFE.
 */
export function checkMassCommand(command: Command): void {
  const missing = (what: string, path: string) => fail("ERR_OPENC2_UNSAFE", path, `a command to many devices must say ${what}`);
  if (command.args?.response_requested === undefined) missing("whether they answer", "$.args.response_requested");
  const checks = profilesOf(command, NAMED).map(({ checkMass }) => checkMass);
  if (!checks.some((check) => check !== undefined)) missing("until when it holds, which a profile's args can", "$.args");
  for (const check of checks) check?.(command);
  if (!command.command_id) missing("which command it is", "$.command_id");
}

const NAMED = profilesByName(PROFILES);

/** For checks of what holds it. */
export const commandCheck = perProfiles(makeCommandCheck);

function makeCommandCheck(options: ReadOptions): Check {
  const targets = new Map([...TARGETS, ...Object.entries(extensions("targets", options))]);
  const target: Check = (value, path, faults) => {
    const key = onlyMember(value, path);
    const check = targets.get(key);
    if (check === undefined) checkStrangerTarget(key, path, options);
    else checkMember(check, (value as JsonObject)[key] ?? null, path, key, faults);
  };
  const stranger = (nsid: string, value: JsonValue, path: string) => checkStranger(nsid, value, path, options);
  const actuators = closedMap(extensions("actuator", options), { otherwise: stranger });
  const actuator: Check = (value, path, faults) => {
    onlyMember(value, path);
    actuators(value, path, faults);
  };
  const args = makeArgsCheck(options);
  const shape = closedMap({ action, target, args, actuator, command_id: commandId }, { required: ["action", "target"] });
  const checkRules = profileRules(options);
  return (value, path, faults) => {
    shape(value, path, faults);
    // The rules between members need members that are what they should be.
    if (faults?.any) return;
    const checked: unknown = value;
    const command = checked as Command;
    checkFeaturesArgs(command, path, faults);
    checkRules(command, path, faults);
  };
}

const action: Check = (value, path) => {
  if (!(ACTIONS as readonly JsonValue[]).includes(value)) fail("ERR_OPENC2_ACTION", path, "no such action", "LS 1.0 §3.3.1.1");
};

function makeArgsCheck(options: ReadOptions): Check {
  const time = integer({ least: 0 });
  const core = { start_time: time, stop_time: time, duration: time, response_requested: oneOf(RESPONSE_TYPES) };
  // Args that hold only a profile's are read, though none is sent without one of the language's: SLPF's own example has none.
  const map = closedMap(
    { ...core, ...extensions("args", options) },
    { otherwise: (nsid, value, path) => checkStranger(nsid, value, path, options) },
  );
  return (value, path, faults) => {
    map(value, path, faults);
    const { start_time, stop_time, duration } = value as JsonObject;
    if (start_time !== undefined && stop_time !== undefined && duration !== undefined) {
      fail("ERR_OPENC2_TIMES", path, "start_time, stop_time and duration together", "LS 1.0 §3.3.1.4");
    }
  };
}

/** §4.1: any argument of `query features` other than response_requested complete must not be answered with 200. */
function checkFeaturesArgs({ action: verb, target, args }: Command, path: string, faults?: Faults): void {
  if (verb !== "query" || args === undefined || !("features" in target)) return;
  for (const name in args) {
    if (name === "response_requested" && args[name] === "complete") continue;
    gather(faults, () => fail("ERR_OPENC2_FEATURES_ARGS", `${path}.args.${name}`, "not with query features", "LS 1.0 §4.1"));
  }
}
