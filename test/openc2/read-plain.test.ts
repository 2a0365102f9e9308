/** The quick reader and the strict one speak exactly the same language: what the quick one takes, the strict one reads the same. */
import { describe, expect, test } from "bun:test";
import { array, assert, type Arbitrary, constantFrom, jsonValue, letrec, oneof, property, string, tuple } from "fast-check";
import { OpenC2Error, type JsonValue } from "../../src/openc2/index.ts";
import { readPlain } from "../../src/openc2/json/plain.ts";
import { readStrict } from "../../src/openc2/json/strict.ts";

const limits = { depthMax: 4, membersMax: 6, duplicateNames: "refuse" } as const;
const quick = (text: string, isFrozen?: boolean): JsonValue | undefined =>
  readPlain(new TextEncoder().encode(text), text, limits, isFrozen);

/** The value; undefined when it is refused. */
function strict(text: string): JsonValue | undefined {
  try {
    return readStrict(text, limits);
  } catch (error) {
    if (error instanceof OpenC2Error) return undefined;
    throw error;
  }
}

function isFrozenBare(value: unknown): boolean {
  if (value === null || typeof value !== "object") return true;
  const isBare = Array.isArray(value) || Object.getPrototypeOf(value) === null;
  return isBare && Object.isFrozen(value) && Object.values(value).every(isFrozenBare);
}

/** Texts that are nearly JSON: names from a handful, so that they meet, numbers and strings of every kind, and at times a stray token. */
const { texts } = letrec<{ texts: string; value: string }>((tie) => {
  const name = constantFrom('"a"', '"b"', '"a"', '"\\u0061"', '"__proto__"', '"constructor"', '"0"', '""', '"é"');
  const scalar = constantFrom(
    "1",
    "-0",
    "1e999",
    "1E-999",
    "01",
    "0.5",
    "true",
    "nul",
    "null",
    '"x"',
    '"a:b,{"',
    '"\\"',
    '"\\ud800"',
    '"\ud83d\ude00"',
  );
  const value: Arbitrary<string> = oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    array(tie("value"), { maxLength: 8 }).map((items) => `[${items.join(",")}]`),
    array(tuple(name, tie("value")), { maxLength: 8 }).map((members) => `{${members.map((member) => member.join(":")).join(" ,")}}`),
  );
  return {
    value,
    texts: oneof(
      value,
      tuple(value, constantFrom("", " ", ",", "]", "\u00a0", "1")).map((parts) => parts.join("")),
    ),
  };
});

describe("the quick reader", () => {
  test.each(['{"action":"query","target":{"features":[]}}', ' { "a" : [ 1 , -0 , 1.5e3 , true , null , "é😀" ] } \n', '"a"', "[[[[1]]]]"])(
    "takes %s",
    (text) => {
      expect(quick(text)).toEqual(strict(text) ?? "refused");
      expect(isFrozenBare(quick(text))).toBe(true);
    },
  );
  test("takes the same for one look, not frozen and without a prototype all the same", () => {
    const looked = quick('{"a":[{"b":1}]}', false) as { readonly a: readonly object[] };
    expect(JSON.stringify(looked)).toBe('{"a":[{"b":1}]}');
    for (const container of [looked, looked.a, looked.a[0]]) expect(Object.isFrozen(container)).toBe(false);
    for (const map of [looked, looked.a[0]]) expect(Object.getPrototypeOf(map)).toBeNull();
    expect(quick('{"a":1,"a":1}', false)).toBeUndefined();
  });
  test.each([
    ["an escape", '{"a":"\\n"}'],
    ["a name twice", '{"a":1,"a":1}'],
    ["a name twice deep down", '[{"b":{"a":"x","a":"x"}}]'],
    ["a name twice whose first value is a tree of strings", '{"a":{"b":["c","d"]},"a":1}'],
    ["__proto__", '{"__proto__":1}'],
    ["a number beyond doubles", "[1e400]"],
    ["five containers where four may be", "[[[[[]]]]]"],
    ["seven members where six may be", "[0,0,0,0,0,0,0]"],
    ["no JSON", "{a:1}"],
  ])("leaves %s to the strict reader", (_, text) => {
    expect(quick(text)).toBeUndefined();
  });
  test("takes nothing that the strict reader refuses, and reads all else the same", () => {
    let taken = 0;
    assert(
      property(
        oneof(
          texts,
          jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
          string(),
        ),
        (text) => {
          const value = quick(text);
          if (value === undefined) return;
          taken += 1;
          expect(JSON.stringify(strict(text))).toBe(JSON.stringify(value));
          expect(Object.is(strict(text), value) || typeof value === "object").toBe(true);
          expect(isFrozenBare(value)).toBe(true);
        },
      ),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(2_000);
  });
});
