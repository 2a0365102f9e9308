/**
 * Three ways to write one language: D1 bare LS 1.0 (HTTPS v1.0), D2 LS 1.0 in the envelope of HTTPS v1.1 and MQTT v1.0 (the default),
 * D3 the draft of LS 2.0 in the same envelope. Which one a peer speaks is known, or found out by looking. Pure.
 */
import type { JsonObject, JsonValue } from "../model.ts";
import { TARGETS } from "../targets.ts";
import { isObject } from "./values.ts";

export const DIALECTS = ["D1", "D2", "D3"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A text that is of none of them counts as D2, whose reader then says what is wrong with it. */
export function dialectOf(value: JsonValue): Dialect {
  if (!isObject(value)) return "D2";
  if (!("body" in value) && ("action" in value || "target" in value || "status" in value)) return "D1";
  const content = isObject(value["body"]) && isObject(value["body"]["openc2"]) ? value["body"]["openc2"] : {};
  const { request, response } = content;
  const isDraft = (isObject(request) && isDraftRequest(request)) || (isObject(response) && isDraftResponse(response));
  return isDraft ? "D3" : "D2";
}

/** By what LS 1.0 does not have: `profile`, a target under its namespace, a comment. */
function isDraftRequest({ profile, target, args }: JsonObject): boolean {
  if (typeof profile === "string" || (isObject(args) && "comment" in args)) return true;
  return isObject(target) && Object.keys(target).some((name) => !name.includes(":") && !TARGETS.has(name) && isObject(target[name]));
}

/** By pairs that stand in the results of a profile. */
function isDraftResponse({ results }: JsonObject): boolean {
  return isObject(results) && Object.values(results).some((member) => isObject(member) && isObject(member["pairs"]));
}
