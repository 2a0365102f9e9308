/** The options of 2018, which became the args of 1.0. Pure. */
import { type JsonValue, RESPONSE_TYPES } from "../model.ts";
import { integer, oneOf, quoted } from "../shape.ts";
import type { Notes } from "./notes.ts";
import type { OldMember } from "./old-text.ts";

export interface ImportedOptions {
  readonly args: Readonly<Record<string, JsonValue>>;
  /** Where the command's id stood among the options. */
  readonly commandId: OldMember | undefined;
}

/** 2018 wrote each of these for what 1.0 calls by one name. */
const RENAMED: Readonly<Record<string, string>> = {
  response_request: "response_requested",
  request_response: "response_requested",
  request_respone: "response_requested",
  end_time: "stop_time",
};
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;
const time = integer({ least: 0 });

export function importOptions({ value, valueOffset }: OldMember, notes: Notes): ImportedOptions {
  if (value.kind !== "object") return notes.refuse(valueOffset, "the options are an object");
  const args: Record<string, JsonValue> = {};
  let commandId: OldMember | undefined;
  for (const member of value.members) {
    if (member.name === "command_id") {
      commandId = member;
      continue;
    }
    const name = (Object.hasOwn(RENAMED, member.name) ? RENAMED[member.name] : undefined) ?? member.name;
    if (Object.hasOwn(args, name)) notes.refuse(member.offset, `${name} stands twice, once under an old name`);
    if (name !== member.name) {
      notes.note(member.offset, `"${member.name}"`, `"${name}"`, "the name in LS 1.0 §3.3.1.4");
    }
    const argument = importValue(name, member, notes);
    if (argument !== undefined) args[name] = argument;
  }
  return { args, commandId };
}

function importValue(name: string, member: OldMember, notes: Notes): JsonValue | undefined {
  switch (name) {
    case "response_requested":
      return importResponseType(member, notes);
    case "start_time":
    case "stop_time":
      return importTime(name, member, notes);
    case "duration":
      return notes.checked(member, time);
    default:
      return notes.refuse(member.offset, `the option ${quoted(member.name)} is neither of 2018 nor of 1.0`);
  }
}

function importResponseType(member: OldMember, notes: Notes): JsonValue {
  const old = member.value.kind === "scalar" ? member.value.value : null;
  const lower = typeof old === "string" ? old.toLowerCase() : old;
  const value = notes.checked(member, oneOf(RESPONSE_TYPES), lower);
  if (value !== old) notes.note(member.valueOffset, `"${String(old)}"`, `"${String(value)}"`, "lower case (LS 1.0 §3.4.2.15)");
  return value;
}

function importTime(name: string, member: OldMember, notes: Notes): JsonValue | undefined {
  const old = member.value.kind === "scalar" ? member.value.value : null;
  if (old === "now" && name === "start_time") {
    notes.note(member.offset, '"start_time": "now"', "", "there is no such time; without one a command starts now (LS 1.0 §3.3.1.4)");
    return undefined;
  }
  if (typeof old !== "string") return notes.checked(member, time);
  const ms = RFC_3339.test(old) ? Date.parse(old) : Number.NaN;
  if (Number.isNaN(ms)) return notes.refuse(member.valueOffset, `${quoted(old)} is no time with date and zone (RFC 3339)`);
  notes.note(member.valueOffset, `"${old}"`, String(ms), "times are ms since the epoch (LS 1.0 §3.4.2.2)");
  return ms;
}
