/**
 * Reads a command as it was written in 2018, before OpenC2 1.0, and says line by line what it changes. For the command
 * line only: no device ever reads such text, so nothing here is exported from the language's index. Pure.
 */
import { placeOf } from "../json/place.ts";
import type { JsonObject, JsonValue } from "../model.ts";
import { importError, type OldMember, type OldValue, readOldText } from "./old-text.ts";

export interface Change {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly was: string;
  /** Empty when it is left out. */
  readonly now: string;
  readonly why: string;
}

export interface Imported {
  /** An OpenC2 1.0 command, though it may still lack what only the release knows: size and digest. */
  readonly command: JsonObject;
  readonly changes: readonly Change[];
}

/** Throws OpenC2Error (ERR_OPENC2_IMPORT or ERR_OPENC2_JSON_*) with line and column. */
export function import2018(text: string): Imported {
  return new Importer(text).run();
}

type Args = { [name: string]: JsonValue };

class Importer {
  readonly #text: string;
  readonly #changes: (Change & { readonly offset: number })[] = [];
  readonly #command: { [name: string]: JsonValue } = {};

  constructor(text: string) {
    this.#text = text;
  }

  run(): Imported {
    const { root, strayCommas } = readOldText(this.#text);
    if (root.kind !== "object") throw importError(this.#text, 0, "a command is an object");
    for (const offset of strayCommas) this.#note(offset, ",", "", "JSON has no comma before a closing bracket (RFC 8259 §5)");
    for (const member of root.members) this.#member(member);
    for (const name of ["action", "target"]) if (!(name in this.#command)) throw importError(this.#text, 0, `the command has no ${name}`);
    const { action, target, args, ...rest } = this.#command;
    const command = { action, target, ...(args !== undefined && { args }), ...rest } as JsonObject;
    const changes = this.#changes.sort((a, b) => a.offset - b.offset).map(({ offset: _offset, ...change }) => change);
    return { command, changes };
  }

  #member(member: OldMember): void {
    switch (member.name) {
      case "action":
        this.#command["action"] = this.#action(member);
        return;
      case "target":
        this.#command["target"] = this.#target(member);
        return;
      case "options":
        this.#note(member.offset, '"options"', '"args"', "renamed in 2018 (LS 1.0 §3.3.1)");
        this.#args(member);
        return;
      case "args":
        this.#args(member);
        return;
      case "id":
        this.#note(member.offset, '"id"', '"command_id"', "the id of a command has its own member (LS 1.0 §3.3.1)");
        this.#command["command_id"] = plain(member.value);
        return;
      case "command_id":
      case "actuator":
        this.#command[member.name] = plain(member.value);
        return;
      default:
        throw importError(this.#text, member.offset, `the member "${member.name}" is neither of 2018 nor of 1.0`);
    }
  }

  #action(member: OldMember): JsonValue {
    const value = plain(member.value);
    if (value !== "get") return value;
    this.#note(member.offset, '"get"', '"query"', "there is no action get (LS 1.0 §3.3.1.1)");
    return "query";
  }

  #target({ offset, value }: OldMember): JsonObject {
    if (value.kind !== "object" || value.members.length !== 1) throw importError(this.#text, offset, "a target has exactly one member");
    const [target] = value.members;
    if (target === undefined) throw importError(this.#text, offset, "a target has exactly one member");
    if (target.name === "software") {
      this.#note(
        target.offset,
        '"software"',
        '"x-swup:software"',
        "LS 1.0 never defined it; a profile's target carries its namespace (§3.1.4)",
      );
      return { "x-swup:software": plain(target.value) };
    }
    if (target.name === "process_id") {
      const pid = plain(target.value);
      this.#note(target.offset, '"process_id"', '"process": {"pid"}', "a process is named by its pid member (LS 1.0 §3.4.1.14)");
      this.#stopInsteadOfDelete(target.offset);
      return { process: { pid } };
    }
    return { [target.name]: plain(target.value) };
  }

  #stopInsteadOfDelete(offset: number): void {
    if (this.#command["action"] !== "delete") return;
    this.#note(offset, '"delete"', '"stop"', "a process is stopped; delete removes an entity (LS 1.0 §3.3.1.1)");
    this.#command["action"] = "stop";
  }

  #args({ offset, value }: OldMember): void {
    if (value.kind !== "object") throw importError(this.#text, offset, "the options are an object");
    const args: Args = {};
    for (const member of value.members) this.#arg(member, args);
    if (Object.keys(args).length > 0) this.#command["args"] = args;
  }

  #arg(member: OldMember, args: Args): void {
    const value = plain(member.value);
    switch (member.name) {
      case "command_id":
        this.#note(
          member.offset,
          '"options"."command_id"',
          '"command_id"',
          "it stands beside the action, not among the args (LS 1.0 §3.3.1)",
        );
        this.#command["command_id"] = value;
        return;
      case "response_request":
      case "request_response":
        this.#note(
          member.offset,
          `"${member.name}"`,
          '"response_requested"',
          "the name in LS 1.0 §3.3.1.4; it was never another in a specification",
        );
        args["response_requested"] = typeof value === "string" ? value.toLowerCase() : value;
        return;
      case "end_time":
        this.#note(member.offset, '"end_time"', '"stop_time"', "the name in LS 1.0 §3.3.1.4");
        this.#time(member, "stop_time", value, args);
        return;
      case "start_time":
      case "stop_time":
        this.#time(member, member.name, value, args);
        return;
      case "response_requested":
      case "duration":
        args[member.name] = value;
        return;
      default:
        throw importError(this.#text, member.offset, `the option "${member.name}" is neither of 2018 nor of 1.0`);
    }
  }

  #time(member: OldMember, name: string, value: JsonValue, args: Args): void {
    if (value === "now") {
      this.#note(member.offset, `"${member.name}": "now"`, "", "there is no such time; without one a command starts now (LS 1.0 §3.3.1.4)");
      return;
    }
    if (typeof value === "number") {
      args[name] = value;
      return;
    }
    const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(ms)) throw importError(this.#text, member.offset, `"${name}" is no time that can be read`);
    this.#note(member.offset, JSON.stringify(value), String(ms), "times are ms since the epoch (LS 1.0 §3.4.2.1)");
    args[name] = ms;
  }

  #note(offset: number, was: string, now: string, why: string): void {
    const { line, column } = placeOf(this.#text, offset);
    this.#changes.push({ offset, line, column, was, now, why });
  }
}

function plain(value: OldValue): JsonValue {
  switch (value.kind) {
    case "object":
      return Object.fromEntries(value.members.map((member) => [member.name, plain(member.value)]));
    case "array":
      return value.items.map(plain);
    case "scalar":
      return value.value;
  }
}
