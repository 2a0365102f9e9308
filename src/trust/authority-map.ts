/**
 * The authority map: who is director for which vendor, model and verb. A device is pinned to version 1 at enrolment; whoever
 * owns the map (its root role) replaces it, and so hands authority from one director to another. The OpenC2 command is the
 * same whoever gives it. It is a root document like the director itself, with the directors inside it. Pure.
 */
import type { JsonValue } from "../openc2/index.ts";
import { type Director, readDirector } from "./director.ts";
import { TrustError } from "./errors.ts";
import { DIRECTORS_MAX, SCOPES_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { parseRootDocument, readRootDocument, reading, type RootDocument } from "./root-document.ts";

/** The member that makes root metadata an authority map. */
export const MAP_MEMBER = "x-edict-authority";
/** In a scope: every vendor, every model. Verbs are always named. */
export const ANY = "*";

export interface Scope {
  readonly vendor: string;
  readonly model: string;
  /** An action with its target ("update x-swup:software"), or an action alone for all of its targets ("query"). */
  readonly verbs: readonly string[];
}

export interface Appointment {
  /** The version that is named here; a device may know a later one. */
  readonly director: Director;
  readonly scopes: readonly Scope[];
}

export interface AuthorityMap extends RootDocument {
  readonly owner: string;
  readonly appointments: readonly Appointment[];
}

/** Throws ERR_TRUST_DIRECTOR. */
export function parseAuthorityMap(bytes: Uint8Array): AuthorityMap {
  return reading(() => mapOf(parseRootDocument(bytes)));
}

/** The same, of a map that stands within what a device keeps. */
export function readAuthorityMap(value: JsonValue | undefined): AuthorityMap {
  return reading(() => mapOf(readRootDocument(value)));
}

export function isMap({ signed }: RootDocument): boolean {
  return Object.hasOwn(signed, MAP_MEMBER);
}

/** Whether these scopes cover a verb on a device of this vendor and model. */
export function isCovered(scopes: readonly Scope[], device: { readonly vendor: string; readonly name: string }, verb: string): boolean {
  const [action] = verb.split(" ");
  return scopes.some(
    ({ vendor, model, verbs }) =>
      (vendor === ANY || vendor === device.vendor) &&
      (model === ANY || model === device.name) &&
      verbs.some((allowed) => allowed === verb || allowed === action),
  );
}

function mapOf(document: RootDocument): AuthorityMap {
  const member = new Reader(document.signed, "authority map", "ERR_TRUST_DIRECTOR").reader(MAP_MEMBER);
  const list = member.list("directors");
  if (list.length > DIRECTORS_MAX) throw wrong(`it names ${list.length} directors, ${DIRECTORS_MAX} are allowed`);
  const appointments = list.map(readAppointment);
  if (new Set(appointments.map(({ director }) => director.name)).size < list.length) throw wrong("it names a director twice");
  return { ...document, owner: member.text("owner"), appointments };
}

function readAppointment(value: JsonValue): Appointment {
  const reader = new Reader(value, "appointment", "ERR_TRUST_DIRECTOR");
  const scopes = reader.list("scopes");
  if (scopes.length > SCOPES_MAX) throw wrong(`a director has ${scopes.length} scopes, ${SCOPES_MAX} are allowed`);
  return { director: readDirector(reader.object("director")), scopes: scopes.map(readScope) };
}

function readScope(value: JsonValue): Scope {
  const reader = new Reader(value, "scope", "ERR_TRUST_DIRECTOR");
  return { vendor: reader.text("vendor"), model: reader.text("model"), verbs: reader.texts("verbs") };
}

function wrong(message: string): TrustError {
  return new TrustError("ERR_TRUST_DIRECTOR", `the authority map cannot be used: ${message}`);
}
