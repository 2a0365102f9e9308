/**
 * Dialect D3: what the draft of LS 2.0 (WD02) writes otherwise than LS 1.0. A command names its `profile`, a target of a profile
 * stands under its namespace, and args may hold a comment; draft-pairs.ts has the rest. Read into the shapes of LS 1.0, which is all
 * that the rest of Edict knows, and written from them. Pure.
 */
import { COMMENT_CHARACTERS_MAX, NSID_CHARACTERS_MAX } from "../limits.ts";
import type { JsonObject, JsonValue } from "../model.ts";
import { asObject, type Check, closedMap, fail, onlyMember, strangerAt, text } from "../shape.ts";
import { TARGETS } from "../targets.ts";
import { groupedPairsCheck } from "./draft-pairs.ts";
import { isObject, made } from "./values.ts";

const open = (members: Readonly<Record<string, Check>>) => closedMap(members, { least: 0, otherwise: () => {} });
const removed: Check = (_, path) => fail("ERR_OPENC2_UNKNOWN", path, "LS 2.0 has no such member", "LS 2.0 §3.3.1");
const nsid = text({ pattern: /^[A-Za-z][\w-]*$/, what: "the name of a profile", most: NSID_CHARACTERS_MAX });
const comment = text({ most: COMMENT_CHARACTERS_MAX });

const target: Check = (value, path) => {
  const name = onlyMember(value, path);
  if (TARGETS.has(name)) return;
  if (name.includes(":")) fail("ERR_OPENC2_UNKNOWN", strangerAt(path, name), "LS 2.0 writes it under its namespace", "LS 2.0 §3.1.4");
  onlyMember(asObject(value, path)[name] ?? null, strangerAt(path, name));
};

/** What is particular to D3. All else is checked as LS 1.0, once it has that shape. */
export const DRAFT_CHECKS: Readonly<Record<"request" | "response", Check>> = {
  request: open({ target, actuator: removed, profile: nsid, args: open({ comment }) }),
  response: open({ results: groupedPairsCheck }),
};

/** A request that has passed its check, in the shape of LS 1.0, and the comment, for which that has no place. */
export function fromDraftRequest({ target, args, profile, ...rest }: JsonObject): {
  readonly request: JsonObject;
  readonly comment?: string;
} {
  const { comment, ...others } = isObject(args) ? args : {};
  const isOnlyComment = comment !== undefined && Object.keys(others).length === 0;
  const request = made({
    ...rest,
    target: isObject(target) ? flat(target) : target,
    args: comment === undefined ? args : isOnlyComment ? undefined : made(others),
    actuator: typeof profile === "string" ? made({ [profile]: made({}) }) : undefined,
  });
  return { request, ...(typeof comment === "string" && { comment }) };
}

/** Throws ERR_OPENC2_VALUE for actuator specifiers: the draft has dropped them. */
export function toDraftRequest({ target, args, actuator, ...rest }: JsonObject, comment: string | undefined): JsonObject {
  const profile = actuator === undefined ? undefined : onlyMember(actuator, "$.actuator");
  if (profile !== undefined && Object.keys(asObject(asObject(actuator ?? null, "$")[profile] ?? null, `$.actuator.${profile}`)).length > 0)
    fail("ERR_OPENC2_VALUE", `$.actuator.${profile}`, "LS 2.0 selects a profile, but no actuator within it", "LS 2.0 §3.3.1.3");
  const { action, command_id, ...others } = rest;
  const allArgs = isObject(args) || comment !== undefined ? made({ ...(args as JsonObject | undefined), comment }) : args;
  return made({ action, target: nested(target ?? null), args: allArgs, profile, command_id, ...others });
}

/** Where a place of LS 1.0 stands in a text of D3. */
export function draftPath(path: string): string {
  return path
    .replace(/^(\$\.body\.openc2\.request\.target\.[\w-]+):/, "$1.")
    .replace(/^(\$\.body\.openc2\.request)\.actuator\b.*$/, "$1.profile");
}

function flat(target: JsonObject): JsonObject {
  const name = onlyMember(target, "$");
  const inner = target[name];
  if (TARGETS.has(name) || !isObject(inner)) return target;
  const own = onlyMember(inner, "$");
  return made({ [`${name}:${own}`]: inner[own] });
}

function nested(target: JsonValue): JsonValue {
  const name = onlyMember(target, "$.target");
  const [namespace = "", own] = name.split(":");
  return own === undefined ? target : made({ [namespace]: made({ [own]: asObject(target, "$.target")[name] }) });
}
