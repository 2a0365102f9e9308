/** Attacks on the port by those who have no certificate, and by devices that hold on: each is bounded, and costs those who stand nothing. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Socket } from "bun";
import { connect } from "node:tls";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { HANDSHAKE_MAX_MS, HANDSHAKES_PER_SECOND_MAX, IDLE_DEAD_MS, IDLE_PING_MS, OPENING_MAX_MS } from "../../src/channel/limits.ts";
import { CLOSE } from "../../src/channel/wire/index.ts";
import type { TestDevice } from "./device.ts";
import { TestManager } from "./manager.ts";

let manager: TestManager;
let gateway: Gateway;
let healthy: TestDevice;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
  healthy = await manager.stand(1);
  await manager.checkedIn(1);
});

afterEach(async () => {
  // Whatever was tried: the channel that stood before stands, and takes orders.
  const { frame } = await manager.send({ targets: [1] });
  expect(await healthy.received(1)).toEqual([new TextDecoder().decode(frame)]);
  await manager.stop();
});

/** A TCP connection that says nothing; resolves when it is closed. */
async function dialSilently(): Promise<{ socket: Socket; closed: Promise<void> }> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: gateway.port,
    socket: { data() {}, close: () => resolve(), error: () => resolve() },
  });
  return { socket, closed };
}

const reasons = () => manager.of("refused").map(({ reason }) => reason);

test("half-open TLS: a connection that never says hello is closed after the handshake's time, not the request's", async () => {
  const { closed } = await dialSilently();
  manager.skewMs = HANDSHAKE_MAX_MS + 1;
  await closed;
  await manager.until(() => reasons().length === 1);
  expect(HANDSHAKE_MAX_MS).toBeLessThan(OPENING_MAX_MS);
  expect(reasons()).toEqual(["ERR_CHANNEL_TIMEOUT"]);
});

test("a handshake flood is cut down to its pace before TLS costs anything, and is counted but not reported", async () => {
  const extra = 200;
  const before = gateway.stats().refused;
  const all = await Promise.all(Array.from({ length: HANDSHAKES_PER_SECOND_MAX + extra }, dialSilently));
  await Promise.race(all.map(({ closed }) => closed));
  expect(gateway.stats().refused - before).toBeGreaterThan(0);
  expect(reasons()).toEqual([]);
  for (const { socket } of all) socket.terminate();
  await Promise.all(all.map(({ closed }) => closed));
}, 20_000);

test("what is no TLS at all is refused", async () => {
  const { socket, closed } = await dialSilently();
  socket.write("GET /.well-known/openc2 HTTP/1.1\r\nHost: a\r\n\r\n");
  await closed;
  await manager.until(() => reasons().length === 1);
  expect(reasons()).toEqual(["ERR_CHANNEL_HANDSHAKE"]);
});

test("an old version of TLS is refused", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ host: "127.0.0.1", port: gateway.port, maxVersion: "TLSv1.2", rejectUnauthorized: false });
  socket.on("error", () => {}).on("close", () => resolve());
  await promise;
  await manager.until(() => reasons().length === 1);
  expect(reasons()).toEqual(["ERR_CHANNEL_HANDSHAKE"]);
});

test("a channel that is silent is asked, and given up when it does not answer", async () => {
  const silent = await manager.dial(2);
  silent.answersPings = false;
  manager.skewMs = IDLE_PING_MS + 1;
  await silent.pinged;
  await healthy.pinged;
  manager.skewMs = IDLE_DEAD_MS + 1;
  // Whoever answered the first ping is heard again: only now is the clock its enemy.
  healthy.checkIn();
  expect(await silent.closed).toEqual({ code: CLOSE.goingAway, reason: "ERR_CHANNEL_TIMEOUT" });
});
