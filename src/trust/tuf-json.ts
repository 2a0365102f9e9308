/**
 * The canonical form that TUF signs (TUF 1.0 §4.1: OLPC's canonical JSON): members sorted, no spaces, integers only, and in texts
 * nothing escaped but quotes and backslashes. RFC 8785 differs in control characters, which stand in PEM keys. Pure.
 */
import type { JsonObject, JsonValue } from "../openc2/index.ts";
import { TrustError } from "./errors.ts";

/** Throws ERR_TRUST_FORMAT for a number that is no safe integer. */
export function tufBytes(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(write(value));
}

function write(value: JsonValue): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TrustError("ERR_TRUST_FORMAT", `${value} is no safe integer`);
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${quote(name)}:${write(member)}`).join(",")}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
