/** What hostile or broken devices do to a channel, and that it costs nobody else anything. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { OPENING_MAX_MS, UPWARD_FRAMES_PER_SECOND_MAX } from "../../src/channel/limits.ts";
import { CLOSE, encodeFrame, OPCODES } from "../../src/channel/wire/index.ts";
import { encodeRequest } from "../../src/openc2/index.ts";
import { TestManager } from "./manager.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const MASK = new Uint8Array([1, 2, 3, 4]);

let manager: TestManager;
let gateway: Gateway;

beforeAll(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

beforeEach(() => {
  manager.reports.length = 0;
  manager.skewMs = 0;
});

afterAll(() => manager.stop());

/** Speaks raw bytes over a good certificate and returns all that comes back until the gateway closes. */
async function answerTo(request: string): Promise<string> {
  const identity = await manager.issue(9);
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port: gateway.port,
    tls: { ca: manager.authority.certificatePem, cert: identity.certificatePem, key: identity.privateKeyPem, serverName: "localhost" },
    socket: {
      handshake: (socket) => void socket.write(request),
      data: (_socket, chunk) => void (answer += new TextDecoder().decode(chunk)),
      close: () => resolve(answer),
    },
  });
  return promise;
}

test.each([
  ["another path", "GET /other HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found"],
  ["a PUT", "PUT /.well-known/openc2 HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented"],
  ["no upgrade", "GET /.well-known/openc2 HTTP/1.1\r\nHost: a\r\n\r\n", "426 Upgrade Required"],
  ["no HTTP", "\x16\x03\x01 nonsense\r\n\r\n", "400 Bad Request"],
  ["a head without end", `GET / HTTP/1.1\r\nA: ${"x".repeat(5_000)}`, "400 Bad Request"],
  [
    "a request with the first frames behind it (request smuggling)",
    "GET /.well-known/openc2 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: openc2\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "400 Bad Request",
  ],
])("%s is answered and closed", async (_what, request, status) => {
  expect(await answerTo(request)).toStartWith(`HTTP/1.1 ${status}\r\n`);
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")).toMatchObject([{ reason: "ERR_CHANNEL_HTTP" }]);
});

test.each([
  ["an unmasked frame", encodeFrame(OPCODES.text, bytes("{}")), CLOSE.protocol, "ERR_CHANNEL_FRAME"],
  ["a frame larger than any message", encodeFrame(OPCODES.text, new Uint8Array(9_000), MASK), CLOSE.tooBig, "ERR_CHANNEL_FRAME"],
  ["what is no message", encodeFrame(OPCODES.text, bytes("{}"), MASK), CLOSE.policy, "ERR_CHANNEL_MESSAGE"],
  [
    "a command of its own",
    encodeFrame(OPCODES.text, encodeRequest({}, { action: "query", target: { features: [] } }), MASK),
    CLOSE.policy,
    "ERR_CHANNEL_MESSAGE",
  ],
  ["more bytes than it may", new Uint8Array(40_000), CLOSE.policy, "ERR_CHANNEL_BUDGET"],
  [
    "more pings than it may",
    Buffer.concat(Array.from({ length: UPWARD_FRAMES_PER_SECOND_MAX + 2 }, () => encodeFrame(OPCODES.ping, new Uint8Array(0), MASK))),
    CLOSE.policy,
    "ERR_CHANNEL_BUDGET",
  ],
])("a device that sends %s is closed with a code that says so", async (_what, wire, code, reason) => {
  const device = await manager.dial(1);
  device.raw(wire);
  expect(await device.closed).toEqual({ code, reason });
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 1, reason }]);
});

test("a connection that never finishes its request is closed and reported", async () => {
  const identity = await manager.issue(4);
  const { promise, resolve } = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: "127.0.0.1",
    port: gateway.port,
    tls: { ca: manager.authority.certificatePem, cert: identity.certificatePem, key: identity.privateKeyPem, serverName: "localhost" },
    socket: { handshake: (socket) => void socket.write("GET /"), data() {}, close: () => resolve() },
  });
  manager.skewMs = OPENING_MAX_MS + 1_000;
  await promise;
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")).toMatchObject([{ reason: "ERR_CHANNEL_TIMEOUT" }]);
});

test("a manager that cannot say who this is costs the device a retry, not the gateway its life", async () => {
  const { admit } = manager;
  manager.admit = () => {
    throw new Error("the database is locked");
  };
  const device = await manager.connect(await manager.issue(5));
  expect(await device.opened).toBe(false);
  manager.admit = admit;
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")).toMatchObject([{ reason: "ERR_CHANNEL_BUSY" }]);
  const again = await manager.stand(5);
  await manager.checkedIn(1);
  again.leave();
  await again.closed;
});

test("a stop says goodbye with the delay, and every channel's end is reported", async () => {
  const device = await manager.stand(6);
  await manager.checkedIn(1);
  await gateway.stop({ delayMs: 1_234 });
  expect(await device.closed).toEqual({ code: CLOSE.goingAway, reason: "gateway-stopped" });
  expect(device.messages).toEqual(['{"goodbye":{"delay_ms":1234}}']);
  expect(manager.of("disconnected").filter(({ reason }) => reason === "gateway-stopped").length).toBe(1);
  gateway = await manager.start();
});
