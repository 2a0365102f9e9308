/** What hostile or broken devices do to a stream of events, and with what they post beside it. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { OPENING_MAX_MS, UPWARD_FRAMES_PER_SECOND_MAX, UPWARD_MESSAGE_BYTES_MAX } from "../../src/channel/limits.ts";
import { EDICT_JSON, encodeCheckIn, OPENC2_JSON } from "../../src/channel/wire/index.ts";
import { encodeRequest, encodeResponse } from "../../src/openc2/index.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";
import { makeCheckIn } from "./device.ts";
import { ask, EventSourceDevice, post } from "./event-source.ts";
import { TestManager } from "./manager.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const CHECK_IN = text(encodeCheckIn(makeCheckIn()));
const RESPONSE = text(encodeResponse({ request_id: "q-1" }, { status: 200 }));
const POST = "POST /.well-known/openc2 HTTP/1.1\r\nHost: localhost\r\n";
const OURS = `${POST}Content-Type: ${EDICT_JSON}\r\n`;
const NO_STREAM = "HTTP/1.1 503 Service Unavailable ERR_CHANNEL_NO_STREAM";

let manager: TestManager;
let gateway: Gateway;
let device: EventSourceDevice;
let identity: Issued;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
  identity = await manager.issue(3);
  device = await EventSourceDevice.dial(peer());
  await device.secret();
});

afterEach(() => manager.stop());

const peer = (other = identity) => ({ port: gateway.port, caPem: manager.authority.certificatePem, identity: other });
const reasons = () => manager.of("refused").map(({ reason }) => reason);

test.each([
  ["without a length", `${OURS}\r\n`, "411 Length Required"],
  ["longer than any message", `${OURS}Content-Length: ${UPWARD_MESSAGE_BYTES_MAX + 1}\r\n\r\n`, "413 Content Too Large"],
  ["in chunks with a length (request smuggling)", `${OURS}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n`, "400 Bad Request"],
  ["with two lengths (request smuggling)", `${OURS}Content-Length: 4\r\nContent-Length: 5\r\n\r\n`, "400 Bad Request"],
  ["with a second request behind it", `${OURS}Content-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n`, "400 Bad Request"],
  ["of a page of another origin", `${OURS}Origin: https://evil.example\r\nContent-Length: 2\r\n\r\n{}`, "403 Forbidden"],
  ["of a form", `${POST}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`, "415 Unsupported Media Type"],
  ["to another path", "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", "501 Not Implemented"],
])("a POST %s is refused, and the stream stands", async (_what, request, status) => {
  expect(await ask(peer(), request)).toBe(`HTTP/1.1 ${status} ERR_CHANNEL_HTTP`);
  await manager.until(() => reasons().length === 1);
  expect([reasons(), gateway.stats().channels]).toEqual([["ERR_CHANNEL_HTTP"], 1]);
});

test.each([
  ["for a page of another origin", "Origin: https://evil.example\r\n", "403 Forbidden"],
  ["with a body", "Content-Length: 5\r\n", "400 Bad Request"],
  ["with a line that smuggles another", "Last-Event-ID: 1\rX: 2\r\n", "400 Bad Request"],
  ["that names its last event twice", "Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n", "400 Bad Request"],
])("a GET %s is refused", async (_what, header, status) => {
  const request = `GET /.well-known/openc2 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${header}\r\n`;
  expect(await ask(peer(), request)).toBe(`HTTP/1.1 ${status} ERR_CHANNEL_HTTP`);
});

test.each([
  ["a command of its own", text(encodeRequest({}, { action: "query", target: { features: [] } })), OPENC2_JSON],
  ["a response under the type of a check-in", RESPONSE, EDICT_JSON],
  ["a check-in under the type of a response", CHECK_IN, OPENC2_JSON],
  ["an answer to a question that is none", '{"alive":7}', EDICT_JSON],
])("%s is not taken, and the stream stands", async (_what, body, type) => {
  expect(await device.post(body, type)).toBe("HTTP/1.1 400 Bad Request ERR_CHANNEL_MESSAGE");
  expect(gateway.stats().channels).toBe(1);
});

test("a copy of the key cannot speak beside the genuine stream, nor beside none (a stolen certificate)", async () => {
  expect(await post(peer(), CHECK_IN)).toBe(NO_STREAM);
  expect(await post(peer(), CHECK_IN, { secret: "0".repeat(32) })).toBe(NO_STREAM);
  expect(await post(peer(await manager.issue(4)), CHECK_IN, { secret: await device.secret() })).toBe(NO_STREAM);
  await device.checkIn();
  await manager.checkedIn(1);
  expect(manager.of("check-in")).toHaveLength(1);
});

test("a device has one budget, however many connections it posts on", async () => {
  const answers = await Promise.all(Array.from({ length: 3 * UPWARD_FRAMES_PER_SECOND_MAX }, () => device.checkIn()));
  expect(answers).toContain("HTTP/1.1 429 Too Many Requests ERR_CHANNEL_BUDGET");
  expect(gateway.stats().channels).toBe(1);
});

test("a body that does not come is waited for no longer than an opening (slow POST)", async () => {
  const answer = ask(peer(), `${OURS}Content-Length: 99\r\n\r\n{`);
  while (gateway.stats().handshakes < 2) await turn();
  manager.skewMs = OPENING_MAX_MS + 1;
  expect(await answer).toBe("");
  await manager.until(() => reasons().length === 1);
  expect(reasons()).toEqual(["ERR_CHANNEL_TIMEOUT"]);
});

test("whoever says something on a stream's own connection loses it", async () => {
  device.socket.write("GET / HTTP/1.1\r\n\r\n");
  await device.closed;
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(manager.of("disconnected")).toMatchObject([{ reason: "ERR_CHANNEL_HTTP" }]);
});

test("a post is told to come later while the manager does not say who that is", async () => {
  manager.admit = () => {
    throw new Error("the manager is away");
  };
  expect(await device.checkIn()).toBe("HTTP/1.1 503 Service Unavailable ERR_CHANNEL_BUSY");
});
