/** Action and target of 2018, which belong together: a renamed target may want another action. Pure. */
import { ACTIONS, type JsonObject, type JsonValue } from "../model.ts";
import { SOFTWARE_TARGET } from "../profiles/x-swup/model.ts";
import { SOFTWARE_MEMBERS } from "../profiles/x-swup/profile.ts";
import { oneOf, quoted } from "../shape.ts";
import { TARGETS } from "../targets.ts";
import type { Notes } from "./notes.ts";
import type { OldMember } from "./old-text.ts";

/** Targets that only changed their name. */
const RENAMED: Readonly<Record<string, string>> = { ip_addr: "ipv4_net", ipv4_addr: "ipv4_net", url: "uri" };

function importAction(action: OldMember, notes: Notes): JsonValue {
  if (action.value.kind === "scalar" && action.value.value === "get") {
    notes.note(action.valueOffset, '"get"', '"query"', "there is no action get (LS 1.0 §3.3.1.1)");
    return "query";
  }
  return notes.checked(action, oneOf(ACTIONS));
}

export function importPair(actionMember: OldMember, targetMember: OldMember, notes: Notes): { action: JsonValue; target: JsonObject } {
  const action = importAction(actionMember, notes);
  const { value } = targetMember;
  const members = value.kind === "object" ? value.members : [];
  const [target] = members;
  if (target === undefined || members.length !== 1) return notes.refuse(targetMember.valueOffset, "a target has exactly one member");
  switch (target.name) {
    case "software":
      notes.note(
        target.offset,
        '"software"',
        `"${SOFTWARE_TARGET}"`,
        "LS 1.0 never defined it; a profile's target carries its namespace (§3.1.4)",
      );
      return { action, target: { [SOFTWARE_TARGET]: importSoftware(target, notes) } };
    case SOFTWARE_TARGET:
      return { action, target: { [SOFTWARE_TARGET]: importSoftware(target, notes) } };
    case "process_id":
      return importProcess(action, actionMember, target, notes);
    case "version":
      notes.checked(target, oneOf(["OpenC2"]));
      notes.note(target.offset, '"version"', '"features": ["versions"]', "versions are a feature (LS 1.0 §3.4.1.5)");
      return { action, target: { features: ["versions"] } };
    default:
      return { action, target: importNamed(target, notes) };
  }
}

/** Any of its members may be missing, so each is checked by itself. */
function importSoftware({ value, valueOffset }: OldMember, notes: Notes): JsonObject {
  if (value.kind !== "object") return notes.refuse(valueOffset, "software is an object");
  const entries = value.members.map((member) => {
    const check = Object.hasOwn(SOFTWARE_MEMBERS, member.name) ? SOFTWARE_MEMBERS[member.name] : undefined;
    if (check === undefined) return notes.refuse(member.offset, `software has no member ${quoted(member.name)}`);
    return [member.name, notes.checked(member, check)] as const;
  });
  return Object.fromEntries(entries);
}

function importProcess(
  action: JsonValue,
  actionMember: OldMember,
  target: OldMember,
  notes: Notes,
): { action: JsonValue; target: JsonObject } {
  const pid = notes.checked(target, (value, path) => TARGETS.get("process")?.({ pid: value }, path));
  notes.note(target.offset, '"process_id"', '"process": {"pid"}', "a process is named by its pid member (LS 1.0 §3.4.1.15)");
  if (action !== "delete") return { action, target: { process: { pid } } };
  notes.note(actionMember.valueOffset, '"delete"', '"stop"', "a process is stopped; delete removes an entity (LS 1.0 §3.3.1.1)");
  return { action: "stop", target: { process: { pid } } };
}

function importNamed(target: OldMember, notes: Notes): JsonObject {
  const now = (Object.hasOwn(RENAMED, target.name) ? RENAMED[target.name] : undefined) ?? target.name;
  const check = TARGETS.get(now);
  if (check === undefined) return notes.refuse(target.offset, `the target ${quoted(target.name)} is neither of 2018 nor of 1.0`);
  if (now !== target.name) notes.note(target.offset, `"${target.name}"`, `"${now}"`, "renamed (LS 1.0 §3.3.1.2)");
  return { [now]: notes.checked(target, check) };
}
