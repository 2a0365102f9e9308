/**
 * Keys and signatures in TUF's form (TUF 1.0 §4.2) and in JOSE's, which commands are signed with. One key, two spellings.
 * A key belongs to a person: a member of our own, so that it is part of the key's id and nobody can move a key to
 * somebody else without changing its id. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { base64url, type JWK } from "jose";
import type { JsonObject, JsonValue } from "../openc2/index.ts";
import { tufBytes } from "./tuf-json.ts";
import { TrustError } from "./errors.ts";
import { algorithmOf } from "./kid.ts";
import { Reader } from "./reader.ts";
import type { DirectorKey } from "./root-document.ts";
import { isSmallOrder } from "./small-order.ts";

/** The member of a key that names its holder. */
export const PERSON = "x-edict-person";
/** DER of a SubjectPublicKeyInfo for P-256, up to the point's x (RFC 5480 §2). */
const P256_PREFIX = hexToBytes("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
const COORDINATE_BYTES = 32;

export function toTufKey({ jwk, person }: Omit<DirectorKey, "keyId">): JsonObject {
  const [x, y] = [jwk.x ?? "", jwk.y ?? ""].map((text) => base64url.decode(text));
  if (algorithmOf(jwk) === "EdDSA")
    return { keytype: "ed25519", scheme: "ed25519", keyval: { public: bytesToHex(x ?? new Uint8Array()) }, [PERSON]: person };
  const der = concat(P256_PREFIX, x ?? new Uint8Array(), y ?? new Uint8Array());
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
  return { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: pem }, [PERSON]: person };
}

/** Throws ERR_TRUST_DIRECTOR for a key of another kind, without a person, or whose id is not its digest (TUF 1.0 §4.2). */
export function fromTufKey(keyId: string, value: JsonValue | undefined): DirectorKey {
  const key = new Reader(value, `key ${keyId.slice(0, 16)}`, "ERR_TRUST_DIRECTOR");
  if (keyIdOf(value as JsonObject) !== keyId) throw wrong(`the key ${keyId.slice(0, 16)} does not have this id`);
  const scheme = key.text("scheme");
  const text = key.reader("keyval").text("public");
  return { keyId, person: key.name(PERSON), jwk: publicJwk(scheme, text) };
}

/** The digest of the key's canonical form (TUF 1.0 §4.2), lower-case hex. */
export function keyIdOf(key: JsonObject): string {
  return bytesToHex(sha256(tufBytes(key)));
}

/** A signature as WebCrypto takes it, 64 bytes, from TUF's hex: for ECDSA that is DER (RFC 3279 §2.2.3). Undefined when it is none. */
export function fromTufSignature(hex: string, jwk: JWK): Uint8Array | undefined {
  try {
    const bytes = hexToBytes(hex);
    return algorithmOf(jwk) === "EdDSA" ? bytes : rawSignature(bytes);
  } catch {
    return undefined;
  }
}

export function toTufSignature(raw: Uint8Array, jwk: JWK): string {
  if (algorithmOf(jwk) === "EdDSA") return bytesToHex(raw);
  const body = concat(derInteger(raw.subarray(0, COORDINATE_BYTES)), derInteger(raw.subarray(COORDINATE_BYTES)));
  return bytesToHex(concat(Uint8Array.of(0x30, body.length), body));
}

function publicJwk(scheme: string, text: string): JWK {
  if (scheme === "ed25519" && /^[0-9a-f]{64}$/.test(text) && !isSmallOrder(hexToBytes(text)))
    return { kty: "OKP", crv: "Ed25519", x: base64url.encode(hexToBytes(text)) };
  if (scheme === "ecdsa-sha2-nistp256") {
    const der = Uint8Array.from(atob(text.replaceAll(/-----[A-Z ]+-----|\s/g, "")), (character) => character.charCodeAt(0));
    const isP256 = der.length === P256_PREFIX.length + 2 * COORDINATE_BYTES && P256_PREFIX.every((byte, index) => der[index] === byte);
    const [x, y] = [der.slice(-2 * COORDINATE_BYTES, -COORDINATE_BYTES), der.slice(-COORDINATE_BYTES)];
    if (isP256) return { kty: "EC", crv: "P-256", x: base64url.encode(x), y: base64url.encode(y) };
  }
  throw wrong(`a key with the scheme "${scheme}" and this value is not accepted`);
}

function rawSignature(der: Uint8Array): Uint8Array | undefined {
  const raw = new Uint8Array(2 * COORDINATE_BYTES);
  const r = der.subarray(4, 4 + (der[3] ?? 0));
  const s = der.subarray(4 + r.length + 2);
  for (const [part, end] of [
    [r, COORDINATE_BYTES],
    [s, 2 * COORDINATE_BYTES],
  ] as const) {
    const digits = part[0] === 0 ? part.subarray(1) : part;
    raw.set(digits, end - digits.length);
  }
  // One spelling only, or one signature would have many texts; a number that is too long or empty is never written so.
  return bytesToHex(der) === toTufSignature(raw, { kty: "EC", crv: "P-256" }) ? raw : undefined;
}

/** X.690 §8.3: no more leading zeros than the sign needs. */
function derInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first < 0 ? bytes.length - 1 : first);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return concat(Uint8Array.of(0x02, sign.length + digits.length), sign, digits);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function wrong(message: string): TrustError {
  return new TrustError("ERR_TRUST_DIRECTOR", message);
}
