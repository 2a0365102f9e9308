/** The strict CBOR reader and the deterministic encoder: RFC 8949's own examples, what is refused and where, and properties. */
import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, jsonValue, oneof, property, uint8Array } from "fast-check";
import { fuzzCbor } from "../../../lab/fuzz/cbor-target.ts";
import { encodeCbor, type JsonValue, OpenC2Error, readCbor, readJson } from "../../../src/openc2/index.ts";
import appendixA from "../../../vectors/cbor/rfc8949-appendix-a.json" with { type: "json" };

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function refusal(action: () => unknown): OpenC2Error {
  try {
    action();
  } catch (error) {
    if (error instanceof OpenC2Error) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the examples of RFC 8949 Appendix A", () => {
  test("are all there", () => expect(appendixA.vectors).toHaveLength(82));
  test.each(appendixA.vectors.map((vector) => [vector.hex, vector] as const))("%s", (hex, { value, code, encodes }) => {
    if (code !== undefined) {
      expect(refusal(() => readCbor(fromHex(hex))).code).toBe(code as never);
      return;
    }
    const wanted = value as JsonValue;
    expect(JSON.stringify(readCbor(fromHex(hex)))).toBe(JSON.stringify(wanted));
    expect(toHex(encodeCbor(wanted))).toBe(encodes ?? hex);
  });
});

