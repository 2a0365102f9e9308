/** Members in the order in which the specifications list them, so that one message has one text. Pure. */
import type { Command, Headers, JsonObject, JsonValue, Response } from "../model.ts";
import { asJson } from "./values.ts";

const COMMAND = ["action", "target", "args", "actuator", "command_id"];
const ARGS = ["start_time", "stop_time", "duration", "response_requested"];
const RESPONSE = ["status", "status_text", "results"];
const RESULTS = ["versions", "profiles", "pairs", "rate_limit"];
const HEADERS = ["request_id", "created", "from", "to"];

export function headersInOrder(headers: Headers): JsonObject {
  return inOrder(headers as JsonObject, HEADERS);
}

export function commandInOrder(command: Command): JsonObject {
  return inOrder(withInOrder(asJson(command), "args", ARGS), COMMAND);
}

export function responseInOrder(response: Response): JsonObject {
  return inOrder(withInOrder(asJson(response), "results", RESULTS), RESPONSE);
}

function withInOrder(map: JsonObject, name: string, names: readonly string[]): JsonObject {
  const member: JsonValue | undefined = map[name];
  if (typeof member !== "object" || member === null || Array.isArray(member)) return map;
  const ordered = inOrder(member as JsonObject, names);
  return ordered === member ? map : { ...map, [name]: ordered };
}

/** The same object when it is in order. What is not listed comes last: profiles, and what the checks will refuse. */
function inOrder(map: JsonObject, names: readonly string[]): JsonObject {
  let last = 0;
  for (const name in map) {
    const at = rank(name, names);
    if (at < last) return Object.fromEntries(Object.entries(map).sort(([a], [b]) => rank(a, names) - rank(b, names)));
    last = at;
  }
  return map;
}

function rank(name: string, names: readonly string[]): number {
  const at = names.indexOf(name);
  return at === -1 ? names.length : at;
}
