/**
 * Reads JSON-like text of 2018 into a tree that remembers where everything stood. The one thing it forgives is a comma before
 * a closing bracket, which it notes. Pure.
 */
import { OpenC2Error } from "../errors.ts";
import { placeOf } from "../json/place.ts";
import { Scanner } from "../json/scanner.ts";
import { DEPTH_MAX } from "../limits.ts";

export interface OldMember {
  readonly name: string;
  readonly offset: number;
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

/** Throws OpenC2Error with line and column. */
export function readOldText(text: string): OldText {
  const scan = new Scanner(text);
  const strayCommas: number[] = [];
  scan.skipSpace();
  const root = readValue(scan, strayCommas, 0);
  scan.skipSpace();
  if (!scan.isAtEnd()) scan.fail("ERR_OPENC2_JSON_SYNTAX", "there is something after the end of the command");
  return { root, strayCommas };
}

export function importError(text: string, offset: number, message: string): OpenC2Error {
  const place = placeOf(text, offset);
  return new OpenC2Error("ERR_OPENC2_IMPORT", `${message} (line ${place.line}, column ${place.column})`, { place });
}

function readValue(scan: Scanner, strayCommas: number[], depth: number): OldValue {
  if (depth > DEPTH_MAX) scan.fail("ERR_OPENC2_JSON_DEPTH", `deeper than ${DEPTH_MAX} containers`);
  const open = String.fromCharCode(scan.peek());
  if (open === "{") return { kind: "object", members: readList(scan, "}", strayCommas, () => readMember(scan, strayCommas, depth)) };
  if (open === "[") return { kind: "array", items: readList(scan, "]", strayCommas, () => readValue(scan, strayCommas, depth + 1)) };
  return { kind: "scalar", value: open === '"' ? scan.string() : scan.literalOrNumber() };
}

function readMember(scan: Scanner, strayCommas: number[], depth: number): OldMember {
  const { offset } = scan;
  if (scan.peek() !== 0x22) scan.fail("ERR_OPENC2_JSON_SYNTAX", "a member's name in double quotes is expected");
  const name = scan.string();
  scan.skipSpace();
  scan.expect(0x3a, "a colon");
  scan.skipSpace();
  return { name, offset, value: readValue(scan, strayCommas, depth + 1) };
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
