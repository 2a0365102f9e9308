/**
 * The walk through the delegations (TUF 1.0 §5.6.7): depth first, in the order in which each role lists its delegations, each
 * role once. Who delegates decides who may speak for which paths: a role's word on another path is never asked for. Loading and
 * verifying a role is the caller's.
 */
import type { Targets } from "@tufjs/models";
import { DELEGATION_DEPTH_MAX, DELEGATION_PATHS_MAX, DELEGATION_ROLES_MAX } from "../limits.ts";
import { isRoleName, type TargetFacts } from "../release.ts";
import { MirrorFailure } from "./mirrors.ts";

/** Verified metadata of a role, by the keys that its delegator gave it. */
export type LoadRole = (role: string, delegator: string) => Promise<Targets>;

/** Path -> what one role says of it. */
export type NamedTargets = ReadonlyMap<string, TargetFacts>;

/**
 * What the first role names that may speak for the path and does; undefined when nobody does. Throws MirrorFailure
 * (ERR_DEPOT_METADATA), and what `load` throws.
 */
export async function findNaming(path: string, load: LoadRole): Promise<NamedTargets | undefined> {
  for await (const { targets } of walk(load, DELEGATION_ROLES_MAX, path)) {
    const named = new Map(Object.entries(targets));
    if (named.has(path)) return named;
  }
  return undefined;
}

/** The roles that may speak for a path, in their order; without a path, all there are. */
export async function* walk(load: LoadRole, rolesMax: number, path?: string): AsyncGenerator<Targets> {
  const toVisit = [{ role: "targets", delegator: "root", depth: 0 }];
  const visited = new Set<string>();
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    const { role, delegator, depth } = next;
    if (visited.has(role)) continue;
    if (visited.size >= rolesMax) throw refused(`more than ${rolesMax} roles have a say`);
    if (depth > DELEGATION_DEPTH_MAX) throw refused(`delegations are more than ${DELEGATION_DEPTH_MAX} deep`);
    visited.add(role);
    const targets = await load(role, delegator);
    yield targets;
    const { names, isTerminating } = delegatesOf(targets.delegations, path);
    // Whoever comes after a terminating delegation has no say, wherever it was delegated (§5.6.7.2).
    if (isTerminating) toVisit.length = 0;
    toVisit.push(...names.toReversed().map((name) => ({ role: name, delegator: role, depth: depth + 1 })));
  }
}

function delegatesOf(delegations: Targets["delegations"], path: string | undefined) {
  const names: string[] = [];
  if (delegations === undefined) return { names, isTerminating: false };
  checkDelegations(delegations);
  const roles =
    path === undefined
      ? Object.keys(delegations.roles ?? {}).map((role) => ({ role, terminating: false }))
      : delegations.rolesForTarget(path);
  for (const { role, terminating } of roles) {
    if (!isRoleName(role)) throw refused(`${JSON.stringify(role)} is no name of a role`);
    names.push(role);
    if (terminating) return { names, isTerminating: true };
  }
  return { names, isTerminating: false };
}

/** A role may be in the hands of somebody hostile: what it makes this device compare has to stay cheap. */
function checkDelegations({ roles = {} }: NonNullable<Targets["delegations"]>): void {
  for (const { paths = [], pathHashPrefixes = [] } of Object.values(roles)) {
    if (paths.length + pathHashPrefixes.length > DELEGATION_PATHS_MAX) throw refused(`a delegation has over ${DELEGATION_PATHS_MAX} paths`);
    for (const pattern of paths) if (!PATTERN.test(pattern)) throw refused(`the pattern ${JSON.stringify(pattern)} is not read here`);
  }
}

/** Parts of a path with at most one `*` each: with more, or with what else globs know, comparing takes time without bound. */
const PATTERN = /^[\w.%~-]*\*?[\w.%~-]*(\/[\w.%~-]*\*?[\w.%~-]*)*$/;

function refused(why: string): MirrorFailure {
  return new MirrorFailure("ERR_DEPOT_METADATA", `has metadata that is refused: ${why}`);
}
