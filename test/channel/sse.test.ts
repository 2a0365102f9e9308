/** Channels of server-sent events on the gateway's port: what they have in common with WebSocket channels, and what not. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { CHECK_IN_MAX_MS, CLONE_ANSWER_MAX_MS, IDLE_DEAD_MS, IDLE_PING_MS } from "../../src/channel/limits.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";
import { encodeResponse } from "../../src/openc2/index.ts";
import { EventSourceDevice } from "./event-source.ts";
import { TestManager } from "./manager.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const RESPONSE = text(encodeResponse({ request_id: "q-1" }, { status: 200 }));
/** Frames of 3 KB each: together more than the kernel's buffers and ours. */
const ORDERS = 4_000;

let manager: TestManager;
let gateway: Gateway;
let identity: Issued;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
  identity = await manager.issue(3);
});

afterEach(() => manager.stop());

const peer = () => ({ port: gateway.port, caPem: manager.authority.certificatePem, identity });

async function stand(headers: readonly string[] = []): Promise<EventSourceDevice> {
  const device = await EventSourceDevice.dial(peer(), headers);
  await device.secret();
  return device;
}

/** A stream whose device has checked in. */
async function ready(seen: readonly string[] = []): Promise<EventSourceDevice> {
  const device = await stand();
  expect(await device.checkIn(seen)).toBe("HTTP/1.1 200 OK");
  return device;
}

test("a command is one event: its order's serial, its kind and the signed bytes on one line", async () => {
  const device = await ready();
  const order = await manager.send({ targets: [3] });
  const [command] = await device.received("command");
  expect(command).toEqual({ id: String(order.seq), event: "command", data: text(order.frame) });
  expect(device.text).toStartWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
  await manager.until(() => manager.sentTo().length > 0);
  expect(manager.sentTo()).toEqual([3]);
});

test("WebSocket and event channels get one order in one fan-out, each once", async () => {
  const device = await ready();
  const other = await manager.stand(4);
  await manager.checkedIn(2);
  const order = await manager.send({ targets: [3, 4] });
  expect(await other.received(1)).toEqual([text(order.frame)]);
  expect(await device.received("command")).toHaveLength(1);
  await manager.until(() => manager.sentTo().length === 2);
});

test("a signed text with line ends stays one line and the same JSON (event injection)", async () => {
  const device = await ready();
  const { frame } = await manager.send({ targets: [3] });
  const spread = new TextEncoder().encode(`\r\n${text(frame).replace(",", ",\n\n\r")}\n\n`);
  await manager.send({ targets: [3], commandId: "command-2", frame: spread });
  const [first, second] = await device.received("command", 2);
  expect(JSON.parse(second?.["data"] ?? "")).toEqual(JSON.parse(first?.["data"] ?? ""));
});

test("a device that never checks in, as curl -N alone, gets its commands when its time to do so is over", async () => {
  const device = await stand();
  await manager.send({ targets: [3] });
  manager.skewMs = CHECK_IN_MAX_MS + 1;
  expect(await device.received("command")).toHaveLength(1);
});

test("Last-Event-ID: what was sent after the order that it names is sent again, what came before is not", async () => {
  const first = await ready();
  const { seq } = await manager.send({ targets: [3], commandId: "command-1" });
  const { seq: lost } = await manager.send({ targets: [3], commandId: "command-2" });
  await first.received("command", 2);
  first.socket.end();
  await manager.until(() => manager.of("disconnected").length === 1);
  const second = await stand([`Last-Event-ID: ${seq}`]);
  manager.skewMs = CHECK_IN_MAX_MS + 1;
  await second.received("command");
  expect(second.of("command").map(({ id }) => id)).toEqual([String(lost)]);
});

test.each(["999", "not-a-number", "18446744073709551617", "-1"])("Last-Event-ID %s keeps nothing back", async (id) => {
  const device = await stand([`Last-Event-ID: ${id}`]);
  await manager.send({ targets: [3] });
  manager.skewMs = CHECK_IN_MAX_MS + 1;
  expect(await device.received("command")).toHaveLength(1);
});

test("a check-in that is posted says what the device remembers: that is not sent to it again", async () => {
  const other = await manager.stand(4);
  await manager.send({ targets: [3, 4], commandId: "command-1" });
  await other.received(1);
  const device = await ready(["command-1"]);
  const { seq } = await manager.send({ cohort: [3, 4], targets: [3], commandId: "command-2" });
  expect((await device.received("command"))[0]?.["id"]).toBe(String(seq));
});

test("responses and check-ins are posted on other connections, which are nobody's clone", async () => {
  const device = await ready();
  expect(await device.respond(RESPONSE)).toBe("HTTP/1.1 200 OK");
  await manager.until(() => manager.of("response").length === 1);
  expect(manager.of("response")).toMatchObject([{ ordinal: 3, requestId: "q-1" }]);
  expect(manager.of("check-in")).toMatchObject([{ ordinal: 3 }]);
  expect([manager.of("cloned").length, manager.of("connected").length, gateway.stats().channels]).toEqual([0, 1, 1]);
});

