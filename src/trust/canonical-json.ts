/** The bytes of a JSON object that two parties agree on without having seen the same text: JCS (RFC 8785). Pure. */
import canonicalize from "canonicalize";
import { type JsonObject, type JsonValue, readJson } from "../openc2/index.ts";
import { TrustError } from "./errors.ts";

/** Throws OpenC2Error for what is not strict JSON, ERR_TRUST_FORMAT for what is no object. */
export function readObject(bytes: Uint8Array): JsonObject {
  const value = readJson(bytes);
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TrustError("ERR_TRUST_FORMAT", "it is no JSON object");
  return value as JsonObject;
}

/** Throws ERR_TRUST_FORMAT for a number that many texts mean. */
export function canonicalBytes(value: JsonObject): Uint8Array {
  checkNumbers(value);
  const text = canonicalize(value) ?? "";
  return new TextEncoder().encode(text);
}

/**
 * Beyond 2^53 neighbouring integers are one double (RFC 7493 §2.2): 9007199254740993 in the text would verify with the
 * signature of 9007199254740992.
 */
function checkNumbers(value: JsonValue): void {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new TrustError("ERR_TRUST_FORMAT", `${value} is beyond the integers that can be signed (RFC 7493 §2.2)`);
  if (value !== null && typeof value === "object") for (const part of Object.values(value)) checkNumbers(part);
}
