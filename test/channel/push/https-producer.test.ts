/** The producer against our own consumer, and against scripted ones that behave as those in the field do. */
import "reflect-metadata";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Habits, HTTPS_PEERS } from "../../../src/channel/push/habits.ts";
import { HttpsProducer } from "../../../src/channel/push/https-producer.ts";
import { ANSWER_BYTES_MAX } from "../../../src/channel/push/limits.ts";
import { outcomeOf } from "../../../src/channel/push/outcome.ts";
import type { Command } from "../../../src/openc2/model.ts";
import { createAuthority, issueServer } from "../../../src/trust/sign/certificate-authority.ts";
import { JSON_TYPE, parseReply, PRODUCER, request, UPDATE, World } from "./world.ts";

interface Recorded {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}
interface Recordings {
  readonly "yuuki consumer": readonly Recorded[];
  readonly "oif orchestrator": readonly { readonly head: readonly string[]; readonly body: string }[];
}
const recordings = JSON.parse(readFileSync(join(import.meta.dir, "../../../vectors/interop/https.json"), "utf8")) as Recordings;

const QUERY: Command = { action: "query", target: { features: ["versions"] } };
const NONE = { ...UPDATE, args: { response_requested: "none" }, command_id: "p-1" } as const;
const ACK = { ...UPDATE, args: { response_requested: "ack" }, command_id: "p-2" } as const;

let world: World;
let producer: HttpsProducer;
let stops: (() => void)[] = [];

beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  world.deliveries.length = 0;
  producer = await make();
});
afterEach(() => {
  producer.close();
  for (const stop of stops) stop();
  stops = [];
});
afterAll(() => world.stop());

async function make(overrides: { timeoutMs?: number; newRequestId?: () => string } = {}): Promise<HttpsProducer> {
  const { certificatePem, privateKeyPem } = await world.producer();
  return new HttpsProducer({
    name: "isp.example",
    tls: { certPem: certificatePem, keyPem: privateKeyPem, caPem: world.authority.certificatePem },
    timeoutMs: 5_000,
    clock: { nowMs: () => 1_795_600_000_000 },
    ...overrides,
  });
}

function url(port = world.consumer.port, host = "localhost"): string {
  return `https://${host}:${port}`;
}

/** A consumer that answers every request with the same bytes. Returns its port and what it was sent. */
async function scripted(answer: string, { closes = false, authority = world.authority, names = ["localhost"], nowMs = Date.now() } = {}) {
  const { certificatePem: cert, privateKeyPem: key } = await issueServer(authority, { names, nowMs, validDays: 1 });
  const seen: string[] = [];
  const listener = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert, key, ca: world.authority.certificatePem, requestCert: true, rejectUnauthorized: true },
    socket: {
      data(socket, chunk) {
        seen.push(chunk.toString("latin1"));
        if (!/\r\n\r\n./.test(seen.join(""))) return;
        socket.write(answer);
        if (closes) socket.end();
      },
    },
  });
  stops.push(() => listener.stop(true));
  return { port: listener.port, seen };
}

