/**
 * The director: who may command, and how many of them must agree. It is root metadata in TUF's form (root-document.ts) with a
 * role for each kind of statement. Devices, gateways and the manager are each pinned to one when they are set up, and follow
 * its versions from there (verify/succession.ts). A key belongs to a person; a threshold counts persons, never keys.
 */
import { parseRootDocument, readRole, readRootDocument, reading, type Role, type RootDocument } from "./root-document.ts";
import { TrustError } from "./errors.ts";
import { Reader } from "./reader.ts";
import type { JsonValue } from "../openc2/index.ts";

export { algorithmOf } from "./kid.ts";
export type { DirectorKey, Role } from "./root-document.ts";

/** What is signed. Each has its own role and its own JWS `typ`, so that a signature for one never passes for another. */
export const STATEMENTS = ["command", "stopping-command", "permit", "stop", "resume", "deny-list", "checkpoint"] as const;
export type Statement = (typeof STATEMENTS)[number];

/** Releasing needs two people, stopping needs one. */
export const DEFAULT_THRESHOLDS: { readonly [statement in Statement]: number } = {
  command: 2,
  "stopping-command": 1,
  permit: 2,
  stop: 1,
  resume: 2,
  "deny-list": 1,
  checkpoint: 1,
};

/** The member that makes root metadata a director. */
export const DIRECTOR_MEMBER = "x-edict-director";

export interface Director extends RootDocument {
  /** One name is one succession of versions, and is never given to another. */
  readonly name: string;
  readonly roles: { readonly [statement in Statement]: Role };
}

/** Reads a director and checks that its thresholds can be met by distinct persons. Throws ERR_TRUST_DIRECTOR. */
export function parseDirector(bytes: Uint8Array): Director {
  return reading(() => directorOf(parseRootDocument(bytes)));
}

/** Whose version a root document is; undefined for an authority map. Throws ERR_TRUST_DIRECTOR. */
export function directorNameOf(bytes: Uint8Array): string | undefined {
  const { signed } = parseRootDocument(bytes);
  return Object.hasOwn(signed, DIRECTOR_MEMBER) ? parseDirector(bytes).name : undefined;
}

/** The same, of a director that stands within an authority map. */
export function readDirector(value: JsonValue | undefined): Director {
  return reading(() => directorOf(readRootDocument(value)));
}

/** Past its expiry a director can only stop things: it cannot command, permit or resume. */
export function checkNotExpired({ version, expiresMs }: RootDocument, what: string, nowMs: number): void {
  if (nowMs >= expiresMs)
    throw new TrustError("ERR_TRUST_DIRECTOR_EXPIRED", `version ${version} of the ${what} expired at ${expiresMs}, it is ${nowMs}`);
}

function directorOf(document: RootDocument): Director {
  const { signed, keys } = document;
  const name = new Reader(signed, "director", "ERR_TRUST_DIRECTOR").reader(DIRECTOR_MEMBER).name("name");
  const roles = Object.fromEntries(STATEMENTS.map((statement) => [statement, readRole(signed, statement, keys)]));
  return { ...document, name, roles: roles as Director["roles"] };
}
