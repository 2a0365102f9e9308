/** The strict reader: what is refused, where, and that nothing makes it throw anything else. */
import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, jsonValue, oneof, property, uint8Array } from "fast-check";
import { OpenC2Error, readJson } from "../../src/openc2/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function refusal(text: string | Uint8Array): OpenC2Error {
  try {
    readJson(typeof text === "string" ? bytes(text) : text);
  } catch (error) {
    if (error instanceof OpenC2Error) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("the strict JSON reader", () => {
  test.each([
    ['{"a":1,"a":2}', "ERR_OPENC2_JSON_DUPLICATE", 1, 8],
    ['{"a":1,"\\u0061":2}', "ERR_OPENC2_JSON_DUPLICATE", 1, 8],
    ['{"__proto__":{}}', "ERR_OPENC2_JSON_NAME", 1, 2],
    ['{"a":\n  "\\ud800"}', "ERR_OPENC2_JSON_SURROGATE", 2, 3],
    ['{"a":1e999}', "ERR_OPENC2_JSON_NUMBER", 1, 6],
    ['{"a":[1,]}', "ERR_OPENC2_JSON_SYNTAX", 1, 9],
    ['{"a":"x\ny"}', "ERR_OPENC2_JSON_SYNTAX", 1, 8],
    ["", "ERR_OPENC2_JSON_SYNTAX", 1, 1],
    ['{"é":tru}', "ERR_OPENC2_JSON_SYNTAX", 1, 6],
    ["[".repeat(17) + "]".repeat(17), "ERR_OPENC2_JSON_DEPTH", 1, 17],
  ] as const)("refuses %p with its code and place", (text, code, line, column) => {
    expect(refusal(text)).toMatchObject({ code, line, column });
  });
  test("reads sixteen containers within one another", () => {
    expect(() => readJson(bytes("[".repeat(16) + "]".repeat(16)))).not.toThrow();
  });
  test("refuses a byte order mark", () => {
    expect(refusal(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)).code).toBe("ERR_OPENC2_JSON_ENCODING");
  });
  test("says where the text stops being UTF-8", () => {
    expect(refusal(Uint8Array.of(0x22, 0x61, 0x0a, 0x62, 0xff, 0x22))).toMatchObject({
      code: "ERR_OPENC2_JSON_ENCODING",
      line: 2,
      column: 2,
    });
  });
  test("refuses more than 16 KiB unseen, and more than 256 members", () => {
    expect(refusal(new Uint8Array(16_385)).code).toBe("ERR_OPENC2_JSON_SIZE");
    const members = (count: number) => `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join()}}`;
    expect(refusal(members(257)).code).toBe("ERR_OPENC2_JSON_MEMBERS");
    expect(Object.keys(readJson(bytes(members(256))) as object)).toHaveLength(256);
  });
  test("gives objects without a prototype, frozen all the way down", () => {
    const value = readJson(bytes('{"a":{"b":[{}]}}')) as { a: { b: object[] } };
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect("constructor" in value.a).toBe(false);
    expect([value, value.a, value.a.b, value.a.b[0]].every((part) => Object.isFrozen(part))).toBe(true);
  });
  test("reads whatever JSON.stringify writes, unchanged", () => {
    const values = jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes("__proto__"));
    assert(
      property(values, (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(readJson(bytes(text), { bytesMax: 1e6, membersMax: 1e6 }))).toBe(text);
      }),
    );
  });
  test("no bytes make it throw anything but its own error", () => {
    const alphabet = constantFrom(...'{}[]",:\\u0dD8e-+.1truefalsnl \n\t', "\u00e9", "\u{1f600}", "\u0000", "__proto__");
    const inputs = oneof(
      uint8Array({ maxLength: 64 }),
      array(alphabet, { maxLength: 64 }).map((parts) => bytes(parts.join(""))),
    );
    assert(
      property(inputs, (input) => {
        try {
          readJson(input);
        } catch (error) {
          expect(error).toBeInstanceOf(OpenC2Error);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
