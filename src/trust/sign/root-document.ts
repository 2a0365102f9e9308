/**
 * What people do with root documents: draft the next version of a director or of an authority map, and sign it. A draft is a
 * document without signatures; each person adds theirs, on a machine of their own, until there are enough.
 */
import type { JsonObject } from "../../openc2/index.ts";
import { type AuthorityMap, MAP_MEMBER, type Scope } from "../authority-map.ts";
import { type Director, DEFAULT_THRESHOLDS, DIRECTOR_MEMBER, parseDirector, STATEMENTS, type Statement } from "../director.ts";
import { documentOf, parseRootDocument, UNUSED_ROLES } from "../root-document.ts";
import { keyIdOf, toTufKey, toTufSignature } from "../tuf-key.ts";
import type { Holder, Signer } from "./signer.ts";

const SPEC_VERSION = "1.0.31";
/** Of three holders two: one key may be lost, one may be stolen, and nothing happens. */
export const ROOT_THRESHOLD = 2;

/** 2100-01-01 */
const TRIAL_EXPIRES_MS = 4_102_444_800_000;

export interface DirectorDraft {
  readonly name: string;
  readonly version: number;
  readonly expiresMs: number;
  /** Who signs the next version. */
  readonly root: readonly Holder[];
  /** Who signs commands, permits, stops, resumes and deny lists. */
  readonly commanders: readonly Holder[];
  /** Default: two people to release, one to stop, two for the next version. */
  readonly thresholds?: Partial<{ readonly [role in Statement | "root"]: number }>;
}

export interface MapDraft {
  readonly owner: string;
  readonly version: number;
  readonly expiresMs: number;
  readonly root: readonly Holder[];
  readonly rootThreshold?: number;
  readonly appointments: readonly { readonly director: Director; readonly scopes: readonly Scope[] }[];
}

export function draftDirector({ name, root, commanders, thresholds, ...draft }: DirectorDraft): Uint8Array {
  const role = (statement: Statement): [string, JsonObject] => [
    statement,
    roleOf(commanders, thresholds?.[statement] ?? DEFAULT_THRESHOLDS[statement]),
  ];
  return encode(draft, [...root, ...commanders], {
    roles: { root: roleOf(root, thresholds?.root ?? ROOT_THRESHOLD), ...Object.fromEntries(STATEMENTS.map(role)) },
    [DIRECTOR_MEMBER]: { name },
  });
}

/** A director in which these people hold every role: for trials. Pinned as it is, so nobody has signed it. */
export function makeDirector({ name, version, signers }: { name: string; version: number; signers: readonly Signer[] }): Director {
  return parseDirector(draftDirector({ name, version, expiresMs: TRIAL_EXPIRES_MS, root: signers, commanders: signers }));
}

export function draftMap({ owner, root, rootThreshold = ROOT_THRESHOLD, appointments, ...draft }: MapDraft): Uint8Array {
  const directors = appointments.map(({ director, scopes }) => ({ director: documentOf(director), scopes: scopes.map(jsonOf) }));
  return encode(draft, root, { roles: { root: roleOf(root, rootThreshold) }, [MAP_MEMBER]: { owner, directors } });
}

/** The document with this person's signature in it, over what it says and nothing else. Throws ERR_TRUST_DIRECTOR. */
export async function signDocument(bytes: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const document = parseRootDocument(bytes);
  const keyid = keyIdOf(toTufKey({ jwk: signer.publicJwk, person: signer.person }));
  const sig = toTufSignature(await signer.sign(document.signedBytes), signer.publicJwk);
  return encodeJson(documentOf({ ...document, signatures: new Map([...document.signatures, [keyid, sig]]) }));
}

/** Whoever holds a role now, to draft the next version from. */
export function holdersOf(
  { keys }: Pick<Director | AuthorityMap, "keys">,
  { kids }: { readonly kids: readonly string[] },
): readonly Holder[] {
  return kids.flatMap((kid) => {
    const key = keys[kid];
    return key === undefined ? [] : [{ person: key.person, kid, publicJwk: key.jwk }];
  });
}

function encode(
  { version, expiresMs }: { readonly version: number; readonly expiresMs: number },
  holders: readonly Holder[],
  { roles, ...members }: { readonly roles: JsonObject } & JsonObject,
): Uint8Array {
  const keys = holders.map(({ person, publicJwk }) => toTufKey({ jwk: publicJwk, person }));
  const nobody = Object.fromEntries(UNUSED_ROLES.map((name) => [name, { keyids: [], threshold: 1 }]));
  const signed: JsonObject = {
    _type: "root",
    spec_version: SPEC_VERSION,
    version,
    expires: new Date(expiresMs).toISOString().replace(/\.\d+Z$/, "Z"),
    consistent_snapshot: true,
    keys: Object.fromEntries(keys.map((key) => [keyIdOf(key), key])),
    roles: { ...nobody, ...roles },
    ...members,
  };
  const bytes = encodeJson({ signed, signatures: [] });
  // Nobody is asked to sign what nobody could use.
  parseRootDocument(bytes);
  return bytes;
}

function jsonOf({ vendor, model, verbs }: Scope): JsonObject {
  return { vendor, model, verbs };
}

function roleOf(holders: readonly Holder[], threshold: number): JsonObject {
  return { keyids: holders.map(({ person, publicJwk }) => keyIdOf(toTufKey({ jwk: publicJwk, person }))), threshold };
}

function encodeJson(document: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}