describe("the strict CBOR reader", () => {
  test.each([
    ["a name that stands twice", "a2 6161 01 6161 02", "DUPLICATE", 4],
    ["a name that stands twice in a map within", "a1 6162 a2 6161 01 6161 02", "DUPLICATE", 7],
    ["a member named __proto__", "a1 69 5f5f70726f746f5f5f a0", "NAME", 1],
    ["a name that is a number", "a1 01 01", "SYNTAX", 1],
    ["a name that is a byte string", "a1 4161 01", "SYNTAX", 1],
    ["a name that is a map", "a1 a0 01", "SYNTAX", 1],
    ["an integer in two bytes where one will do", "82 00 1817", "SYNTAX", 2],
    ["an integer in nine bytes where five will do", "1b 00000000ffffffff", "SYNTAX", 0],
    ["a length in two bytes where one will do", "7801 61", "SYNTAX", 0],
    ["a count in two bytes where one will do", "9801 01", "SYNTAX", 0],
    ["an integer that no double holds", "1b 0020000000000000", "SYNTAX", 0],
    ["a map of indefinite length", "bf ff", "SYNTAX", 0],
    ["a list of indefinite length", "81 9f ff", "SYNTAX", 1],
    ["a text string in chunks", "7f 6161 ff", "SYNTAX", 0],
    ["a break where a value is expected", "81 ff", "SYNTAX", 1],
    ["undefined", "f7", "SYNTAX", 0],
    ["not a number", "f97e01", "SYNTAX", 0],
    ["infinity", "fb 7ff0000000000000", "SYNTAX", 0],
    ["a simple value", "f8ff", "SYNTAX", 0],
    ["a tag", "c0 60", "SYNTAX", 0],
    ["the tag that says nothing but that this is CBOR", "d9d9f7 a0", "SYNTAX", 0],
    ["a reserved head", "1c", "SYNTAX", 0],
    ["nothing at all", "", "SYNTAX", 0],
    ["bytes after the end", "00 00", "SYNTAX", 1],
    ["a list that ends early", "83 01 02", "SYNTAX", 3],
    ["a text string that ends early", "65 6161", "SYNTAX", 0],
    ["a text string of four gigabytes that are not there", "7a ffffffff", "SYNTAX", 0],
    ["text that is not UTF-8", "81 62c328", "ENCODING", 1],
    ["half a surrogate pair, which is not UTF-8", "63 eda080", "ENCODING", 0],
    ["a name that is not UTF-8", "a1 61ff 01", "ENCODING", 1],
    ["seventeen lists within one another", `${"81".repeat(17)} 00`, "DEPTH", 16],
    ["a list of 257", `99 0101 ${"00".repeat(257)}`, "MEMBERS", 0],
    ["a map that says it has four billion members", "ba ffffffff", "MEMBERS", 0],
    ["a list that says it has more members than a double can count", "9b ffffffffffffffff", "SYNTAX", 0],
    ["bytes where the language has none", "a1 6161 4101", "BINARY", 3],
  ])("refuses %s", (_, hex, code, offset) => {
    expect(refusal(() => readCbor(fromHex(hex)))).toMatchObject({ code: `ERR_OPENC2_CBOR_${code}`, offset, line: undefined });
  });
  test("refuses more than 16 KiB unseen", () => {
    expect(refusal(() => readCbor(new Uint8Array(16_385))).code).toBe("ERR_OPENC2_CBOR_SIZE");
  });
  test("reads sixteen containers within one another, and 256 items", () => {
    expect(() => readCbor(fromHex(`${"81".repeat(15)}80`))).not.toThrow();
    expect(readCbor(fromHex(`99 0100 ${"00".repeat(256)}`))).toHaveLength(256);
  });
  test("reads names in any order, for few encoders sort them", () => {
    expect(readCbor(fromHex("a2 6162 01 6161 02"))).toEqual({ b: 1, a: 2 });
  });
  test("keeps a byte order mark and the replacement character, which are text like any other", () => {
    expect(readCbor(encodeCbor("\ufeff\ufffd, a little longer than cborg's short strings"))).toStartWith("\ufeff\ufffd");
  });
  test("gives objects without a prototype, frozen all the way down", () => {
    const value = readCbor(encodeCbor({ a: { b: [{}] } })) as { a: { b: object[] } };
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect("constructor" in value.a).toBe(false);
    expect([value, value.a, value.a.b, value.a.b[0]].every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe("the encoder", () => {
  test("sorts names by their bytes and leaves out what is undefined", () => {
    const headers = { b: 1, aa: 2, a: undefined } as never;
    expect(toHex(encodeCbor(headers))).toBe("a261620162616102");
  });
  test.each([
    ["half a surrogate pair", "\ud800", "ENCODING"],
    ["half a surrogate pair in a name", { "\udc00": 1 }, "ENCODING"],
    ["infinity", Number.POSITIVE_INFINITY, "SYNTAX"],
    ["a member named __proto__", JSON.parse('{"__proto__":1}') as JsonValue, "NAME"],
    ["more than 16 KiB", "x".repeat(16_385), "SIZE"],
  ])("refuses %s", (_, value, code) => {
    expect(refusal(() => encodeCbor(value)).code).toBe(`ERR_OPENC2_CBOR_${code}` as never);
  });
  test("gives one encoding for one value, however its members are ordered", () => {
    assert(
      property(values, (value) => {
        const reversed = JSON.parse(JSON.stringify(value), (_, part: unknown) => reverse(part)) as JsonValue;
        expect(encodeCbor(reversed)).toEqual(encodeCbor(value));
      }),
    );
  });
});

describe("JSON and CBOR", () => {
  test("carry the same values", () => {
    assert(
      property(values, (value) => {
        const viaJson = readJson(new TextEncoder().encode(JSON.stringify(value)));
        expect(readCbor(encodeCbor(value))).toEqual(viaJson);
      }),
    );
  });
  test("no bytes make the reader throw anything but its own error, and what it reads has one encoding", () => {
    const heads = constantFrom(
      "00",
      "1817",
      "61",
      "6161",
      "80",
      "81",
      "82",
      "a1",
      "a2",
      "f6",
      "f97e00",
      "bf",
      "ff",
      "c0",
      "d9",
      "5f",
      "40",
    );
    const names = constantFrom("66686173686573", "68697076345f6e6574", "686d61635f61646472", "4401020304", "46010203040506", "81", "1818");
    const inputs = oneof(
      uint8Array({ maxLength: 64 }),
      array(oneof(heads, names), { maxLength: 24 }).map((parts) => fromHex(parts.join(""))),
    );
    assert(property(inputs, fuzzCbor), { numRuns: 20_000 });
  });
});

/** Any JSON within the limits whose names mean nothing to OpenC2. */
const values = jsonValue({ maxDepth: 5 })
  .filter((value) => !/__proto__|-0[,\]}]/.test(JSON.stringify(value)) && !Object.is(value, -0))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

function reverse(part: unknown): unknown {
  const isObject = part !== null && typeof part === "object" && !Array.isArray(part);
  return isObject ? Object.fromEntries(Object.entries(part).reverse()) : part;
}