test("what is posted after a command that asked for no answer is counted to the byte, before it is read", async () => {
  const device = await ready();
  await manager.send({ targets: [3] });
  await device.received("command");
  await device.post('{"nonsense":1}');
  await device.respond(RESPONSE);
  await manager.until(() => manager.of("unasked-bytes").length === 2);
  expect(manager.of("unasked-bytes").map(({ bytes }) => bytes)).toEqual([14, RESPONSE.length]);
});

test("a stopping gateway says goodbye with the delay, also as the reader's retry", async () => {
  const device = await ready();
  await gateway.stop({ delayMs: 1_500 });
  await device.closed;
  expect(device.of("goodbye")).toEqual([{ retry: "1500", event: "goodbye", data: '{"goodbye":{"delay_ms":1500}}' }]);
});

test("a device that is denied loses its stream, and its posts are refused", async () => {
  const device = await ready();
  await manager.deny(1, [3]);
  await device.closed;
  expect(device.text).toEndWith(": closed 4003 ERR_CHANNEL_DENIED\n\n");
  expect(await device.checkIn()).toBe("HTTP/1.1 403 Forbidden ERR_CHANNEL_DENIED");
});

test("a stream whose device takes nothing is closed as too slow, and the others are served", async () => {
  const slow = await ready();
  const quick = await manager.stand(4);
  await manager.checkedIn(2);
  slow.socket.pause();
  const command = "x".repeat(2_500);
  const order = await manager.send({ cohort: [3, 4], targets: [3], command, repeats: false, permit: { rate_max_per_second: 1e6 } });
  for (let seq = 2; seq <= ORDERS; seq += 1) manager.orders.push({ ...order, seq });
  const targets = new RoaringBitmap32([4]).serialize("portable");
  manager.orders.push({ ...order, seq: ORDERS + 1, targets });
  manager.backplane.nudge();
  await quick.received(1);
  await manager.until(() => manager.of("disconnected").length > 0);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 3, reason: "ERR_CHANNEL_TOO_SLOW" }]);
}, 60_000);

test("a quiet stream gets a comment, and stands as long as its kernel takes them", async () => {
  const device = await ready();
  const { length } = device.text;
  manager.skewMs = IDLE_PING_MS + 1;
  await device.until(() => device.text.length > length);
  manager.skewMs = IDLE_DEAD_MS + 1;
  await device.until(() => device.text.length > length + 3);
  expect(device.text.slice(length)).toBe(":\n\n:\n\n");
  expect(gateway.stats().channels).toBe(1);
});

test("of two live streams of one identity both are kept out: the older one's device posted what it was asked", async () => {
  const first = await ready();
  const second = await EventSourceDevice.dial(peer());
  const [question] = await first.received("ask");
  const { ask: alive } = JSON.parse(question?.["data"] ?? "") as { ask: string };
  await manager.send({ targets: [3] });
  await first.received("command");
  expect(await first.post(JSON.stringify({ alive }))).toBe("HTTP/1.1 200 OK");
  await second.closed;
  expect(second.text).toStartWith("HTTP/1.1 403 Forbidden");
  await manager.until(() => manager.of("cloned").length === 1);
  expect(manager.of("unasked-bytes")).toEqual([]);
});

test("a stream whose device answers with another nonce, or not at all, is replaced", async () => {
  const first = await ready();
  const second = await EventSourceDevice.dial(peer());
  await first.received("ask");
  await first.post('{"alive":"0123456789abcdef"}');
  manager.skewMs = CLONE_ANSWER_MAX_MS + 1;
  await first.closed;
  expect(await second.secret()).toHaveLength(32);
  expect(manager.of("cloned")).toEqual([]);
});

const hasCurl = spawnSync("curl", ["--version"], { stdio: "ignore" }).status === 0;

test.skipIf(!hasCurl)(
  "curl (skipped where it is not installed): curl -N alone holds a channel: it prints the command, and the goodbye ends it without an error",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "edict-curl-"));
    const file = (name: string, content: string) => {
      writeFileSync(join(directory, name), content, { mode: 0o600 });
      return join(directory, name);
    };
    const tls = ["--cacert", file("ca.pem", manager.authority.certificatePem), "--cert", file("device.pem", identity.certificatePem)];
    const url = `https://localhost:${gateway.port}/.well-known/openc2`;
    const key = file("device.key", identity.privateKeyPem);
    const command = ["curl", "-sS", "-N", "-H", "Accept: text/event-stream", ...tls, "--key", key, url];
    const curl = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
    await manager.until(() => manager.of("connected").length === 1);
    manager.skewMs = CHECK_IN_MAX_MS + 1;
    const order = await manager.send({ targets: [3] });
    await manager.until(() => manager.sentTo().length === 1);
    await gateway.stop({ delayMs: 500 });
    const [printed, complaint] = await Promise.all([new Response(curl.stdout).text(), new Response(curl.stderr).text()]);
    expect([await curl.exited, complaint]).toEqual([0, ""]);
    expect(printed).toContain(`id: ${order.seq}\nevent: command\ndata: ${text(order.frame)}\n\n`);
    expect(printed).toContain("retry: 500\nevent: goodbye\n");
    rmSync(directory, { recursive: true });
  },
);
