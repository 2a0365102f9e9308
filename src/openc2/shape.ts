/**
 * Small checks that are put together into the types of the language: closed maps, lists, choices, text, integers. Each
 * throws OpenC2Error with the JSON path of what is wrong. Pure.
 */
import { clauseAt } from "./clauses.ts";
import { OpenC2Error, type OpenC2ErrorCode } from "./errors.ts";
import type { Check, Faults } from "./faults.ts";
import type { JsonObject, JsonValue } from "./model.ts";

export type { Check };

export function fail(code: OpenC2ErrorCode, path: string, message: string, clause = clauseAt(path)): never {
  throw new OpenC2Error(code, `${path}: ${message}`, { path, clause });
}

/**
 * The path of a member whose name nobody has checked. Errors end in logs and on terminals, so a name that is long or is not
 * plain ASCII stands there cut and escaped.
 */
export function strangerAt(path: string, name: string): string {
  return /^[\w:-]{1,64}$/.test(name) ? `${path}.${name}` : `${path}[${quoted(name)}]`;
}

/** 32 code units tell which name it was: no name of the language is longer (LS 1.0 §1.5.1), and escaped each of them takes six characters. */
export function quoted(name: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(name.slice(0, 32)).replace(/[^\x20-\x7e]/g, escape);
}

export function asObject(value: JsonValue, path: string): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return fail("ERR_OPENC2_TYPE", path, "an object is expected");
  return value as JsonObject;
}

/** A check of what a member of the value has or lacks; without faults no path is made. */
export function checkMember(check: Check, member: JsonValue, path: string, name: string, faults: Faults | undefined): void {
  if (faults === undefined) check(member, path);
  else faults.run(check, member, `${path}.${name}`);
}

/** Decides about a member that a map does not list. */
export type Otherwise = (name: string, value: JsonValue, path: string, faults?: Faults) => void;

/** A Map{1..*} or Record of the language: these members and no others, but for those that `otherwise` lets pass. */
export function closedMap(
  members: Readonly<Record<string, Check>>,
  { required = [], least = 1, otherwise = stranger }: ClosedMapRule = {},
): Check {
  // A Map, because a member may be named like something that every object inherits.
  const checks = new Map(Object.entries(members));
  return (value, path, faults) => {
    const map = asObject(value, path);
    let count = 0;
    for (const name in map) {
      count += 1;
      const member = map[name];
      if (member === undefined) continue;
      const check = checks.get(name);
      if (check !== undefined) checkMember(check, member, path, name, faults);
      else checkOther(otherwise, name, member, path, faults);
    }
    for (const name of required) if (!(name in map)) checkMember(missing, null, path, name, faults);
    if (count >= least) return;
    if (faults === undefined) empty(map, path);
    else faults.run(empty, map, path);
  };
}

interface ClosedMapRule {
  readonly required?: readonly string[];
  readonly least?: number;
  readonly otherwise?: Otherwise;
}

const stranger: Otherwise = (name, _, path) => fail("ERR_OPENC2_UNKNOWN", strangerAt(path, name), "there is no such member");
const missing: Check = (_, path) => fail("ERR_OPENC2_MISSING", path, "it is missing");
const empty: Check = (_, path) => fail("ERR_OPENC2_EMPTY", path, "at least one member is expected");

function checkOther(otherwise: Otherwise, name: string, member: JsonValue, path: string, faults: Faults | undefined): void {
  if (faults === undefined) otherwise(name, member, path);
  else faults.gather(() => otherwise(name, member, path, faults));
}

/** A Choice of the language: exactly one of these members. */
export function choice(members: Readonly<Record<string, Check>>): Check {
  const map = closedMap(members, { least: 0 });
  return (value, path, faults) => {
    onlyMember(value, path);
    map(value, path, faults);
  };
}

/** The name of the one member that a Choice has. */
export function onlyMember(value: JsonValue, path: string): string {
  let only: string | undefined;
  let count = 0;
  for (const name in asObject(value, path)) {
    only = name;
    count += 1;
  }
  if (only === undefined || count !== 1) return fail("ERR_OPENC2_CHOICE", path, `exactly one member is expected, there are ${count}`);
  return only;
}

export function listOf(item: Check, { least = 0, most = Number.MAX_SAFE_INTEGER, unique = false } = {}): Check {
  return (value, path, faults) => {
    if (!Array.isArray(value)) return fail("ERR_OPENC2_TYPE", path, "a list is expected");
    const items = value as readonly JsonValue[];
    if (items.length < least || items.length > most)
      fail("ERR_OPENC2_VALUE", path, `from ${least} to ${most} items are expected, there are ${items.length}`);
    // By index: twice as fast as entries(), on the path of every command.
    for (let index = 0; index < items.length; index += 1) {
      const value = items[index] ?? null;
      if (faults === undefined) item(value, path);
      else faults.run(item, value, `${path}[${index}]`);
    }
    if (unique && items.length > 1 && new Set(items).size !== items.length) fail("ERR_OPENC2_VALUE", path, "an item stands twice");
    return undefined;
  };
}

export function text({ pattern, what = "a string", least = 0, most = Number.MAX_SAFE_INTEGER }: TextRule = {}): Check {
  return (value, path) => {
    if (typeof value !== "string") return fail("ERR_OPENC2_TYPE", path, "a string is expected");
    if (value.length < least || value.length > most) fail("ERR_OPENC2_VALUE", path, `from ${least} to ${most} characters are expected`);
    if (pattern !== undefined && !pattern.test(value)) fail("ERR_OPENC2_VALUE", path, `${what} is expected`);
    return undefined;
  };
}

interface TextRule {
  readonly pattern?: RegExp;
  /** Completes "... is expected". */
  readonly what?: string;
  readonly least?: number;
  readonly most?: number;
}

export function integer({ least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = {}): Check {
  return (value, path) => {
    if (typeof value !== "number") return fail("ERR_OPENC2_TYPE", path, "a number is expected");
    if (!Number.isSafeInteger(value) || value < least || value > most)
      fail("ERR_OPENC2_VALUE", path, `a whole number from ${least} to ${most} is expected`);
    return undefined;
  };
}

export const boolean: Check = (value, path) => {
  if (typeof value !== "boolean") fail("ERR_OPENC2_TYPE", path, "true or false is expected");
};

export function oneOf(words: readonly JsonValue[]): Check {
  return (value, path) => {
    if (!words.includes(value)) fail("ERR_OPENC2_VALUE", path, `one of ${words.join(", ")} is expected`);
  };
}
