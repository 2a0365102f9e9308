/**
 * Ill-formed JSON, JSON that is no OpenC2, and OpenC2 that is not supported (the abuse use case): over the real socket each gets its
 * status, in HTTP and in OpenC2, and a text that says what is wrong and where. What a consumer is made of is never in it.
 */
import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { parseReply, post, request, UPDATE, World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => {
  world.done.length = 0;
});
afterAll(() => world.stop());

const query = { action: "query", target: { features: [] } };
const at = "$.body.openc2.request";
const software = UPDATE.target["x-swup:software"];

const ILL_FORMED: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "ERR_OPENC2_JSON_SYNTAX"],
  ["words", "update everything now", "ERR_OPENC2_JSON_SYNTAX"],
  ["a trailing comma, as the use case prints it", `{"action":"query","target":{"features":[]},}`, "ERR_OPENC2_JSON_SYNTAX"],
  ["half a message", request(query).slice(0, 40), "ERR_OPENC2_JSON_SYNTAX"],
  ["something after the end", `${request(query)}{}`, "ERR_OPENC2_JSON_SYNTAX"],
  ["a member that stands twice", `{"headers":{"request_id":"a","request_id":"b"},"body":{}}`, "ERR_OPENC2_JSON_DUPLICATE"],
  ["__proto__", `{"__proto__":{"isAdmin":true},"body":{}}`, "ERR_OPENC2_JSON_NAME"],
  ["a lone surrogate", `{"headers":{"from":"\\ud800"},"body":{}}`, "ERR_OPENC2_JSON_SURROGATE"],
  ["a number that no double holds", `{"headers":{"created":1e999},"body":{}}`, "ERR_OPENC2_JSON_NUMBER"],
  ["a thousand containers", "[".repeat(1_000), "ERR_OPENC2_JSON_DEPTH"],
  ["a thousand members", `{${Array.from({ length: 1_000 }, (_, index) => `"a${index}":0`).join()}}`, "ERR_OPENC2_JSON_MEMBERS"],
];

const NOT_OPENC2: readonly (readonly [string, object | null, number, string])[] = [
  ["null", null, 400, "ERR_OPENC2_TYPE"],
  ["an empty object", {}, 400, "ERR_OPENC2_"],
  ["somebody else's protocol", { jsonrpc: "2.0", method: "eval", params: ["1"], id: 1 }, 400, "ERR_OPENC2_"],
  ["an action that does not exist", { body: { openc2: { request: { ...query, action: "report" } } } }, 400, `${at}.action`],
  ["an action that is no text", { body: { openc2: { request: { ...query, action: 16 } } } }, 400, `${at}.action`],
  ["no target", { body: { openc2: { request: { action: "query" } } } }, 400, `${at}.target`],
  ["two targets", { body: { openc2: { request: { action: "deny", target: { uri: "a:b", domain_name: "c" } } } } }, 400, `${at}.target`],
  ["a target that does not exist", { body: { openc2: { request: { action: "query", target: { software: {} } } } } }, 400, `${at}.target`],
  ["a member that does not exist", { body: { openc2: { request: { ...query, options: {} } } } }, 400, `${at}.options`],
  ["three times", { body: { openc2: { request: { ...UPDATE, args: { start_time: 1, stop_time: 2, duration: 1 } } } } }, 400, `${at}.args`],
  ["the start_time of 2018", { body: { openc2: { request: { ...UPDATE, args: { start_time: "now" } } } } }, 400, `${at}.args.start_time`],
  [
    "a digest that is none",
    { body: { openc2: { request: { action: "update", target: { "x-swup:software": { ...software, hashes: { sha256: "00" } } } } } } },
    400,
    "sha256",
  ],
  ["features with an argument", { body: { openc2: { request: { ...query, args: { response_requested: "none" } } } } }, 400, `${at}.args`],
];

