/** Which keys a role has: in root metadata for the four roles at the top, in a delegation for the others. */
import type { Root, Targets } from "@tufjs/models";
import { Delegations } from "@tufjs/models/dist/delegations.js";
import { DelegatedRole, Role } from "@tufjs/models/dist/role.js";
import { kidOf } from "../../trust/kid.ts";
import { DepotError } from "../errors.ts";
import { type Holder, publicKeyOf, type TopRole } from "./role-signer.ts";

/** The people of a role, and how many of them must sign. */
export interface RoleHolders {
  readonly holders: readonly Holder[];
  readonly threshold: number;
}

/** Throws ERR_DEPOT_ROLE. */
export function giveKeys(root: Root, role: TopRole, people: RoleHolders): void {
  checkPeople(role, people);
  root.roles[role] = new Role({ keyIDs: [], threshold: people.threshold });
  for (const holder of people.holders) root.addKey(publicKeyOf(holder), role);
}

export function withoutUnusedKeys(root: Root): Root {
  const used = usedKeys(root.roles);
  for (const keyId of Object.keys(root.keys)) if (!used.has(keyId)) delete root.keys[keyId];
  return root;
}

/** The delegations with this role among them, or with these people in it. Throws ERR_DEPOT_ROLE. */
export function delegating(
  { delegations }: Targets,
  { role, paths, holders, threshold }: RoleHolders & { readonly role: string; readonly paths: readonly string[] },
): Delegations {
  checkPeople(role, { holders, threshold });
  const keys = holders.map(publicKeyOf);
  const keyIDs = keys.map(({ keyID }) => keyID);
  // Terminating: what this role does not name of its paths, nobody names.
  const delegated = new DelegatedRole({ name: role, keyIDs, threshold, terminating: true, paths: [...paths] });
  return new Delegations({
    keys: { ...delegations?.keys, ...Object.fromEntries(keys.map((key) => [key.keyID, key])) },
    roles: { ...delegations?.roles, [role]: delegated },
  });
}

export function notDelegating({ delegations }: Targets, role: string): Delegations {
  const roles = Object.fromEntries(Object.entries(delegations?.roles ?? {}).filter(([name]) => name !== role));
  const used = usedKeys(roles);
  return new Delegations({ keys: Object.fromEntries(Object.entries(delegations?.keys ?? {}).filter(([keyId]) => used.has(keyId))), roles });
}

function usedKeys(roles: { readonly [name: string]: Role }): ReadonlySet<string> {
  return new Set(Object.values(roles).flatMap(({ keyIDs }) => keyIDs));
}

/** TUF's threshold counts keys by their ids, so each person has one key and each key one person. */
function checkPeople(role: string, { holders, threshold }: RoleHolders): void {
  const persons = new Set(holders.map(({ person }) => person)).size;
  if (persons < holders.length) throw wrong(`${role}: one person with two keys would count as two`);
  if (new Set(holders.map(({ publicJwk }) => kidOf(publicJwk))).size < holders.length)
    throw wrong(`${role}: one key under two names would count as two people`);
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > persons)
    throw wrong(`${role}: ${threshold} of ${persons} people cannot sign`);
}

function wrong(message: string): DepotError {
  return new DepotError("ERR_DEPOT_ROLE", message);
}
