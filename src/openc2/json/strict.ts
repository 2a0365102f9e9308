/**
 * The strict JSON reader: I-JSON (RFC 7493) with limits, before any schema. `JSON.parse` keeps the last of two members of one name,
 * accepts lone surrogates and any depth; on a command channel each of these is an attack. It decides about every text that
 * plain.ts does not take, and makes every error. Results are deeply frozen and their objects have no prototype. Pure.
 */
import type { OpenC2ErrorCode } from "../errors.ts";
import type { JsonObject, JsonValue } from "../model.ts";
import { quoted } from "../shape.ts";
import { Scanner } from "./scanner.ts";

export interface TextLimits {
  /** Containers within containers, at most a few thousand: each takes a stack frame. */
  readonly depthMax: number;
  /** Members of one object, items of one array. */
  readonly membersMax: number;
  /** RFC 8259 allows two members of one name, I-JSON does not. Only the public parsing suite is read with "last". */
  readonly duplicateNames: "refuse" | "last";
}

/** Throws ERR_OPENC2_JSON_* with line, column and offset. */
export function readStrict(text: string, limits: TextLimits): JsonValue {
  return new Reader(text, limits).document();
}

const CODE = { quote: 0x22, comma: 0x2c, colon: 0x3a, openArray: 0x5b, closeArray: 0x5d, openObject: 0x7b, closeObject: 0x7d } as const;

class Reader {
  readonly #scan: Scanner;
  readonly #depthMax: number;
  readonly #membersMax: number;
  readonly #keepsLast: boolean;

  constructor(text: string, { depthMax, membersMax, duplicateNames }: TextLimits) {
    this.#scan = new Scanner(text);
    this.#depthMax = depthMax;
    this.#membersMax = membersMax;
    this.#keepsLast = duplicateNames === "last";
  }

  document(): JsonValue {
    this.#scan.skipSpace();
    const value = this.#value(0);
    this.#scan.skipSpace();
    if (!this.#scan.isAtEnd()) this.#fail("ERR_OPENC2_JSON_SYNTAX", "there is something after the end of the value");
    return value;
  }

  #value(depth: number): JsonValue {
    switch (this.#scan.peek()) {
      case CODE.openObject:
        return this.#object(depth + 1);
      case CODE.openArray:
        return this.#array(depth + 1);
      case CODE.quote:
        return this.#scan.string();
      default:
        return this.#scan.literalOrNumber();
    }
  }

  #object(depth: number): JsonObject {
    const members = Object.create(null) as { [name: string]: JsonValue };
    let count = 0;
    this.#enter(depth);
    if (this.#scan.take(CODE.closeObject)) return Object.freeze(members);
    for (;;) {
      if (this.#scan.peek() !== CODE.quote) this.#fail("ERR_OPENC2_JSON_SYNTAX", "a member's name in double quotes is expected");
      const at = this.#scan.offset;
      const name = this.#scan.name();
      if (name === "__proto__") this.#fail("ERR_OPENC2_JSON_NAME", "a member is named __proto__", at);
      if (!this.#keepsLast && name in members) this.#fail("ERR_OPENC2_JSON_DUPLICATE", `the name ${quoted(name)} stands twice`, at);
      this.#scan.skipSpace();
      this.#scan.expect(CODE.colon, "a colon");
      this.#scan.skipSpace();
      members[name] = this.#value(depth);
      count += 1;
      if (count > this.#membersMax) this.#fail("ERR_OPENC2_JSON_MEMBERS", `more than ${this.#membersMax} members`, at);
      if (!this.#more(CODE.closeObject, "a comma or the end of the object")) return Object.freeze(members);
    }
  }

  #array(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#enter(depth);
    if (this.#scan.take(CODE.closeArray)) return Object.freeze(items);
    for (;;) {
      const at = this.#scan.offset;
      items.push(this.#value(depth));
      if (items.length > this.#membersMax) this.#fail("ERR_OPENC2_JSON_MEMBERS", `more than ${this.#membersMax} items`, at);
      if (!this.#more(CODE.closeArray, "a comma or the end of the array")) return Object.freeze(items);
    }
  }

  #enter(depth: number): void {
    if (depth > this.#depthMax) this.#fail("ERR_OPENC2_JSON_DEPTH", `deeper than ${this.#depthMax} containers`);
    this.#scan.offset += 1;
    this.#scan.skipSpace();
  }

  /** After a value: true when another follows, false at the end of the container. */
  #more(close: number, wanted: string): boolean {
    this.#scan.skipSpace();
    if (this.#scan.take(close)) return false;
    this.#scan.expect(CODE.comma, wanted);
    this.#scan.skipSpace();
    return true;
  }

  #fail(code: OpenC2ErrorCode, message: string, offset = this.#scan.offset): never {
    return this.#scan.fail(code, message, offset);
  }
}
