/** Requests that two readers could read in two ways, and peers that mean to hold the consumer up: over a raw TLS socket. */
import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  ANSWER_TAKEN_MAX_MS,
  BODY_BYTES_MAX,
  CONNECTIONS_PER_PEER_MAX,
  IDLE_MAX_MS,
  LETTING_GO_MAX_MS,
  PIPELINED_BYTES_MAX,
  REQUEST_MAX_MS,
  REQUESTS_PER_SECOND_PER_PEER_MAX,
  REQUESTS_UNDER_WAY_MAX,
  RETRY_AFTER_SECONDS,
} from "../../../src/channel/push/limits.ts";
import { Exchange } from "../../../src/channel/push/exchange.ts";
import { PushConnection } from "../../../src/channel/push/connection.ts";
import { Peers } from "../../../src/channel/push/peers.ts";
import { HEAD_BYTES_MAX } from "../../../src/channel/limits.ts";
import { JSON_TYPE, parseReply, post, request, World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => {
  world.deliveries.length = 0;
});
afterAll(() => world.stop());

const BODY = request({ action: "query", target: { features: [] } });
const HEAD = `POST /.well-known/openc2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${JSON_TYPE}\r\n`;
const LENGTH = `Content-Length: ${BODY.length}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const SMUGGLED = "POST /.well-known/openc2 HTTP/1.1\r\nHost: smuggled\r\n\r\n";
const inChunks = (size: number) =>
  `${BODY.replaceAll(new RegExp(`.{1,${size}}`, "g"), (part) => `${part.length.toString(16)}\r\n${part}\r\n`)}0\r\n\r\n`;

test.each([
  ["a body with its length", HEAD + LENGTH + "\r\n" + BODY],
  ["a body in one chunk", HEAD + CHUNKED + "\r\n" + inChunks(10_000)],
  ["a body in chunks of one byte", HEAD + CHUNKED + "\r\n" + inChunks(1)],
  ["chunks with extensions and trailers", HEAD + CHUNKED + `\r\n${BODY.length.toString(16)};a=b\r\n${BODY}\r\n0;x\r\nExpires: 0\r\n\r\n`],
  ["the absolute form", HEAD.replace("/.well", "https://localhost:8443/.well") + LENGTH + "\r\n" + BODY],
  ["tabs and spaces around values", HEAD + LENGTH.replace(": ", ":\t  ").replace("\r\n", " \t\r\n") + "\r\n" + BODY],
])("%s is read", async (_what, bytes) => {
  expect(parseReply((await world.send(bytes)).text).status).toBe(200);
  expect(new TextDecoder().decode(world.deliveries[0]?.bytes)).toBe(BODY);
});

test.each([
  ["Content-Length and chunked together", HEAD + LENGTH + CHUNKED + "\r\n0\r\n\r\n", 400],
  ["chunked and Content-Length together", HEAD + CHUNKED + LENGTH + `\r\n${inChunks(100)}`, 400],
  ["two equal Content-Lengths", HEAD + LENGTH + LENGTH + "\r\n" + BODY, 400],
  ["two different Content-Lengths", `${HEAD + LENGTH}Content-Length: 3\r\n\r\n${BODY}`, 400],
  ["a Content-Length list", `${HEAD}Content-Length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`, 400],
  ["a signed Content-Length", `${HEAD}Content-Length: +${BODY.length}\r\n\r\n${BODY}`, 400],
  ["a hexadecimal Content-Length", `${HEAD}Content-Length: 0x10\r\n\r\n${BODY}`, 400],
  ["a negative Content-Length", `${HEAD}Content-Length: -1\r\n\r\n`, 400],
  ["an empty Content-Length", `${HEAD}Content-Length:\r\n\r\n`, 400],
  ["an astronomical Content-Length", `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`, 400],
  ["a space before the colon", HEAD + LENGTH.replace(":", " :") + "\r\n" + BODY, 400],
  ["a folded header (obs-fold)", `${HEAD}X-A: b\r\n  c\r\n${LENGTH}\r\n${BODY}`, 400],
  ["a bare CR in a header", `${HEAD}X-A: b\rc\r\n${LENGTH}\r\n${BODY}`, 400],
  ["a bare LF in a header", `${HEAD}X-A: b\nTransfer-Encoding: chunked\r\n${LENGTH}\r\n${BODY}`, 400],
  ["a NUL in a header", `${HEAD}X-A: b\0\r\n${LENGTH}\r\n${BODY}`, 400],
  ["a header without a name", `${HEAD}: b\r\n${LENGTH}\r\n${BODY}`, 400],
  ["two Hosts", `${HEAD}Host: other\r\n${LENGTH}\r\n${BODY}`, 400],
  ["no Host", HEAD.replace("Host: localhost\r\n", "") + LENGTH + "\r\n" + BODY, 400],
  ["two Transfer-Encodings", HEAD + CHUNKED + CHUNKED + `\r\n${inChunks(100)}`, 400],
  ["a Transfer-Encoding that is not chunked", `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n${inChunks(100)}`, 501],
  ["a Transfer-Encoding with a control character", `${HEAD}Transfer-Encoding: \vchunked\r\n\r\n${inChunks(100)}`, 400],
  ["a chunk's size with 0x", HEAD + CHUNKED + `\r\n0x5\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk's size with a sign", HEAD + CHUNKED + `\r\n-5\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk's size with a space", HEAD + CHUNKED + `\r\n5 \r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk's size beyond 32 bits", HEAD + CHUNKED + `\r\n100000005\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk without a size", HEAD + CHUNKED + `\r\n\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk longer than it says", HEAD + CHUNKED + `\r\n2\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk's line ended by LF", HEAD + CHUNKED + `\r\n5\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk extension with LF in it", HEAD + CHUNKED + `\r\n5;a\nx\r\nhello\r\n0\r\n\r\n`, 400],
  ["an endless chunk extension", HEAD + CHUNKED + `\r\n5;${"a".repeat(300)}`, 400],
  ["endless trailers", HEAD + CHUNKED + `\r\n0\r\n${"A: b\r\n".repeat(100)}`, 400],
  ["chunks of more than the limit together", HEAD + CHUNKED + `\r\n${"1000\r\n" + "a".repeat(4_096) + "\r\n"}`.repeat(5), 400],
  ["one chunk that says it is 4 GB long", HEAD + CHUNKED + "\r\nffffffff\r\n", 400],
  ["a body that is encoded", `${HEAD}Content-Encoding: gzip\r\n${LENGTH}\r\n${BODY}`, 400],
  ["an expectation nobody knows", `${HEAD}Expect: 200-ok\r\n${LENGTH}\r\n${BODY}`, 400],
  ["HTTP/1.0", HEAD.replace("HTTP/1.1", "HTTP/1.0") + LENGTH + "\r\n" + BODY, 400],
  ["HTTP/0.9", "POST /.well-known/openc2\r\n\r\n", 400],
  ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["a second space in the request line", HEAD.replace(" HTTP", "  HTTP") + LENGTH + "\r\n" + BODY, 400],
  ["a request line with a tab", HEAD.replace("POST ", "POST\t") + LENGTH + "\r\n" + BODY, 400],
  ["an absolute form with a user", HEAD.replace("/.well", "https://a@b/.well") + LENGTH + "\r\n" + BODY, 404],
  ["more header lines than anybody needs", HEAD + "A: b\r\n".repeat(33) + LENGTH + "\r\n" + BODY, 400],
  ["a head without an end", HEAD + `X-A: ${"a".repeat(HEAD_BYTES_MAX)}`, 400],
  ["noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400],
])("smuggling: %s is refused, and what follows is not a request", async (_what, bytes, status) => {
  const { text, isClosed } = await world.send(bytes + SMUGGLED, 2);
  const reply = parseReply(text);
  expect([reply.status, reply.response?.["status"], reply.headers["connection"], isClosed]).toEqual([status, status, "close", true]);
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(world.deliveries).toEqual([]);
});

test("ten megabytes announced or sent are refused before they are read, and the refusal arrives", async () => {
  const reply = await world.send([`${HEAD}Content-Length: 10000000\r\n\r\n`, "a".repeat(10_000_000)], 2);
  expect(parseReply(reply.text).response).toEqual({
    status: 400,
    status_text: `ERR_CHANNEL_BODY the body has 10000000 bytes, ${BODY_BYTES_MAX} are allowed`,
  });
});

test("a body of exactly the limit reaches the language, one byte more does not", async () => {
  const padded = (bytes: number) => BODY.padEnd(bytes, " ");
  expect(parseReply((await world.send(post(padded(BODY_BYTES_MAX)))).text).status).toBe(200);
  expect(parseReply((await world.send(post(padded(BODY_BYTES_MAX + 1)))).text).response?.["status_text"]).toStartWith("ERR_CHANNEL_BODY ");
});

test("Expect: 100-continue is answered with 100 before the body, and not when the body is there already", async () => {
  const waiting = await world.send(`${HEAD}Expect: 100-continue\r\n${LENGTH}\r\n`, 0);
  expect(waiting.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  const { text } = await world.send(`${HEAD}Expect: 100-continue\r\n${LENGTH}\r\n${BODY}`);
  expect(text).toStartWith("HTTP/1.1 200 OK\r\n");
});

test("requests sent ahead are answered in their order", async () => {
  const { text } = await world.send(
    ["a", "b", "c"].map((id) => post(request({ action: "query", target: { features: [] } }, { request_id: id }))).join(""),
    3,
  );
  expect([...text.matchAll(/X-Request-ID: (\w)/g)].map(([, id]) => id)).toEqual(["a", "b", "c"]);
});

test("a peer that sends ahead more than may wait is cut off", async () => {
  const held = Promise.withResolvers<never>();
  const slow = await World.start({ consumer: { receive: () => held.promise } });
  const { text, isClosed } = await slow.send([post(BODY), "a".repeat(PIPELINED_BYTES_MAX + 1)]);
  expect([text, isClosed]).toEqual(["", true]);
  await slow.stop();
});

test("response splitting: an id from the body never gets into the head", async () => {
  const evil = "x\r\nSet-Cookie: a=b\r\n\r\n<script>";
  const { text } = await world.send(post(request({ action: "query", target: { features: [] } }, { request_id: evil })));
  const { headers, message } = parseReply(text);
  expect(headers).not.toHaveProperty("set-cookie");
  expect(headers).not.toHaveProperty("x-request-id");
  expect(message?.headers["request_id"]).toBe(evil);
});

test("an id longer than any is not copied into a head, whatever becomes of the request", async () => {
  const id = "a".repeat(3_000);
  for (const type of [JSON_TYPE, "text/plain"]) {
    const { text } = await world.send(post(BODY, { "X-Request-ID": id, "Content-Type": type }));
    expect(parseReply(text).status).toBe(type === JSON_TYPE ? 200 : 400);
    expect(text).not.toContain(id);
  }
});

test("a consumer that throws costs its peer an answer of 500 that says nothing of it, and no more", async () => {
  const broken = await World.start({ consumer: { receive: () => Promise.reject(new TypeError("/secret/path")) } });
  const { text } = await broken.send([post(BODY), post(BODY)], 2);
  await broken.stop();
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["500", "500"]);
  expect(text).not.toContain("secret");
});

test("a request that arrives byte by byte is read; one that stops half-way is told so and closed", async () => {
  expect(parseReply((await world.send([...post(BODY)])).text).status).toBe(200);
  const half = world.send([post(BODY), post(BODY).slice(0, -5)], 2);
  while (world.deliveries.length < 2) await Bun.sleep(1);
  world.skewMs = REQUEST_MAX_MS + 1_000;
  const { text, isClosed } = await half.finally(() => (world.skewMs = 0));
  const last = text.slice(text.lastIndexOf("HTTP/1.1"));
  expect([parseReply(last).response?.["status_text"], isClosed]).toEqual(["ERR_CHANNEL_TIMEOUT the request took more than 10000 ms", true]);
});

test("a connection without a request is closed after its time, and not before", async () => {
  const socket = { write: (bytes: Uint8Array) => bytes.length } as never;
  let nowMs = 0;
  const clock = { nowMs: () => nowMs };
  const connection = new PushConnection(socket, {} as never, clock);
  nowMs = 5_000;
  connection.open("p");
  expect([connection.isOverdue(nowMs + IDLE_MAX_MS), connection.isOverdue(nowMs + IDLE_MAX_MS + 1)]).toEqual([false, true]);
});

test("an answer that its peer does not take, and a goodbye that it does not return, end the connection", async () => {
  let nowMs = 0;
  let isTerminated = false;
  let room = 1;
  const socket = { write: () => room, shutdown() {}, terminate: () => (isTerminated = true) } as never;
  const answering = { answer: async () => new Uint8Array(100) } as never;
  const connection = new PushConnection(socket, answering, { nowMs: () => nowMs });
  connection.open("p");
  connection.receive(Buffer.from(post(BODY, { Connection: "close" })));
  await Promise.resolve();
  // One byte was taken; the rest waits.
  expect([connection.isOverdue(ANSWER_TAKEN_MAX_MS), connection.isOverdue(ANSWER_TAKEN_MAX_MS + 1)]).toEqual([false, true]);
  room = 99;
  connection.drain();
  expect([connection.isOverdue(LETTING_GO_MAX_MS), connection.isOverdue(LETTING_GO_MAX_MS + 1), isTerminated]).toEqual([
    false,
    true,
    false,
  ]);
  nowMs = LETTING_GO_MAX_MS + 1;
  connection.expire();
  expect(isTerminated).toBe(true);
});

test("more requests under way than may be: 503, and when they are done there is room again", async () => {
  const held = Promise.withResolvers<{ kind: "silence"; status: 200 }>();
  const peers = { ask: () => true } as never;
  const ports = { consumer: { receive: () => held.promise }, isAllowed: () => true, cbor: false, peers, clock: { nowMs: () => 0 } };
  const exchange = new Exchange({ ...ports, random: () => 1, log: { error() {} } });
  const ask = () => exchange.answer({ media: { serialisation: "json", answer: JSON_TYPE }, body: new Uint8Array(0), isLast: false }, "p");
  const underWay = Array.from({ length: REQUESTS_UNDER_WAY_MAX }, ask);
  const refused = parseReply(new TextDecoder().decode(await ask()));
  expect([refused.status, refused.headers["retry-after"], refused.response?.["status_text"]]).toEqual([
    503,
    String(1.5 * RETRY_AFTER_SECONDS),
    "ERR_CHANNEL_BUSY too many requests are under way",
  ]);
  held.resolve({ kind: "silence", status: 200 });
  await Promise.all(underWay);
  expect(parseReply(new TextDecoder().decode(await ask())).status).toBe(200);
});

test("one peer's connections and requests are counted over all of its connections", () => {
  const peers = new Peers();
  for (let count = 0; count < CONNECTIONS_PER_PEER_MAX; count += 1) expect(peers.connect("p")).toBe(true);
  expect([peers.connect("p"), peers.connect("q")]).toEqual([false, true]);
  let asked = 0;
  while (peers.ask("p")) asked += 1;
  expect(asked).toBeGreaterThanOrEqual(REQUESTS_PER_SECOND_PER_PEER_MAX);
  expect(asked).toBeLessThan(2 * REQUESTS_PER_SECOND_PER_PEER_MAX);
  expect(peers.ask("q")).toBe(true);
  // Reconnecting does not bring the pace back.
  for (let count = 0; count < CONNECTIONS_PER_PEER_MAX; count += 1) peers.disconnect("p");
  peers.sweep();
  peers.connect("p");
  for (asked = 0; peers.ask("p"); ) asked += 1;
  expect(asked).toBeLessThan(REQUESTS_PER_SECOND_PER_PEER_MAX / 2);
});
