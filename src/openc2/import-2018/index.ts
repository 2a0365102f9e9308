/**
 * Reads a command as it was written in 2018, before OpenC2 1.0, and says line by line what it changes. For the command
 * line only: no device ever reads such text, so nothing here is exported from the language's index. What it does not know
 * it refuses, with the place: a guess would be signed and sent. Pure.
 */
import type { JsonObject, JsonValue } from "../model.ts";
import { quoted } from "../shape.ts";
import { commandId } from "../targets.ts";
import { type Change, Notes } from "./notes.ts";
import { type OldMember, readOldText } from "./old-text.ts";
import { importOptions } from "./options.ts";
import { importPair } from "./target.ts";

export type { Change } from "./notes.ts";

export interface Imported {
  /** An OpenC2 1.0 command, though it may still lack what only the release knows: size and digest. */
  readonly command: JsonObject;
  /** In the order of the text. */
  readonly changes: readonly Change[];
}

const NAMES = ["action", "target", "options", "args", "id", "command_id"];

/** Throws OpenC2Error (ERR_OPENC2_IMPORT or ERR_OPENC2_JSON_*) with line and column. */
export function import2018(text: string): Imported {
  const { root, strayCommas } = readOldText(text);
  const notes = new Notes(text);
  if (root.kind !== "object") return notes.refuse(0, "a command is an object");
  for (const offset of strayCommas) notes.note(offset, ",", "", "JSON has no comma before a closing bracket (RFC 8259 §5)");
  for (const { name, offset } of root.members) {
    // Actuators of 2018 were free text; what one meant, only its author knows.
    if (!NAMES.includes(name)) notes.refuse(offset, `the member ${quoted(name)} cannot be imported`);
  }
  const named = (name: string) => root.members.find((member) => member.name === name);
  const required = (name: string) => named(name) ?? notes.refuse(0, `the command has no ${name}`);

  const pair = importPair(required("action"), required("target"), notes);
  const { args, nestedId } = importArgs(named("options"), named("args"), notes);
  const id = importId([named("command_id"), named("id"), nestedId], notes);
  const command = { ...pair, ...(Object.keys(args).length > 0 && { args }), ...(id !== undefined && { command_id: id }) };
  return { command, changes: notes.list() };
}

function importArgs(
  options: OldMember | undefined,
  args: OldMember | undefined,
  notes: Notes,
): { args: Readonly<Record<string, JsonValue>>; nestedId: OldMember | undefined } {
  if (options !== undefined && args !== undefined) notes.refuse(options.offset, "the command has both options and args");
  if (options !== undefined) notes.note(options.offset, '"options"', '"args"', "renamed in 2018 (LS 1.0 §3.3.1)");
  const member = options ?? args;
  if (member === undefined) return { args: {}, nestedId: undefined };
  const imported = importOptions(member, notes);
  if (imported.commandId !== undefined) {
    const why = "it stands beside the action, not among the args (LS 1.0 §3.3.1)";
    notes.note(imported.commandId.offset, `"${member.name}"."command_id"`, '"command_id"', why);
  }
  return { args: imported.args, nestedId: imported.commandId };
}

function importId(candidates: readonly (OldMember | undefined)[], notes: Notes): JsonValue | undefined {
  const [id, second] = candidates.filter((member) => member !== undefined);
  if (id === undefined) return undefined;
  if (second !== undefined) notes.refuse(second.offset, "the command has two ids");
  if (id.name === "id") notes.note(id.offset, '"id"', '"command_id"', "the id of a command has its own member (LS 1.0 §3.3.1)");
  return notes.checked(id, commandId);
}
