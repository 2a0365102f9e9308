/** HTTPS v1.1 as a consumer must speak it: what each answer says in HTTP, header by header, over real mutual TLS. */
import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { JSON_TYPE, parseReply, post, PRODUCER, request, UPDATE, World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => {
  world.deliveries.length = world.done.length = 0;
});
afterAll(() => world.stop());

const QUERY = { action: "query", target: { features: ["versions"] } };

test("query features: 200, with every header that the specification names", async () => {
  const { text, isClosed } = await world.send(post(request(QUERY), { "X-Request-ID": "r-1" }));
  const { status, headers, message } = parseReply(text);
  expect([status, isClosed]).toEqual([200, false]);
  expect(headers).toEqual({
    date: expect.stringMatching(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/),
    "cache-control": "no-cache",
    "content-type": JSON_TYPE,
    "x-request-id": "r-1",
    "content-length": expect.any(String),
  });
  expect(message).toEqual({
    headers: { request_id: "r-1", created: expect.any(Number), from: "cam-1" },
    body: { openc2: { response: { status: 200, results: { versions: ["1.0"] } } } },
  });
});

test("the consumer hears who sent it from the certificate, and of the header's id", async () => {
  await world.send(post(request(QUERY, { from: "somebody-else" }), { "X-Request-ID": "h-7" }));
  expect(world.deliveries).toMatchObject([{ peer: PRODUCER, requestId: "h-7", serialisation: "json", dialect: "any" }]);
});

test("an id in the header alone comes back in header and body (HTTPS v1.1 §3.3.3)", async () => {
  const { headers, message } = parseReply((await world.send(post(request(QUERY, { from: "p" }), { "X-Request-ID": "h-8" }))).text);
  expect([headers["x-request-id"], message?.headers["request_id"]]).toEqual(["h-8", "h-8"]);
});

test("an id in the body alone comes back in header and body", async () => {
  const { headers, message } = parseReply((await world.send(post(request(QUERY, { request_id: "b-9" })))).text);
  expect([headers["x-request-id"], message?.headers["request_id"]]).toEqual(["b-9", "b-9"]);
});

test.each([
  ["as printed", JSON_TYPE, JSON_TYPE],
  ["with a space", "application/openc2+json; version=1.0", JSON_TYPE],
  ["in upper case", "Application/OpenC2+JSON;Version=1.0", JSON_TYPE],
  ["quoted", 'application/openc2+json;version="1.0"', JSON_TYPE],
  ["without a version", "application/openc2+json", JSON_TYPE],
  ["of HTTPS v1.0", "application/openc2-cmd+json;version=1.0", "application/openc2-rsp+json;version=1.0"],
])("a media type %s is read", async (_what, given, answered) => {
  const { status, headers } = parseReply((await world.send(post(request(QUERY), { "Content-Type": given }))).text);
  expect([status, headers["content-type"]]).toEqual([200, answered]);
});

test.each([
  "application/json",
  "application/openc2+json;version=2.0",
  "application/openc2+json;charset=utf-8",
  "application/openc2-rsp+json;version=1.0",
  "application/openc2+cbor;version=1.0",
  "text/plain",
  "",
])('a media type "%s" is refused with 400, and answered in the standard one', async (given) => {
  const { status, headers, response } = parseReply((await world.send(post(request(QUERY), { "Content-Type": given }))).text);
  expect([status, headers["content-type"]]).toEqual([400, JSON_TYPE]);
  expect(response).toMatchObject({ status: 400, status_text: expect.stringMatching(/^ERR_CHANNEL_MEDIA_TYPE /) });
  expect(world.deliveries).toEqual([]);
});

test("ack: OpenC2 102 inside HTTP 200, because 102 cannot end an exchange", async () => {
  const command = { ...UPDATE, args: { response_requested: "ack" }, command_id: "ack-1" };
  const { status, response } = parseReply((await world.send(post(request(command)))).text);
  expect([status, response]).toEqual([200, { status: 102 }]);
});

test("none: 200 with nothing in it, after the command was accepted", async () => {
  const command = { ...UPDATE, args: { response_requested: "none" }, command_id: "none-1" };
  const { status, headers, body } = parseReply((await world.send(post(request(command, null), { "X-Request-ID": "n-1" }))).text);
  expect([status, body]).toEqual([200, ""]);
  expect(headers).toMatchObject({ "content-length": "0", "x-request-id": "n-1" });
  expect(headers).not.toHaveProperty("content-type");
});

