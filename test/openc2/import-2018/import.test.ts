/** The texts of 2018: use case 18 as it is printed, its siblings, and what is refused rather than guessed. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { import2018 } from "../../../src/openc2/import-2018/index.ts";
import { encodeRequest, OpenC2Error, readJson } from "../../../src/openc2/index.ts";

const useCase18 = readFileSync(join(import.meta.dir, "../../../examples/use-case-18.json.txt"), "utf8");
const changesOf = (text: string) => import2018(text).changes.map(({ line, column, was, now }) => [line, column, was, now]);

describe("use case 18, as printed", () => {
  test("is not JSON", () => {
    expect(() => readJson(new TextEncoder().encode(useCase18))).toThrow(OpenC2Error);
  });
  test("becomes this command", () => {
    expect(import2018(useCase18).command).toEqual({
      action: "update",
      target: {
        "x-swup:software": {
          vendor: "famousMaker",
          name: "famousModel",
          old_version: "1.2.3",
          new_version: "2.3.4",
          source: "https://updates.famousMaker.ce/ub_x64/patch_20180222_1234.cpp",
        },
      },
      args: { response_requested: "none" },
      command_id: "wc17_9674309",
    });
  });
  test("is changed in these places and no others", () => {
    expect(changesOf(useCase18)).toEqual([
      [3, 15, '"software"', '"x-swup:software"'],
      [11, 3, '"options"', '"args"'],
      [12, 5, '"options"."command_id"', '"command_id"'],
      [13, 5, '"start_time": "now"', ""],
      [14, 5, '"response_request"', '"response_requested"'],
      [14, 31, ",", ""],
    ]);
    expect(import2018(useCase18).changes.every(({ why }) => why !== "")).toBe(true);
  });
  test("can be sent once size and digest are filled in", () => {
    const { command } = import2018(useCase18);
    const target = command["target"] as { "x-swup:software": object };
    const software = { ...target["x-swup:software"], size: 1, hashes: { sha256: "AB".repeat(32) } };
    const whole = { action: "update", target: { "x-swup:software": software }, args: { response_requested: "none" } } as const;
    expect(() => encodeRequest({}, whole)).not.toThrow();
  });
});

test("use case 17 stops a process, whichever of action and target is written first", () => {
  const options = '"options": { "start_time": "now", "response_request": "none", }';
  const stop = { action: "stop", target: { process: { pid: 33_357 } }, args: { response_requested: "none" } };
  const first = import2018(`{ "action": "delete", "target": { "process_id": 33357 }, ${options} }`);
  expect(first.command).toEqual(stop);
  expect(first.changes[0]).toMatchObject({ line: 1, column: 13, was: '"delete"', now: '"stop"' });
  expect(import2018(`{ "target": { "process_id": 33357 }, "action": "delete", ${options} }`).command).toEqual(stop);
});

test("use case 19 asks for an answer on completion", () => {
  expect(import2018(useCase18.replace('"none"', '"complete"')).command).toMatchObject({ args: { response_requested: "complete" } });
});

test("a command of 1.0 comes out unchanged", () => {
  const text = '{"action":"cancel","target":{"command":"a"},"args":{"response_requested":"none","start_time":1},"command_id":"b"}';
  expect(import2018(text)).toEqual({ command: JSON.parse(text), changes: [] });
});

test("times of RFC 3339 become milliseconds, words in capitals lower case", () => {
  const text = '{"action":"deny","target":{"ip_addr":"192.0.2.1"},"options":{"end_time":"2018-02-26T00:00:00Z","response_request":"Ack"}}';
  expect(import2018(text).command).toEqual({
    action: "deny",
    target: { ipv4_net: "192.0.2.1" },
    args: { stop_time: Date.UTC(2018, 1, 26), response_requested: "ack" },
  });
});

describe("what cannot be understood is refused with its place, not guessed:", () => {
  const command = (members: string) => `{\n${members}}`;
  const target = '"target":{"command":"a"}';
  test.each([
    ["an unknown action", command(`"action":"mitigate",${target}`), "ERR_OPENC2_IMPORT", 2, 10],
    ["an unknown member", command(`"action":"deny",${target},"modifiers":{}`), "ERR_OPENC2_IMPORT", 2, 42],
    ["an actuator in free text", command(`"action":"deny",${target},"actuator":{"firewall":"?"}`), "ERR_OPENC2_IMPORT", 2, 42],
    ["an unknown target", command('"action":"deny","target":{"cpe":1}'), "ERR_OPENC2_IMPORT", 2, 27],
    ["an unknown option", command(`"action":"deny",${target},"options":{"retry":1}`), "ERR_OPENC2_IMPORT", 2, 53],
    ["an unknown word of software", command('"action":"update","target":{"software":{"nmae":"a"}}'), "ERR_OPENC2_IMPORT", 2, 41],
    ["a source that is not https", command('"action":"update","target":{"software":{"source":"ftp://a"}}'), "ERR_OPENC2_IMPORT", 2, 50],
    ["two targets", command('"action":"deny","target":{"uri":"a:b","command":"a"}'), "ERR_OPENC2_IMPORT", 2, 26],
    ["two ids", command(`"action":"deny",${target},"id":"a","options":{"command_id":"b"}`), "ERR_OPENC2_IMPORT", 2, 62],
    ["a name twice", command(`"action":"deny",${target},"action":"allow"`), "ERR_OPENC2_JSON_DUPLICATE", 2, 42],
    [
      "a name twice, once old",
      command(`"action":"deny",${target},"options":{"response_request":"none","response_requested":"ack"}`),
      "ERR_OPENC2_IMPORT",
      2,
      79,
    ],
    ["a time that could be anything", command(`"action":"deny",${target},"options":{"start_time":"1"}`), "ERR_OPENC2_IMPORT", 2, 66],
    ["an end that is now", command(`"action":"deny",${target},"options":{"stop_time":"now"}`), "ERR_OPENC2_IMPORT", 2, 65],
    ["no action", command(target), "ERR_OPENC2_IMPORT", 1, 1],
    ["a comma too many in the middle", command(`"action":"deny",,${target}`), "ERR_OPENC2_JSON_SYNTAX", 2, 17],
    ["a list", "[]", "ERR_OPENC2_IMPORT", 1, 1],
  ])("%s", (_, text, code, line, column) => {
    let refusal: unknown;
    try {
      import2018(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(OpenC2Error);
    expect(refusal).toMatchObject({ code, line, column });
  });
});
