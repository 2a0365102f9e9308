/**
 * Signed statements: JWS in general JSON serialisation (RFC 7515 §7.2.1) over exact bytes. Pure. The rules, in order: size,
 * form, every signature by another person with a pinned key, its own algorithm and the right `typ`; all of them valid;
 * enough of them. One bad signature refuses the whole, for somebody tried something. The payload is not looked at here.
 */
import { base64url, flattenedVerify, importJWK } from "jose";
import { type JsonObject, type JsonValue, readJson } from "../../openc2/index.ts";
import { algorithmOf, type Director, type DirectorKey, type Statement } from "../director.ts";
import { TrustError } from "../errors.ts";
import { COMMAND_FRAME_BYTES_MAX, SIGNATURES_MAX, STATEMENT_BYTES_MAX } from "../limits.ts";

/** The `typ` of each statement: short, for it travels in every frame. */
export const TYPES: { readonly [statement in Statement]: string } = {
  command: "oc2",
  "stopping-command": "oc2-stop",
  permit: "permit",
  stop: "stop",
  resume: "resume",
  "deny-list": "deny",
  checkpoint: "ledger",
};

export interface VerifiedStatement {
  readonly payload: Uint8Array;
  /** Distinct, in the order of their signatures. */
  readonly persons: readonly string[];
}

interface Signature {
  readonly protectedText: string;
  readonly signature: string;
  readonly kid: string;
  readonly typ: string;
  readonly alg: string;
}

export interface Jws {
  readonly payload: string;
  readonly signatures: readonly Signature[];
}

/** Throws ERR_TRUST_TOO_LARGE, _FORMAT, _STATEMENT, _ALGORITHM, _UNKNOWN_KEY, _SAME_PERSON, _SIGNATURE, _THRESHOLD. */
export async function verifyStatement(
  jws: Uint8Array,
  { director, statement }: { readonly director: Director; readonly statement: Statement },
): Promise<VerifiedStatement> {
  const parsed = parseJws(jws, statement);
  const persons: string[] = [];
  for (const signature of parsed.signatures) {
    const key = pinnedKey(signature, director, statement);
    if (persons.includes(key.person)) throw new TrustError("ERR_TRUST_SAME_PERSON", `${key.person} signed twice`);
    await checkSignature(parsed.payload, signature, key);
    persons.push(key.person);
  }
  const needed = director.roles[statement].threshold;
  if (persons.length < needed)
    throw new TrustError("ERR_TRUST_THRESHOLD", `${persons.length} of ${needed} people signed this ${statement}`);
  return { payload: decode(parsed.payload, "payload"), persons };
}

/** The form of a statement, nothing verified. Throws ERR_TRUST_TOO_LARGE, ERR_TRUST_FORMAT. */
export function parseJws(jws: Uint8Array, statement: Statement): Jws {
  const isCommand = statement === "command" || statement === "stopping-command";
  const bytesMax = isCommand ? COMMAND_FRAME_BYTES_MAX : STATEMENT_BYTES_MAX;
  if (jws.length > bytesMax) throw new TrustError("ERR_TRUST_TOO_LARGE", `a ${statement} of ${jws.length} bytes; ${bytesMax} are allowed`);
  const value = object(strictJson(jws, bytesMax), ["payload", "signatures"]);
  const { payload, signatures } = value;
  if (typeof payload !== "string" || !Array.isArray(signatures)) throw malformed("payload or signatures have the wrong type");
  if (signatures.length === 0 || signatures.length > SIGNATURES_MAX)
    throw malformed(`${signatures.length} signatures; from 1 to ${SIGNATURES_MAX}`);
  return { payload, signatures: signatures.map(parseSignature) };
}

function parseSignature(value: JsonValue): Signature {
  const { protected: protectedText, signature } = object(value, ["protected", "signature"]);
  if (typeof protectedText !== "string" || typeof signature !== "string") throw malformed("a signature has members of the wrong type");
  const header = decode(protectedText, "protected header");
  const { alg, kid, typ } = object(strictJson(header, header.length), ["alg", "kid", "typ"]);
  if (typeof alg !== "string" || typeof kid !== "string" || typeof typ !== "string") throw malformed("alg, kid and typ are strings");
  return { protectedText, signature, alg, kid, typ };
}

function pinnedKey({ kid, typ, alg }: Signature, director: Director, statement: Statement): DirectorKey {
  if (typ !== TYPES[statement])
    throw new TrustError("ERR_TRUST_STATEMENT", `a signature of type "${typ}" where "${TYPES[statement]}" is needed`);
  const key = director.roles[statement].kids.includes(kid) ? director.keys[kid] : undefined;
  if (key === undefined) throw new TrustError("ERR_TRUST_UNKNOWN_KEY", `the director lists no key "${kid}" for a ${statement}`);
  if (alg !== algorithmOf(key.jwk))
    throw new TrustError("ERR_TRUST_ALGORITHM", `algorithm "${alg}" with a key for ${algorithmOf(key.jwk)}`);
  return key;
}

/** Exported for the vectors of others. Throws ERR_TRUST_SIGNATURE. */
export async function checkSignature(
  payload: string,
  { protectedText, signature }: Pick<Signature, "protectedText" | "signature">,
  { jwk, person }: Pick<DirectorKey, "jwk" | "person">,
): Promise<void> {
  const alg = algorithmOf(jwk);
  try {
    await flattenedVerify({ payload, protected: protectedText, signature }, await importJWK(jwk, alg), { algorithms: [alg] });
  } catch (cause) {
    throw new TrustError("ERR_TRUST_SIGNATURE", `the signature of ${person} does not fit these bytes`, { cause });
  }
}

/** Exactly these members: anything else (an unprotected header, crit, jwk, x5c) is an attempt at something. */
export function object(value: JsonValue, names: readonly string[]): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw malformed("not an object");
  const given = Object.keys(value);
  if (given.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    throw malformed(`it has the members ${given.join(", ")}; exactly ${names.join(", ")} are allowed`);
  }
  return value as JsonObject;
}

export function strictJson(bytes: Uint8Array, bytesMax: number): JsonValue {
  try {
    return readJson(bytes, { bytesMax });
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

export function decode(text: string, what: string): Uint8Array {
  try {
    const bytes = base64url.decode(text);
    // One spelling only: a second one of the same bytes would make two frames of one statement.
    if (base64url.encode(bytes) === text) return bytes;
  } catch (cause) {
    throw malformed(`the ${what} is not base64url`, cause);
  }
  throw malformed(`the ${what} is not canonical base64url`);
}

export function malformed(why: string, cause?: unknown): TrustError {
  return new TrustError("ERR_TRUST_FORMAT", `not a signed statement: ${why}`, { cause });
}