test("none, but refused: the status and nothing else", async () => {
  const command = { action: "deny", target: { ipv4_net: "198.51.100.0/24" }, args: { response_requested: "none" } };
  const { status, headers, body } = parseReply((await world.send(post(request(command)))).text);
  expect([status, headers["content-length"], body]).toEqual([501, "0", ""]);
});

test.each(["GET", "PUT", "CONNECT", "post", "BREW"])("the method %s: 501, since only statuses of OpenC2 may be used", async (method) => {
  const reply = parseReply((await world.send(post(request(QUERY)).replace("POST", method))).text);
  expect([reply.status, reply.response?.["status"]]).toEqual([501, 501]);
  expect(reply.response?.["status_text"]).toStartWith("ERR_CHANNEL_METHOD");
});

test("the method HEAD: 501 and no body (RFC 9110 §9.3.2)", async () => {
  const { status, headers, body } = parseReply((await world.send(post(request(QUERY)).replace("POST", "HEAD"))).text);
  expect([status, headers["content-length"], body]).toEqual([501, "0", ""]);
});

test.each([
  "/",
  "/openc2",
  "/.well-known/openc2/",
  "/.well-known/openc2?x",
  "/.well-known/../.well-known/openc2",
  "/%2ewell-known/openc2",
  "*",
])("the path %s: 404", async (path) => {
  const reply = parseReply((await world.send(post(request(QUERY)).replace("/.well-known/openc2", path))).text);
  expect([reply.status, reply.response?.["status"], reply.headers["connection"]]).toEqual([404, 404, "close"]);
});

test("a producer of our authority that is not one of ours: 403 with a text, and the consumer hears nothing", async () => {
  const { text } = await world.sendAs(await world.producer("stranger.example"), post(request(QUERY)));
  const { status, response } = parseReply(text);
  expect(status).toBe(403);
  expect(response?.["status_text"]).toBe('ERR_CHANNEL_PEER "stranger.example" is none of this consumer\'s producers');
  expect(world.deliveries).toEqual([]);
});

test("fifty requests on one connection, and then one that closes it", async () => {
  const { text, isClosed } = await world.send(
    [...Array.from({ length: 50 }, () => post(request(QUERY))), post(request(QUERY), { Connection: "close" })],
    52,
  );
  expect([text.match(/HTTP\/1\.1 200 OK/g)?.length, isClosed]).toEqual([51, true]);
});

test("an overloaded consumer: 503 with Retry-After", async () => {
  const busy = await World.start({ consumer: { receive: async () => ({ kind: "silence", status: 503 }) } });
  const { status, headers } = parseReply((await busy.send(post(request(QUERY)))).text);
  await busy.stop();
  expect([status, headers["retry-after"]]).toEqual([503, "10"]);
});

test("testing: plain HTTP when asked for, and never beside operations (HTTPS v1.1 §4.1)", async () => {
  const tls = { certPem: "", keyPem: "", caPem: "" };
  await expect(World.start({ testing: true, tls })).rejects.toMatchObject({ code: "ERR_CHANNEL_TARGET" });
  const { promise, resolve } = Promise.withResolvers<string>();
  const plain = await World.start({
    testing: true,
    tls: undefined as never,
    isAllowed: () => true,
    consumer: { receive: async ({ peer }) => (resolve(peer), { kind: "silence", status: 200 }) },
  });
  expect(parseReply(await plain.sendPlain(post(request(QUERY)))).status).toBe(200);
  expect(await promise).toBe("testing");
  await plain.stop();
});

test("operations: a request without TLS gets nothing", async () => {
  expect(await world.sendPlain(post(request(QUERY)))).toBe("");
});

test("a stop lets an answer under way out", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const slow = await World.start({
    consumer: { receive: async () => (asked.resolve(), await answer.promise, { kind: "silence", status: 200 }) },
  });
  const reply = slow.send(post(request(QUERY)), 2);
  await asked.promise;
  const stopped = slow.stop();
  answer.resolve();
  expect(parseReply((await reply).text)).toMatchObject({ status: 200, headers: { "content-length": "0" } });
  await stopped;
});
