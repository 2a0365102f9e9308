/**
 * Root metadata in TUF's form (TUF 1.0 §4.3): keys, roles with thresholds, a version, an expiry, signatures by keyid. The
 * director and the authority map are both such documents, so that one rule of succession serves both and any TUF library
 * can check it. Pure, and parsing only: who signed is asked in verify/succession.ts. TUF's own library needs Node's crypto,
 * which neither a browser nor a simulator has (docs/adr/0020).
 */
import type { JWK } from "jose";
import { type JsonObject, type JsonValue, readJson } from "../openc2/index.ts";
import { tufBytes } from "./tuf-json.ts";
import { TrustError } from "./errors.ts";
import { kidOf } from "./kid.ts";
import { DIRECTOR_KEYS_MAX, DOCUMENT_BYTES_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { fromTufKey } from "./tuf-key.ts";

export interface DirectorKey {
  /** TUF's name of the key. */
  readonly keyId: string;
  /** Public JWK: Ed25519 (EdDSA) or P-256 (ES256), nothing else. */
  readonly jwk: JWK;
  /** The human being who holds the key, e.g. "author@isp.example". */
  readonly person: string;
}

export interface Role {
  readonly kids: readonly string[];
  /** Distinct persons needed, never keys. */
  readonly threshold: number;
}

export interface RootDocument {
  /** Grows by one with every change. */
  readonly version: number;
  /** ms since the epoch */
  readonly expiresMs: number;
  /** kid -> key. */
  readonly keys: { readonly [kid: string]: DirectorKey };
  /** Who signs the next version. */
  readonly root: Role;
  /** The signed object itself: what a kind of document adds is read from it. */
  readonly signed: JsonObject;
  /** What the signatures are over. */
  readonly signedBytes: Uint8Array;
  /** keyid -> signature in hex */
  readonly signatures: ReadonlyMap<string, string>;
}

/** Roles that TUF demands and nobody here fills: what TUF calls targets are the director's commands. */
export const UNUSED_ROLES = ["timestamp", "snapshot", "targets"] as const;

/** Throws ERR_TRUST_DIRECTOR. */
export function parseRootDocument(bytes: Uint8Array): RootDocument {
  return reading(() => readRootDocument(readJson(bytes, { bytesMax: DOCUMENT_BYTES_MAX })));
}

/** The same, of a document that stands within another. */
export function readRootDocument(value: JsonValue | undefined): RootDocument {
  const envelope = new Reader(value, "document", "ERR_TRUST_DIRECTOR");
  const signed = envelope.object("signed");
  const reader = new Reader(signed, "document", "ERR_TRUST_DIRECTOR");
  if (reader.text("_type") !== "root") throw wrong("it is no root metadata");
  if (!reader.text("spec_version").startsWith("1.")) throw wrong(`TUF ${reader.text("spec_version")} is not known here`);
  const keys = readKeys(reader.object("keys"));
  return {
    version: reader.count("version"),
    expiresMs: readTime(reader.text("expires")),
    keys,
    root: readRole(signed, "root", keys),
    signed,
    signedBytes: tufBytes(signed),
    signatures: readSignatures(envelope.list("signatures")),
  };
}

/** The document as it travels and is kept: the same bytes are signed in it. */
export function documentOf({ signed, signatures }: RootDocument): JsonObject {
  return { signed, signatures: [...signatures].map(([keyid, sig]) => ({ keyid, sig })) };
}

/** The named role. Throws ERR_TRUST_DIRECTOR when it is missing, or when it needs more persons than it has. */
export function readRole(signed: JsonObject, name: string, keys: RootDocument["keys"]): Role {
  const role = new Reader(signed, "document", "ERR_TRUST_DIRECTOR").reader("roles").reader(name);
  const byKeyId = new Map(Object.entries(keys).map(([kid, { keyId }]) => [keyId, kid]));
  const kids = role.texts("keyids").map((keyId) => {
    const kid = byKeyId.get(keyId);
    if (kid === undefined) throw wrong(`the role ${name} names the key ${keyId.slice(0, 16)}, which is not there`);
    return kid;
  });
  const persons = new Set(kids.map((kid) => keys[kid]?.person)).size;
  const threshold = role.count("threshold");
  if (threshold > persons) throw wrong(`${name} needs ${threshold} persons, there are ${persons}`);
  return { kids, threshold };
}

/** One code for whatever is wrong with a document; the cause says what. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TrustError && cause.code === "ERR_TRUST_DIRECTOR") throw cause;
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function readKeys(value: JsonObject): RootDocument["keys"] {
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > DIRECTOR_KEYS_MAX)
    throw wrong(`it has ${entries.length} keys, from 1 to ${DIRECTOR_KEYS_MAX} are allowed`);
  const keys: { [kid: string]: DirectorKey } = {};
  for (const [keyId, member] of entries) {
    const key = fromTufKey(keyId, member);
    const kid = kidOf(key.jwk);
    // Under two names one key would count as two persons.
    if (Object.hasOwn(keys, kid)) throw wrong(`the key ${kid} is there twice`);
    keys[kid] = key;
  }
  return keys;
}

function readSignatures(list: readonly JsonValue[]): ReadonlyMap<string, string> {
  // Of the version before and of this one.
  if (list.length > 2 * DIRECTOR_KEYS_MAX) throw wrong(`it has ${list.length} signatures`);
  return new Map(
    list.map((item) => {
      const signature = new Reader(item, "signature", "ERR_TRUST_DIRECTOR");
      return [signature.text("keyid"), signature.text("sig")];
    }),
  );
}

function readTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? refuse(`"${text}" is no time of TUF's form`) : ms;
}

function refuse(message: string): never {
  throw wrong(message);
}

function wrong(message: string, cause?: unknown): TrustError {
  return new TrustError("ERR_TRUST_DIRECTOR", `the document cannot be used: ${message}`, { cause });
}
