/**
 * JSON texts from bytes: UTF-8, limits, I-JSON (RFC 7493). Nearly all text is plain and takes the quick way; all else is for the strict
 * reader to judge. Results are deeply frozen and their objects have no prototype. It throws OpenC2Error and nothing else. Pure.
 */
import { OpenC2Error } from "../errors.ts";
import { DEPTH_MAX, MEMBERS_MAX, TEXT_BYTES_MAX } from "../limits.ts";
import type { JsonValue } from "../model.ts";
import { placeOf } from "./place.ts";
import { readPlain } from "./plain.ts";
import { readStrict, type TextLimits } from "./strict.ts";

export type JsonLimits = Partial<TextLimits> & { readonly bytesMax?: number };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws ERR_OPENC2_JSON_* with line, column and offset. */
export function readJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  checkSize(bytes, limits);
  return readText(bytes, decode(bytes), limits);
}

/** What `readJson` makes of bytes whose text is still at hand, for one look: it may not be frozen. Throws ERR_OPENC2_JSON_*. */
export function readEncoded(bytes: Uint8Array, text: string): JsonValue {
  checkSize(bytes, {});
  return readText(bytes, text, {}, false);
}

function checkSize(bytes: Uint8Array, { bytesMax = TEXT_BYTES_MAX }: JsonLimits): void {
  if (bytes.length <= bytesMax) return;
  const place = { line: 1, column: 1, offset: 0 };
  throw new OpenC2Error("ERR_OPENC2_JSON_SIZE", `the text has ${bytes.length} bytes, ${bytesMax} are allowed`, { place });
}

function readText(bytes: Uint8Array, text: string, limits: JsonLimits, isFrozen = true): JsonValue {
  const { depthMax = DEPTH_MAX, membersMax = MEMBERS_MAX, duplicateNames = "refuse" } = limits;
  const textLimits = { depthMax, membersMax, duplicateNames };
  return readPlain(bytes, text, textLimits, isFrozen) ?? readStrict(text, textLimits);
}

function decode(bytes: Uint8Array): string {
  try {
    const text = decoder.decode(bytes);
    if (text.charCodeAt(0) !== 0xfeff) return text;
  } catch (cause) {
    const place = placeOf(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), firstReplaced(bytes));
    throw new OpenC2Error("ERR_OPENC2_JSON_ENCODING", `the text is not UTF-8 at line ${place.line}, column ${place.column}`, {
      place,
      cause,
    });
  }
  throw new OpenC2Error("ERR_OPENC2_JSON_ENCODING", "the text begins with a byte order mark", { place: { line: 1, column: 1, offset: 0 } });
}

/** Where decoding first went wrong: the longest prefix that decodes, found by halving; errors may cost a little. */
function firstReplaced(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefixValid(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true }).length;
}

function isPrefixValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