function reply(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function responseTo(id: string | undefined, response: object): string {
  return JSON.stringify({ headers: { ...(id && { request_id: id }), from: "c" }, body: { openc2: { response } } });
}

test("a command reaches a consumer and its response comes back", async () => {
  const outcome = await producer.send(QUERY, { url: url() });
  expect(outcome).toEqual({ kind: "response", status: 200, response: { status: 200, results: { versions: ["1.0"] } } });
  expect(world.deliveries).toMatchObject([{ peer: PRODUCER }]);
});

test("the request has every header that HTTPS v1.1 §3.4 asks a producer for, and one id in header and body", async () => {
  const { port, seen } = await scripted(reply(503, ""));
  await producer.send(QUERY, { url: url(port), name: "cam-1" });
  const { headers, message } = parseReply(seen.join(""));
  const id = headers["x-request-id"] ?? "";
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(seen.join("")).toStartWith("POST /.well-known/openc2 HTTP/1.1\r\n");
  expect(headers).toMatchObject({
    host: `localhost:${port}`,
    "content-type": JSON_TYPE,
    accept: JSON_TYPE,
    date: new Date(1_795_600_000_000).toUTCString(),
    "cache-control": "no-cache",
  });
  expect(message?.headers).toEqual({ request_id: id, created: 1_795_600_000_000, from: "isp.example", to: ["cam-1"] });
});

test("bytes for many go out as they are, with an id of their own in the header alone; a counter will do", async () => {
  const bytes = new TextEncoder().encode(request(NONE, { from: "isp.example" }));
  const outcomes = [];
  for (let count = 1; count <= 3; count += 1)
    outcomes.push(await producer.deliver(bytes, { url: url() }, { requestId: `7f1c-${count}`, requested: "none" }));
  expect(outcomes).toEqual([{ kind: "accepted" }, { kind: "accepted" }, { kind: "accepted" }]);
  expect(world.deliveries.map(({ requestId, bytes: got }) => [requestId, Buffer.compare(got, bytes)])).toEqual([
    ["7f1c-1", 0],
    ["7f1c-2", 0],
    ["7f1c-3", 0],
  ]);
});

test("one connection serves many commands", async () => {
  const { seen, port } = await scripted(reply(200, ""));
  for (let count = 0; count < 5; count += 1) await producer.send(NONE, { url: url(port) });
  // A new connection would have begun with a handshake of its own; the script would not have seen a second request on the first.
  expect(seen.join("").match(/POST /g)).toHaveLength(5);
});

test.each([
  ["none: empty 200", NONE, reply(200, ""), { kind: "accepted" }],
  ["none: 204", NONE, "HTTP/1.1 204 No Content\r\n\r\n", { kind: "accepted" }],
  [
    "none: a full response all the same",
    NONE,
    reply(200, responseTo(undefined, { status: 200 })),
    { kind: "response", status: 200, response: { status: 200 } },
  ],
  ["none: refused with nothing said", NONE, reply(403, ""), { kind: "refused", status: 403 }],
  ["overload", QUERY, reply(503, ""), { kind: "refused", status: 503 }],
  ["a status that OpenC2 does not have", QUERY, reply(429, ""), { kind: "refused", status: 400 }],
])("%s", async (_what, command, answer, outcome) => {
  const { port } = await scripted(answer);
  expect(await producer.send(command, { url: url(port) })).toEqual(outcome as never);
});

test("otupy's way to acknowledge: HTTP 102, then it closes", async () => {
  const { port } = await scripted("HTTP/1.1 102 PROCESSING\r\nServer: Werkzeug\r\nConnection: close\r\n\r\n", { closes: true });
  const habits = HTTPS_PEERS.otupy;
  expect(await producer.send(ACK, { url: url(port), habits })).toEqual({ kind: "response", status: 102, response: { status: 102 } });
  // For a command that wants its end told it is no answer, and for one that closes without it there is none.
  await expect(producer.send(QUERY, { url: url(port), habits })).rejects.toMatchObject({ code: "ERR_CHANNEL_RESPONSE" });
  const silent = await scripted("", { closes: true });
  await expect(producer.send(ACK, { url: url(silent.port), habits })).rejects.toMatchObject({ code: "ERR_CHANNEL_UNREACHABLE" });
});

test.each([
  ["a good response to another command", reply(200, responseTo("other", { status: 200 }))],
  ["a status in HTTP that the response contradicts", reply(500, responseTo(undefined, { status: 200 }))],
  ["a page", reply(200, "<html>login</html>")],
  ["a command", reply(200, request(QUERY))],
  ["a response with a status that does not exist", reply(200, responseTo(undefined, { status: 299 }))],
  ["nothing, where a response was asked for", reply(200, "")],
  ["a redirect, which is not followed", "HTTP/1.1 307 X\r\nLocation: https://elsewhere.example/\r\nContent-Length: 2\r\n\r\n{}"],
  ["more than an answer may hold", reply(200, "a".repeat(ANSWER_BYTES_MAX + 1))],
])("%s is no answer", async (_what, answer) => {
  const { port } = await scripted(answer);
  await expect(producer.send(QUERY, { url: url(port) })).rejects.toMatchObject({ code: "ERR_CHANNEL_RESPONSE" });
});

test("an error under an id that the consumer made up is heard, as otupy does it", async () => {
  const { port } = await scripted(reply(400, responseTo("made-up", { status: 400, status_text: "Invalid" })));
  expect(await producer.send(QUERY, { url: url(port), habits: HTTPS_PEERS.otupy })).toMatchObject({ kind: "response", status: 400 });
});

test("a consumer that does not answer in time, or is not there", async () => {
  const hasty = await make({ timeoutMs: 100 });
  const { port } = await scripted("");
  await expect(hasty.send(QUERY, { url: url(port) })).rejects.toMatchObject({ code: "ERR_CHANNEL_UNREACHABLE" });
  await expect(hasty.send(QUERY, { url: url(1) })).rejects.toMatchObject({ code: "ERR_CHANNEL_UNREACHABLE" });
  hasty.close();
});

test("an impostor gets no command: wrong authority, wrong name, expired", async () => {
  const stranger = await createAuthority("test authority", { nowMs: Date.now() });
  const impostors = [
    await scripted(reply(200, ""), { authority: stranger }),
    await scripted(reply(200, ""), { names: ["elsewhere.example"] }),
    await scripted(reply(200, ""), { nowMs: Date.now() - 10 * 86_400_000 }),
  ];
  for (const { port, seen } of impostors) {
    await expect(producer.send(NONE, { url: url(port) })).rejects.toMatchObject({ code: "ERR_CHANNEL_UNREACHABLE" });
    expect(seen).toEqual([]);
  }
});

test("with certificates nothing is sent in the clear", async () => {
  await expect(producer.send(QUERY, { url: "http://localhost:1" })).rejects.toMatchObject({ code: "ERR_CHANNEL_TARGET" });
});

test("what we send to Yuuki is what it accepted, to the byte, and what it answered is understood", async () => {
  const accepted = recordings["yuuki consumer"].find(({ name }) => name === "q_features_profile_map");
  if (accepted === undefined) throw new Error("the recording is gone");
  const { port, seen } = await scripted(reply(accepted.status, accepted.answer));
  const { certificatePem, privateKeyPem } = await world.producer();
  const ours = new HttpsProducer({
    name: "ours",
    tls: { certPem: certificatePem, keyPem: privateKeyPem, caPem: world.authority.certificatePem },
    timeoutMs: 5_000,
    clock: { nowMs: () => 1_760_000_000_000 },
    newRequestId: () => "d1ac0489-ed51-4345-9175-f3078f30afe5",
  });
  const command: Command = { action: "query", target: { features: ["versions", "profiles"] }, actuator: { slpf: {} } };
  const outcome = await ours.send(command, { url: url(port), habits: HTTPS_PEERS.yuuki, name: "otupy-consumer" });
  ours.close();
  const { headers, body } = parseReply(seen.join(""));
  expect(seen.join("")).toStartWith(`POST ${accepted.path} HTTP/1.1\r\n`);
  expect([headers["content-type"], body]).toEqual([accepted.type, accepted.body]);
  expect(outcome).toMatchObject({ kind: "response", status: 200, response: { results: { profiles: ["slpf"] } } });
});

test.each(recordings["yuuki consumer"])("every answer of Yuuki is understood: $name", ({ body, status, answer }) => {
  const requested = (/"response_requested":"(\w+)"/.exec(body)?.[1] ?? "complete") as "none" | "ack" | "status" | "complete";
  const asked = { requestId: "d1ac0489-ed51-4345-9175-f3078f30afe5", requested };
  const outcome = outcomeOf({ status, body: new TextEncoder().encode(answer) }, asked, HTTPS_PEERS.yuuki satisfies Habits);
  const said =
    answer === "" ? undefined : (JSON.parse(answer) as { body: { openc2: { response: { status: number } } } }).body.openc2.response;
  expect(outcome).toMatchObject(said === undefined ? { kind: "accepted" } : { kind: "response", status: said.status as 200 });
});

test.each(recordings["oif orchestrator"])("the OIF orchestrator is read and answered: %#", async ({ head, body }) => {
  const addressed = await World.start({ consumer: { receive: async () => ({ kind: "silence", status: 200 }) } });
  const { text } = await addressed.send(`${head.join("\r\n")}\r\n\r\n${body}`);
  await addressed.stop();
  expect(parseReply(text)).toMatchObject({
    status: 200,
    headers: { "x-request-id": /X-Request-ID: (\S+)/.exec(head.join("\n"))?.[1] ?? "" },
  });
});