const UNSUPPORTED: readonly (readonly [string, object, number, string])[] = [
  [
    "an action that is not done here",
    { action: "deny", target: { ipv4_net: "198.51.100.0/24" } },
    501,
    "ERR_CONSUMER_UNSUPPORTED deny ipv4_net",
  ],
  ["a profile nobody knows", { action: "update", target: { "x-other:thing": {} } }, 501, "ERR_OPENC2_UNSUPPORTED"],
  ["an actuator nobody knows", { ...UPDATE, actuator: { "x-other": {} } }, 501, "ERR_OPENC2_UNSUPPORTED"],
  ["a pair that the profile does not have", { ...UPDATE, action: "delete" }, 501, "ERR_OPENC2_UNSUPPORTED"],
  ["a cancel of nothing", { action: "cancel", target: { command: "nothing" } }, 404, "ERR_CONSUMER_NOTHING_TO_CANCEL"],
];

test.each(ILL_FORMED)("ill-formed JSON: %s", async (_what, body, code) => {
  const { text } = await world.send(post(body, { "X-Request-ID": "abuse-1" }));
  expectRefusal(text, 400, code);
  // The text itself has no id that could be read; the header has.
  expect(parseReply(text).headers["x-request-id"]).toBe("abuse-1");
});

test("ill-formed JSON: bytes that are not UTF-8", async () => {
  const { text } = await world.send(post("", { "Content-Length": "4" }) + "{\xff\xfe}");
  expectRefusal(text, 400, "ERR_OPENC2_JSON_ENCODING");
});

test.each(NOT_OPENC2)("JSON that is no OpenC2: %s", async (_what, message, status, reason) => {
  const { text } = await world.send(post(JSON.stringify(message)));
  expectRefusal(text, status, reason);
  expect(world.done).toEqual([]);
});

test("a response is no command, and gets no response that could be answered in turn", async () => {
  const { text } = await world.send(post(JSON.stringify({ body: { openc2: { response: { status: 200 } } } })));
  expect([parseReply(text).status, parseReply(text).body]).toEqual([400, ""]);
});

test.each(UNSUPPORTED)("OpenC2 that is not supported: %s", async (_what, command, status, reason) => {
  const { text } = await world.send(post(request(command)));
  expectRefusal(text, status, reason);
  expect(parseReply(text).message?.headers["request_id"]).toBe("r-1");
  expect(world.done).toEqual([]);
});

test("a handler that fails: 500, and nothing of the inside", async () => {
  const { text } = await world.send(post(request({ action: "query", target: { "x-swup:software": { name: "famousModel" } } })));
  expectRefusal(text, 500, "query x-swup:software failed in this consumer");
});

test("under none the same faults have the same status, and an empty body once none was read", async () => {
  const none = { response_requested: "none" };
  for (const [command, status] of [
    [{ ...UPDATE, args: { ...none, start_time: "now" } }, 400],
    [{ ...UPDATE, args: { ...none, stop_time: 1 } }, 501],
    [{ action: "deny", target: { ipv4_net: "198.51.100.0/24" }, args: none }, 501],
  ] as const) {
    const { text } = await world.send(post(request(command)));
    expect([parseReply(text).status, parseReply(text).body]).toEqual([status, ""]);
  }
  const { text } = await world.send(post(`{"args":{"response_requested":"none"},`));
  expectRefusal(text, 400, "ERR_OPENC2_JSON_SYNTAX");
});

test("after all of it the consumer still answers, on a connection that had its share of faults", async () => {
  const { text } = await world.send([post("{"), post("[]"), post(request(query))], 3);
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["400", "400", "200"]);
});

/** Both statuses, the reason, and no trace of files, stacks or types of ours. */
function expectRefusal(text: string, status: number, reason: string): void {
  const reply = parseReply(text);
  expect([reply.status, reply.response?.["status"]]).toEqual([status, status]);
  expect(reply.response?.["status_text"]).toContain(reason);
  expect(reply.response?.["status_text"]).toStartWith("ERR_");
  expect(text).not.toMatch(/\bat \S+:\d+|\.ts\b|node_modules|\/src\/|TypeError|secret/);
}
