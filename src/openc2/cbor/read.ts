/**
 * The strict CBOR reader: the second serialisation of OpenC2 (MQTT v1.0 §2.4.1 encoding=cbor), read into the same values as
 * the strict JSON reader gives, with the same limits. Map keys are names and come in any order; everything that would give
 * one message a second meaning is refused: indefinite lengths, integers longer than need be, tags, undefined, names that
 * stand twice. `cborg` takes the bytes apart, one item at a time; what an item may be is decided here. Pure.
 */
import { Tokenizer, type Token, Type } from "cborg";
import { OpenC2Error, type OpenC2ErrorCode } from "../errors.ts";
import { DEPTH_MAX, MEMBERS_MAX, TEXT_BYTES_MAX } from "../limits.ts";
import type { JsonObject, JsonValue } from "../model.ts";
import { quoted } from "../shape.ts";
import { type CborValue, isNet, isTextForm, type Place, placeOfMember, type TextForm, toText } from "./binary-forms.ts";

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowInfinity: false,
  allowNaN: false,
  // cborg replaces what is not UTF-8 by U+FFFD and swallows a byte order mark, so strings are decoded again here.
  retainStringBytes: true,
} as const;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Deeply frozen, objects without a prototype. Throws ERR_OPENC2_CBOR_* with the offset in bytes. */
export function readCbor(bytes: Uint8Array): JsonValue {
  if (bytes.length > TEXT_BYTES_MAX) {
    const message = `the message has ${bytes.length} bytes, ${TEXT_BYTES_MAX} are allowed`;
    throw new OpenC2Error("ERR_OPENC2_CBOR_SIZE", message, { offset: 0 });
  }
  return new Reader(bytes).document();
}

class Reader {
  readonly #tokens: Tokenizer;
  /** Of the item read last. */
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#tokens = new Tokenizer(bytes, STRICT);
  }

  document(): JsonValue {
    const value = this.#value(this.#next(), 0, "plain");
    this.#offset = this.#tokens.pos();
    if (!this.#tokens.done()) this.#fail("ERR_OPENC2_CBOR_SYNTAX", "there is something after the end of the value");
    return value;
  }

  #next(): Token {
    this.#offset = this.#tokens.pos();
    if (this.#tokens.done()) this.#fail("ERR_OPENC2_CBOR_SYNTAX", "the bytes end where a value is expected");
    try {
      return this.#tokens.next();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.replace(/^CBOR decode error: /, "") : String(cause);
      return this.#fail("ERR_OPENC2_CBOR_SYNTAX", why, cause);
    }
  }

  #value(token: Token, depth: number, place: Place): JsonValue {
    switch (token.type) {
      case Type.map:
        return this.#map(token, depth + 1, place);
      case Type.array:
        return isNet(place) ? this.#binary(place, this.#net(token)) : this.#array(token, depth + 1);
      case Type.bytes:
        return isTextForm(place) ? this.#binary(place, token.value as Uint8Array) : this.#noBytes();
      case Type.string:
        return this.#text(token);
      case Type.tag:
        return this.#fail("ERR_OPENC2_CBOR_SYNTAX", "tags are not allowed");
      default:
        return token.value as null | boolean | number;
    }
  }

  #map(token: Token, depth: number, place: Place): JsonObject {
    const members: { [name: string]: JsonValue } = { __proto__: null } as never;
    for (let count = this.#enter(token, depth); count > 0; count -= 1) {
      const key = this.#next();
      if (key.type !== Type.string) this.#fail("ERR_OPENC2_CBOR_SYNTAX", "a member's name is expected as a text string");
      const name = this.#text(key);
      if (name === "__proto__") this.#fail("ERR_OPENC2_CBOR_NAME", "a member is named __proto__");
      if (name in members) this.#fail("ERR_OPENC2_CBOR_DUPLICATE", `the name ${quoted(name)} stands twice`);
      members[name] = this.#value(this.#next(), depth, placeOfMember(place, name));
    }
    return Object.freeze(members);
  }

  #array(token: Token, depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    for (let count = this.#enter(token, depth); count > 0; count -= 1) items.push(this.#value(this.#next(), depth, "plain"));
    return Object.freeze(items);
  }

  /** How many members or items follow; looked at before the first of them is read. */
  #enter(token: Token, depth: number): number {
    const count = Number(token.value);
    if (depth > DEPTH_MAX) this.#fail("ERR_OPENC2_CBOR_DEPTH", `deeper than ${DEPTH_MAX} containers`);
    if (count > MEMBERS_MAX) this.#fail("ERR_OPENC2_CBOR_MEMBERS", `${count} members or items, ${MEMBERS_MAX} are allowed`);
    return count;
  }

  /** The address and perhaps the prefix of a network: the only bytes that stand in a list. */
  #net(token: Token): readonly CborValue[] {
    const wanted = [Type.bytes, Type.uint].slice(0, Number(token.value));
    if (wanted.length !== token.value) this.#fail("ERR_OPENC2_CBOR_BINARY", "a network is its address and perhaps its prefix");
    return wanted.map((type) => {
      const item = this.#next();
      if (item.type !== type) this.#fail("ERR_OPENC2_CBOR_BINARY", "a network is a byte string and perhaps a whole number");
      return item.value as Uint8Array | number;
    });
  }

  #binary(form: TextForm, value: Uint8Array | readonly CborValue[]): JsonValue {
    return toText(form, value) ?? this.#fail("ERR_OPENC2_CBOR_BINARY", `these bytes are no ${form}`);
  }

  #noBytes(): never {
    return this.#fail("ERR_OPENC2_CBOR_BINARY", "no bytes stand here in OpenC2");
  }

  #text(token: Token): string {
    try {
      return token.byteValue === undefined ? "" : decoder.decode(token.byteValue);
    } catch (cause) {
      return this.#fail("ERR_OPENC2_CBOR_ENCODING", "a text string is not UTF-8", cause);
    }
  }

  #fail(code: OpenC2ErrorCode, message: string, cause?: unknown): never {
    throw new OpenC2Error(code, `${message} (byte ${this.#offset})`, { offset: this.#offset, clause: "RFC 8949", cause });
  }
}
