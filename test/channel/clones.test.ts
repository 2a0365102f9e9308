/** A second channel of one identity: a device that came back, or a copy of its key. Real channels throughout. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { CLONE_ANSWER_MAX_MS, CLONE_KEPT_OUT_MS } from "../../src/channel/limits.ts";
import { CLOSE, encodeFrame, OPCODES } from "../../src/channel/wire/index.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";
import type { TestDevice } from "./device.ts";
import { deviceId, TestManager } from "./manager.ts";

const MASK = new Uint8Array(4);

let manager: TestManager;
let gateway: Gateway;
let identity: Issued;
let first: TestDevice;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
  identity = await manager.issue(3);
  first = await manager.connect(identity);
  expect(await first.opened).toBe(true);
  first.checkIn();
  await manager.checkedIn(1);
});

afterEach(() => manager.stop());

const reasons = () => manager.of("refused").map(({ reason }) => reason);

/** Two live channels at once: what a copied key looks like. */
async function clone(): Promise<void> {
  const second = await manager.connect(identity);
  expect(await second.opened).toBe(false);
  expect(await first.closed).toEqual({ code: CLOSE.quarantined, reason: "ERR_CHANNEL_QUARANTINED" });
  await manager.until(() => manager.of("cloned").length > 0);
}

test("when both are alive, both are closed, the manager hears from where they came, and neither comes back", async () => {
  await clone();
  expect(manager.of("cloned")).toMatchObject([{ ordinal: 3, addresses: ["127.0.0.1", "127.0.0.1"] }]);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 3, reason: "ERR_CHANNEL_QUARANTINED" }]);
  expect(gateway.stats().channels).toBe(0);
  expect(await (await manager.connect(identity)).opened).toBe(false);
  await manager.until(() => reasons().length === 2);
  expect(reasons()).toEqual(["ERR_CHANNEL_QUARANTINED", "ERR_CHANNEL_QUARANTINED"]);
  expect(manager.of("cloned").length).toBe(1);
});

test("the alarm is an error in the gateway's log that names the device", async () => {
  await clone();
  const alarms = manager.logged.filter(({ level }) => level === "error");
  expect(alarms).toMatchObject([{ facts: { device: deviceId(3), addresses: ["127.0.0.1", "127.0.0.1"] } }]);
});

test("an older channel that is silent, as after a lost network, is replaced", async () => {
  first.answersPings = false;
  const second = await manager.connect(identity);
  await first.pinged;
  manager.skewMs = CLONE_ANSWER_MAX_MS + 1;
  expect(await second.opened).toBe(true);
  expect(await first.closed).toEqual({ code: CLOSE.replaced, reason: "ERR_CHANNEL_REPLACED" });
  await manager.until(() => manager.of("connected").length === 2);
  expect(manager.of("cloned")).toEqual([]);
  expect(gateway.stats().channels).toBe(1);
});

test("an older channel that closes while it is asked makes room at once", async () => {
  first.answersPings = false;
  const second = await manager.connect(identity);
  await first.pinged;
  first.leave();
  expect(await second.opened).toBe(true);
  await manager.until(() => manager.of("connected").length === 2);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 3, reason: "device-gone" }]);
});

test("a pong that was under way all the time is no answer", async () => {
  first.answersPings = false;
  const second = await manager.connect(identity);
  await first.pinged;
  first.raw(encodeFrame(OPCODES.pong, new Uint8Array(0), MASK));
  first.raw(encodeFrame(OPCODES.pong, new Uint8Array(8), MASK));
  first.checkIn();
  await manager.checkedIn(2);
  manager.skewMs = CLONE_ANSWER_MAX_MS + 1;
  expect(await second.opened).toBe(true);
});

test("of two that come at once while the older is silent one stays, and is then asked itself", async () => {
  first.answersPings = false;
  const others = await Promise.all([manager.connect(identity), manager.connect(identity)]);
  await first.pinged;
  manager.skewMs = CLONE_ANSWER_MAX_MS + 1;
  await manager.until(() => manager.of("cloned").length === 1);
  await Promise.all(others.map((device) => device.closed));
  expect(gateway.stats().channels).toBe(0);
});

test("a newcomer that leaves while the older is asked takes nobody's place", async () => {
  first.answersPings = false;
  const second = await manager.connect(identity);
  await first.pinged;
  second.leave();
  await second.closed;
  manager.skewMs = CLONE_ANSWER_MAX_MS + 1;
  await first.closed;
  expect(gateway.stats().channels).toBe(0);
});

test("a deny list that a person signed lets the device back in, and only that device", async () => {
  await clone();
  await manager.deny(1, [], [4]);
  expect(await (await manager.connect(identity)).opened).toBe(false);
  await manager.deny(2, [], [3]);
  while (!(await (await manager.connect(identity)).opened)) await manager.until(() => reasons().length > 0);
  expect(gateway.stats().channels).toBe(1);
});

test("after a minute it is the manager's word alone that keeps it out", async () => {
  await clone();
  const { admit } = manager;
  manager.admit = () => ({ ok: false, reason: "ERR_CHANNEL_QUARANTINED" });
  manager.skewMs = CLONE_KEPT_OUT_MS + 1;
  expect(await (await manager.connect(identity)).opened).toBe(false);
  manager.admit = admit;
  while (!(await (await manager.connect(identity)).opened)) await manager.until(() => reasons().length > 0);
});
