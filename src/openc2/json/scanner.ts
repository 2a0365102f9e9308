/** The lexical half of the strict reader: white space, strings, numbers and literals over one decoded text. Pure. */
import { OpenC2Error, type OpenC2ErrorCode } from "../errors.ts";
import { placeOf } from "./place.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const HEX4 = /^[0-9a-fA-F]{4}$/;

/**
 * Names seen lately, by hash: the same few dozen stand in every message, and a name that the runtime knows already costs a
 * comparison where a new one costs an allocation and an entry in its table of names (measured: reading takes half the time).
 */
const NAMES: string[] = Array.from({ length: 512 }, () => "");
const SLOT_MASK = NAMES.length - 1;
const NAME_UNITS_MAX = 32;
/** Digits that make a whole number exactly; longer ones go the slow way. */
const DIGITS_MAX = 15;

export class Scanner {
  readonly #text: string;
  offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.offset >= this.#text.length;
  }

  /** The code unit here, NaN at the end. */
  peek(): number {
    return this.#text.charCodeAt(this.offset);
  }

  skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.offset += 1;
    }
  }

  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.offset += 1;
    return true;
  }

  expect(code: number, wanted: string): void {
    if (!this.take(code)) this.fail("ERR_OPENC2_JSON_SYNTAX", `${wanted} is expected`);
  }

  literalOrNumber(): boolean | null | number {
    const code = this.peek();
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number();
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.offset)) {
        this.offset += word.length;
        return value;
      }
    }
    return this.fail("ERR_OPENC2_JSON_SYNTAX", this.isAtEnd() ? "the text ends where a value is expected" : "a value is expected");
  }

  /** At the opening quote of a member's name: the same as `string`, but quicker for a name seen before. */
  name(): string {
    const text = this.#text;
    const start = this.offset + 1;
    let slot = 0;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH || !(code >= 0x20)) return this.string();
      slot = (slot * 31 + code) & SLOT_MASK;
      at += 1;
    }
    const known = NAMES[slot] ?? "";
    this.offset = at + 1;
    if (known.length === at - start && text.startsWith(known, start)) return known;
    const name = text.slice(start, at);
    if (name.length <= NAME_UNITS_MAX) NAMES[slot] = name;
    return name;
  }

  /** At the opening quote. Plain strings, nearly all there are, are one slice. */
  string(): string {
    const text = this.#text;
    const start = this.offset + 1;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.offset = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#escapedString(start, at);
      if (!(code >= 0x20)) this.fail("ERR_OPENC2_JSON_SYNTAX", this.#unfinished(code), at);
      at += 1;
    }
  }

  fail(code: OpenC2ErrorCode, message: string, offset = this.offset): never {
    const place = placeOf(this.#text, Math.min(offset, this.#text.length));
    throw new OpenC2Error(code, `${message} (line ${place.line}, column ${place.column})`, { place, clause: "RFC 7493" });
  }

  #number(): number {
    const text = this.#text;
    let at = this.offset;
    let whole = 0;
    let code = text.charCodeAt(at);
    for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) {
      whole = whole * 10 + code - 0x30;
      at += 1;
    }
    const digits = at - this.offset;
    const isPlain = digits > 0 && digits <= DIGITS_MAX && code !== 0x2e && code !== 0x45 && code !== 0x65;
    if (!isPlain || (digits > 1 && text.charCodeAt(this.offset) === 0x30)) return this.#anyNumber();
    this.offset = at;
    return whole;
  }

  #anyNumber(): number {
    NUMBER.lastIndex = this.offset;
    const [digits] = NUMBER.exec(this.#text) ?? [];
    if (digits === undefined) return this.fail("ERR_OPENC2_JSON_SYNTAX", "a number is expected");
    const value = Number(digits);
    if (!Number.isFinite(value)) this.fail("ERR_OPENC2_JSON_NUMBER", "no double is that large");
    this.offset += digits.length;
    return value;
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.#text;
    let value = text.slice(start, firstEscape);
    let at = firstEscape;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (!(code >= 0x20)) this.fail("ERR_OPENC2_JSON_SYNTAX", this.#unfinished(code), at);
      if (code === BACKSLASH) {
        const [piece, length] = this.#escape(at);
        value += piece;
        at += length;
      } else {
        value += text[at];
        at += 1;
      }
    }
    // Escapes can spell half a pair, which no UTF-8 can; the other half may have come unescaped never.
    if (!value.isWellFormed()) this.fail("ERR_OPENC2_JSON_SURROGATE", "a string holds half a surrogate pair", start - 1);
    this.offset = at + 1;
    return value;
  }

  #escape(at: number): readonly [string, number] {
    const letter = this.#text[at + 1] ?? "";
    if (letter === "u") {
      const hex = this.#text.slice(at + 2, at + 6);
      if (!HEX4.test(hex)) this.fail("ERR_OPENC2_JSON_SYNTAX", "four hexadecimal digits are expected", at);
      return [String.fromCharCode(Number.parseInt(hex, 16)), 6];
    }
    const piece = ESCAPES[letter];
    if (piece === undefined || !Object.hasOwn(ESCAPES, letter)) return this.fail("ERR_OPENC2_JSON_SYNTAX", "no such escape", at);
    return [piece, 2];
  }

  #unfinished(code: number): string {
    return Number.isNaN(code) ? "the string does not end" : "a control character stands in a string unescaped";
  }
}
