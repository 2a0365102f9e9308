/**
 * Deterministic CBOR (RFC 8949 §4.2.1): one value has one encoding. Names stand as text and in the order of their bytes, what
 * is Binary in the language stands as bytes (docs/adr/0010). Pure.
 */
import { encode, rfc8949EncodeOptions } from "cborg";
import { OpenC2Error } from "../errors.ts";
import type { JsonValue } from "../model.ts";
import { type CborValue, isTextForm, type Place, placeOfMember, toBinary } from "./binary-forms.ts";
import { readCbor } from "./read.ts";

/** Throws ERR_OPENC2_CBOR_* rather than emit what the strict reader would refuse. */
export function encodeCbor(value: JsonValue): Uint8Array {
  const bytes = encode(withBinary(value, "plain"), rfc8949EncodeOptions);
  readCbor(bytes);
  return bytes;
}

function withBinary(value: JsonValue, place: Place): CborValue {
  if (typeof value === "string") return (isTextForm(place) ? toBinary(place, value) : undefined) ?? wellFormed(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => withBinary(item, "plain"));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [wellFormed(name), withBinary(member, placeOfMember(place, name))]));
}

/** An encoder would put U+FFFD in its place, and nobody would notice. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new OpenC2Error("ERR_OPENC2_CBOR_ENCODING", "a string holds half a surrogate pair", { clause: "RFC 8949 §3.1" });
}
