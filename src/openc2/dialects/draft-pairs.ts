/**
 * Pairs as the draft of LS 2.0 groups them (WD02 §4.2.3): under results, what belongs to no profile; under the results of each profile,
 * what it accepts, its own targets as `nsid/target`. Pure.
 */
import { ACTIONS, type JsonObject, type JsonValue } from "../model.ts";
import { PROFILES } from "../profiles/registry.ts";
import { type Check, closedMap, listOf, strangerAt, text } from "../shape.ts";
import { isObject, made } from "./values.ts";

type Pairs = Readonly<Record<string, readonly string[]>>;

const pairsCheck = closedMap(Object.fromEntries(ACTIONS.map((action) => [action, listOf(text(), { least: 1, unique: true })])));

/** The pairs within the results of profiles; all else in results is the same as in LS 1.0. */
export const groupedPairsCheck: Check = closedMap(
  {},
  {
    least: 0,
    otherwise: (name, value, path, faults) => {
      if (isObject(value) && value["pairs"] !== undefined) pairsCheck(value["pairs"], `${strangerAt(path, name)}.pairs`, faults);
    },
  },
);

/** A response that has passed its check, in the shape of LS 1.0: all pairs in one map. */
export function fromDraftResponse(response: JsonObject): JsonObject {
  const { results } = response;
  if (!isObject(results)) return response;
  const groups: [string, JsonObject][] = [];
  const others: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(results)) {
    if (!isObject(value) || !isObject(value["pairs"])) {
      others[name] = value;
      continue;
    }
    const { pairs, ...rest } = value;
    groups.push([name, pairs]);
    if (Object.keys(rest).length > 0) others[name] = made(rest);
  }
  if (groups.length === 0) return response;
  const all = [
    ...(isObject(others["pairs"]) ? [others["pairs"] as Pairs] : []),
    ...groups.map(([nsid, pairs]) => flatNames(nsid, pairs as Pairs)),
  ];
  return made({ ...response, results: made({ ...others, pairs: merged(all) }) });
}

export function toDraftResponse(response: JsonObject): JsonObject {
  const { results } = response;
  if (!isObject(results) || !isObject(results["pairs"])) return response;
  const pairs = results["pairs"] as Pairs;
  const groups = new Map<string, Record<string, string[]>>();
  for (const [action, targets] of Object.entries(pairs)) {
    for (const target of targets) {
      const [nsid, name] = ownerOf(action, target, results);
      const group = groups.get(nsid) ?? {};
      (group[action] ??= []).push(name);
      groups.set(nsid, group);
    }
  }
  const { "": core, ...owned } = Object.fromEntries(groups);
  const members = Object.entries(owned).map(([nsid, own]) => [nsid, made({ ...(results[nsid] as JsonObject | undefined), pairs: own })]);
  return made({ ...response, results: made({ ...results, pairs: core, ...Object.fromEntries(members) }) });
}

/** The profile that a pair belongs to, "" for none, and how the target is written there. `query features` belongs to none (§4.2.3). */
function ownerOf(action: string, target: string, { profiles }: JsonObject): readonly [nsid: string, name: string] {
  const [namespace = "", own] = target.split(":");
  if (own !== undefined) return [namespace, `${namespace}/${own}`];
  const isOwner = (nsid: string) => target !== "features" && PROFILES.get(nsid)?.pairs[action]?.includes(target);
  return [(Array.isArray(profiles) ? (profiles as readonly string[]) : []).find(isOwner) ?? "", target];
}

function flatNames(nsid: string, pairs: Pairs): Pairs {
  const flat = (target: string) => (target.startsWith(`${nsid}/`) ? `${nsid}:${target.slice(nsid.length + 1)}` : target);
  return Object.fromEntries(Object.entries(pairs).map(([action, targets]) => [action, targets.map(flat)]));
}

/** In the order of the language's actions, each target once. */
function merged(all: readonly Pairs[]): JsonObject {
  const targetsOf = (action: string) => [...new Set(all.flatMap((pairs) => pairs[action] ?? []))];
  const entries = ACTIONS.map((action) => [action, targetsOf(action)] as const).filter(([, targets]) => targets.length > 0);
  return made(Object.fromEntries(entries.map(([action, targets]) => [action, Object.freeze(targets)])));
}
