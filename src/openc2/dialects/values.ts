/** Objects like those that a reader makes, put together from parts. Pure. */
import type { Command, JsonObject, JsonValue, Response } from "../model.ts";

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object with one member changed, which may not be there. */
export function within(
  value: JsonValue | undefined,
  name: string,
  change: (member: JsonValue) => JsonValue | undefined,
): JsonValue | undefined {
  if (!isObject(value) || value[name] === undefined) return value;
  const changed = change(value[name]);
  return changed === value[name] ? value : made({ ...value, [name]: changed });
}

/** An object like those that a reader makes: no prototype, frozen, and without the members that are left out. */
export function made(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const [name, member] of Object.entries(members)) if (member !== undefined) object[name] = member;
  return Object.freeze(object);
}

/** A value of the model as what it is in JSON; its type lacks the index signature only. */
export function asJson(value: Command | Response): JsonObject {
  const json: unknown = value;
  return json as JsonObject;
}
