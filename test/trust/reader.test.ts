/** The reader of signed objects: what each of its questions takes for an answer, and that a refusal says whose member is wrong. */
import { describe, expect, test } from "bun:test";
import type { JsonValue } from "../../src/openc2/index.ts";
import { isObject, Reader } from "../../src/trust/reader.ts";

const VALUES = {
  nothing: null,
  yes: true,
  half: 0.5,
  minus: -1,
  zero: 0,
  one: 1,
  largest: 2 ** 53 - 1,
  beyond: 2 ** 53,
  empty: "",
  text: "smoke",
  digits: "1",
  none: [],
  texts: ["a", "b"],
  mixed: ["a", 1],
  map: { a: 1 },
} satisfies Record<string, JsonValue>;
type Name = keyof typeof VALUES;

const reader = new Reader(VALUES, "permit", "ERR_TRUST_PAYLOAD");

describe.each<readonly [string, (name: string) => unknown, readonly Name[], string]>([
  ["a text", (name) => reader.text(name), ["empty", "text", "digits"], "a text"],
  ["a name", (name) => reader.name(name), ["text", "digits"], "a name"],
  ["a number", (name) => reader.number(name), ["half", "zero", "one", "largest", "beyond"], "a number from 0"],
  ["a count", (name) => reader.count(name), ["one", "largest"], "a whole number from 1"],
  ["texts", (name) => reader.texts(name), ["none", "texts"], "a list of texts"],
  ["a list", (name) => reader.list(name), ["none", "texts", "mixed"], "a list"],
  ["an object", (name) => reader.object(name), ["map"], "an object"],
])("asked for %s", (_, ask, taken, wanted) => {
  test("it gives what is one, as it stands", () => {
    for (const name of taken) expect(ask(name)).toBe(VALUES[name]);
  });

  test("it refuses everything else, what is not there, and what stands in the prototype", () => {
    const others = (Object.keys(VALUES) as Name[]).filter((name) => !taken.includes(name));
    for (const name of [...others, "absent", "constructor", "__proto__"]) {
      const isNoText = wanted === "a name" && name !== "empty";
      const message = `${name} of the permit is not ${isNoText ? "a text" : wanted}`;
      expect(() => ask(name)).toThrow(expect.objectContaining({ code: "ERR_TRUST_PAYLOAD", message }));
    }
  });
});

test.each([[undefined], [null], [true], [1], ["text"], [[]]])("%p is no object and cannot be read", (value) => {
  expect(isObject(value)).toBe(false);
  expect(() => new Reader(value, "stop", "ERR_TRUST_DIRECTOR")).toThrow(
    expect.objectContaining({ code: "ERR_TRUST_DIRECTOR", message: "the stop is not an object" }),
  );
});

test("a member that is not known is refused by its name, and those that are known may be absent", () => {
  const map = new Reader({ a: 1, b: 2 }, "map", "ERR_TRUST_PAYLOAD");
  map.only(["a", "b", "c"]);
  expect(() => map.only(["a"])).toThrow(expect.objectContaining({ code: "ERR_TRUST_PAYLOAD", message: "b of the map is not known here" }));
  expect(() => map.only(["c"])).toThrow("a of the map is not known here");
});

test("an object within says where it stands", () => {
  expect(reader.reader("map").number("a")).toBe(1);
  expect(() => reader.reader("map").text("a")).toThrow("a of the map of the permit is not a text");
  expect([reader.has("nothing"), reader.has("absent"), reader.has("constructor")]).toEqual([true, false, false]);
});
