/**
 * Reads JSON-like text of 2018 into a tree that remembers where everything stood. The one thing it forgives is a comma before
 * a closing bracket, which it notes; two members of one name it does not, since one of them would be lost. Pure.
 */
import { OpenC2Error } from "../errors.ts";
import { placeOf } from "../json/place.ts";
import { Scanner } from "../json/scanner.ts";
import { DEPTH_MAX, TEXT_BYTES_MAX } from "../limits.ts";
import type { JsonValue } from "../model.ts";
import { quoted } from "../shape.ts";

export interface OldMember {
  readonly name: string;
  /** Of the name, in UTF-16 code units. */
  readonly offset: number;
  readonly valueOffset: number;
  readonly value: OldValue;
}

export type OldValue =
  | { readonly kind: "object"; readonly members: readonly OldMember[] }
  | { readonly kind: "array"; readonly items: readonly OldValue[] }
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null };

export interface OldText {
  readonly root: OldValue;
  /** Offsets of commas that stand before a closing bracket. */
  readonly strayCommas: readonly number[];
}

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;

/** Throws OpenC2Error with line and column. */
export function readOldText(text: string): OldText {
  const scan = new Scanner(text);
  const strayCommas: number[] = [];
  if (text.length > TEXT_BYTES_MAX) scan.fail("ERR_OPENC2_JSON_SIZE", `more than ${TEXT_BYTES_MAX} characters`);
  scan.skipSpace();
  const root = readValue(scan, strayCommas, 0);
  scan.skipSpace();
  if (!scan.isAtEnd()) scan.fail("ERR_OPENC2_JSON_SYNTAX", "there is something after the end of the command");
  return { root, strayCommas };
}

/** The value without its places. */
export function plain(value: OldValue): JsonValue {
  switch (value.kind) {
    case "object":
      return Object.fromEntries(value.members.map((member) => [member.name, plain(member.value)]));
    case "array":
      return value.items.map(plain);
    case "scalar":
      return value.value;
  }
}

export function importError(text: string, offset: number, message: string, cause?: unknown): OpenC2Error {
  const place = placeOf(text, offset);
  return new OpenC2Error("ERR_OPENC2_IMPORT", `${message} (line ${place.line}, column ${place.column})`, { place, cause });
}

function readValue(scan: Scanner, strayCommas: number[], depth: number): OldValue {
  if (depth > DEPTH_MAX) scan.fail("ERR_OPENC2_JSON_DEPTH", `deeper than ${DEPTH_MAX} containers`);
  const open = String.fromCharCode(scan.peek());
  if (open === "{") return { kind: "object", members: readMembers(scan, strayCommas, depth) };
  if (open === "[") return { kind: "array", items: readList(scan, "]", strayCommas, () => readValue(scan, strayCommas, depth + 1)) };
  return { kind: "scalar", value: open === '"' ? scan.string() : scan.literalOrNumber() };
}

function readMembers(scan: Scanner, strayCommas: number[], depth: number): readonly OldMember[] {
  const names = new Set<string>();
  return readList(scan, "}", strayCommas, () => {
    const { offset } = scan;
    if (scan.peek() !== QUOTE) scan.fail("ERR_OPENC2_JSON_SYNTAX", "a member's name in double quotes is expected");
    const name = scan.string();
    if (name === "__proto__") scan.fail("ERR_OPENC2_JSON_NAME", "a member is named __proto__", offset);
    if (names.has(name)) scan.fail("ERR_OPENC2_JSON_DUPLICATE", `the name ${quoted(name)} stands twice`, offset);
    names.add(name);
    scan.skipSpace();
    scan.expect(COLON, "a colon");
    scan.skipSpace();
    const valueOffset = scan.offset;
    return { name, offset, valueOffset, value: readValue(scan, strayCommas, depth + 1) };
  });
}

function readList<T>(scan: Scanner, close: string, strayCommas: number[], readOne: () => T): readonly T[] {
  const closeCode = close.charCodeAt(0);
  const list: T[] = [];
  scan.offset += 1;
  scan.skipSpace();
  while (!scan.take(closeCode)) {
    list.push(readOne());
    scan.skipSpace();
    const comma = scan.offset;
    if (scan.take(COMMA)) {
      scan.skipSpace();
      if (scan.peek() === closeCode) strayCommas.push(comma);
    } else if (scan.peek() !== closeCode) {
      scan.fail("ERR_OPENC2_JSON_SYNTAX", `a comma or "${close}" is expected`);
    }
  }
  return list;
}
