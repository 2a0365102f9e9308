/** A profile is a plug-in: one of this test's own is read, refused and advertised without a change anywhere else. */
import { describe, expect, test } from "bun:test";
import {
  featuresResults,
  type JsonValue,
  OpenC2Error,
  parseCommand,
  parseResponse,
  type Profile,
  PROFILES,
  profileSet,
  type ReadOptions,
  slpf,
  xSwup,
} from "../../../src/openc2/index.ts";
import { closedMap, fail, integer, oneOf, text } from "../../../src/openc2/shape.ts";

const lamp: Profile = {
  nsid: "x-lamp",
  targets: { bulb: text({ least: 1 }) },
  args: closedMap({ colour: oneOf(["red", "green"]) }),
  actuator: closedMap({ room: text() }),
  results: closedMap({ watts: integer({ least: 0 }) }),
  pairs: { start: ["x-lamp:bulb"], set: ["x-lamp:bulb", "properties"] },
  matrixClause: "x-lamp §2",
  checkCommand: ({ action, args }, path) => {
    if (action === "set" && args?.["x-lamp"] === undefined) fail("ERR_OPENC2_MISSING", `${path}.args.x-lamp.colour`, "it is needed");
  },
};
const withLamp: ReadOptions = { profiles: profileSet(lamp) };

function outcome(value: JsonValue, options: ReadOptions, parse: typeof parseCommand | typeof parseResponse = parseCommand): string {
  try {
    parse(new TextEncoder().encode(JSON.stringify(value)), options);
    return "good";
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    return `${error.code} ${error.path}`;
  }
}

test("an update that lacks several things is told all of them", () => {
  const command = { action: "update", target: { "x-swup:software": { name: "a", hashes: { sha512: "AB".repeat(64) } } } };
  const lacking = ["new_version", "source", "size", "hashes.sha256"].map((name) => `$.target.x-swup:software.${name}`);
  try {
    parseCommand(new TextEncoder().encode(JSON.stringify(command)));
    expect.unreachable();
  } catch (error) {
    expect(error instanceof OpenC2Error && error.all.map(({ path }) => path)).toEqual(lacking);
  }
});

test("every profile of this build has a name of its own, which starts with x- unless OASIS has published it", () => {
  for (const nsid of PROFILES.keys()) expect(nsid).toMatch(/^x-[a-z]+$|^slpf$/);
});

describe("a profile of this test's own", () => {
  test.each<[string, JsonValue, string]>([
    ["its target", { action: "start", target: { "x-lamp:bulb": "b1" } }, "good"],
    ["its target, wrong", { action: "start", target: { "x-lamp:bulb": "" } }, "ERR_OPENC2_VALUE $.target.x-lamp:bulb"],
    ["an action that it does not have", { action: "stop", target: { "x-lamp:bulb": "b1" } }, "ERR_OPENC2_UNSUPPORTED $.action"],
    ["its rule", { action: "set", target: { "x-lamp:bulb": "b1" } }, "ERR_OPENC2_MISSING $.args.x-lamp.colour"],
    ["its args", { action: "set", target: { "x-lamp:bulb": "b1" }, args: { "x-lamp": { colour: "red" } } }, "good"],
    [
      "a target of the language, by its args",
      { action: "set", target: { properties: ["a"] }, args: { "x-lamp": { colour: "red" } } },
      "good",
    ],
    [
      "another target by its args",
      { action: "set", target: { uri: "a:b" }, args: { "x-lamp": { colour: "red" } } },
      "ERR_OPENC2_UNSUPPORTED $.action",
    ],
    ["its specifiers", { action: "start", target: { "x-lamp:bulb": "b1" }, actuator: { "x-lamp": { room: "hall" } } }, "good"],
    [
      "another target by its actuator",
      { action: "start", target: { uri: "a:b" }, actuator: { "x-lamp": { room: "hall" } } },
      "ERR_OPENC2_UNSUPPORTED $.action",
    ],
    ["no profile", { action: "start", target: { uri: "a:b" } }, "good"],
    [
      "a profile outside the set",
      { action: "query", target: { "x-swup:software": { name: "a" } } },
      "ERR_OPENC2_UNSUPPORTED $.target.x-swup:software",
    ],
  ])("decides about a command with %s", (_, value, expected) => {
    expect(outcome(value, withLamp)).toBe(expected);
  });
  test("is unknown to whoever was not given it, and passes unread where any may pass", () => {
    const command = { action: "start", target: { "x-lamp:bulb": "" } };
    expect(outcome(command, {})).toBe("ERR_OPENC2_UNSUPPORTED $.target.x-lamp:bulb");
    expect(outcome(command, { profiles: "any" })).toBe("good");
  });
  test("decides about results, and closes the pairs that an answer may name", () => {
    const answer = (results: JsonValue) => outcome({ status: 200, results }, withLamp, parseResponse);
    expect(answer({ "x-lamp": { watts: 5 } })).toBe("good");
    expect(answer({ "x-lamp": { watts: -5 } })).toBe("ERR_OPENC2_VALUE $.results.x-lamp.watts");
    expect(answer({ pairs: { query: ["features"], set: ["properties"] } })).toBe("good");
    expect(answer({ pairs: { set: ["uri"] } })).toBe("ERR_OPENC2_VALUE $.results.pairs.set[0]");
    expect(answer({ pairs: { delete: ["x-lamp:bulb"] } })).toBe("ERR_OPENC2_UNKNOWN $.results.pairs.delete");
  });
  test("is advertised beside others, each target once", () => {
    expect(featuresResults(["profiles", "pairs"], profileSet(lamp, xSwup, slpf))).toMatchObject({
      profiles: ["x-lamp", "x-swup", "slpf"],
      pairs: {
        query: ["features", "x-swup:software"],
        start: ["x-lamp:bulb"],
        set: ["x-lamp:bulb", "properties"],
        update: ["x-swup:software", "file"],
      },
    });
  });
});
