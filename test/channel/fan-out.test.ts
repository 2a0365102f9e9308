/** Who is sent what, when, how fast and how often, over real channels; and what the manager hears of it. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { encodeResponse } from "../../src/openc2/index.ts";
import { TestManager } from "./manager.ts";

/** More than the buffers of a loopback connection hold. */
const ORDERS = 3_000;

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test("200 channels get exactly one frame each, and the report says so", async () => {
  const devices = await Promise.all(range(200).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(200);
  expect(gateway.stats().channels).toBe(200);
  const order = await manager.send({ targets: range(200) });
  await Promise.all(devices.map((device) => device.received(1)));
  await manager.until(() => manager.sentTo().length >= 200);
  expect(manager.sentTo().toSorted((a, b) => a - b)).toEqual(range(200));
  for (const device of devices) expect(device.messages).toEqual([text(order.frame)]);
  expect(gateway.stats().sent).toBe(200);
}, 20_000);

test("a device outside the targets gets nothing", async () => {
  const [inside, outside] = await Promise.all([manager.stand(1), manager.stand(2)]);
  await manager.checkedIn(2);
  await manager.send({ cohort: [1, 2], targets: [1] });
  await inside.received(1);
  await manager.until(() => manager.sentTo().length > 0);
  expect(outside.messages).toEqual([]);
});

test("a device that was away gets the order when it returns, once", async () => {
  await manager.send({ targets: [7] });
  const device = await manager.stand(7);
  await device.received(1);
  await manager.until(() => manager.sentTo().length === 1);
  device.leave();
  await device.closed;
  const again = await manager.stand(7, ["command-1"]);
  await manager.checkedIn(2);
  await manager.send({ targets: [7], command: "a second message", commandId: "command-2" });
  await again.received(1);
  expect(again.messages.length).toBe(1);
  expect(again.messages[0]).not.toBe(device.messages[0]);
});

test("a device that another part of the gateway has sent it to is not sent it again, and the manager hears of it", async () => {
  const order = await manager.send({ targets: [7], commandId: "command-1" });
  await manager.applied(order);
  const device = await manager.stand(7, ["command-1"]);
  await manager.until(() => manager.sentTo().length === 1);
  await manager.send({ targets: [7], command: "a second message", commandId: "command-2" });
  const [first] = await device.received(1);
  expect(first).not.toBe(text(order.frame));
});

test("a device that forgot an update gets it again, but never a query", async () => {
  await manager.send({ targets: [7], commandId: "command-1" });
  await manager.send({ targets: [7], command: "a query", commandId: "command-1-q", answers: true, repeats: false });
  const device = await manager.stand(7);
  const [update] = await device.received(2);
  await manager.until(() => manager.sentTo().length === 2);
  device.leave();
  await device.closed;
  const again = await manager.stand(7, []);
  expect(await again.received(1)).toEqual([update ?? ""]);
  await manager.until(() => manager.sentTo().length === 3);
  expect(gateway.stats().sent).toBe(3);
});

test("after a restart only those are sent to whom the manager does not know as sent to", async () => {
  const sent = new RoaringBitmap32([1]).serialize("portable");
  const [one, two] = await Promise.all([manager.stand(1, ["command-1"]), manager.stand(2)]);
  await manager.checkedIn(2);
  await manager.send({ targets: [1, 2], order: { sent } });
  await two.received(1);
  await manager.until(() => manager.sentTo().length === 1);
  expect(manager.sentTo()).toEqual([2]);
  expect(one.messages).toEqual([]);
});

test("a device that never checks in is sent to after its time for it", async () => {
  const device = await manager.dial(7);
  await manager.send({ targets: [7] });
  await device.received(1);
  expect(manager.of("check-in")).toEqual([]);
});

test("an order is not sent after its time", async () => {
  await manager.send({ targets: [7], order: { notAfterMs: Date.now() - 1 } });
  await manager.send({ targets: [7], command: "a live one", commandId: "command-2" });
  const device = await manager.stand(7);
  await device.received(1);
  await manager.until(() => manager.sentTo().length === 1);
  expect(manager.of("sent").map(({ seq }) => seq)).toEqual([2]);
});

test("one of four parts of a gateway takes a fourth of the permit's pace", async () => {
  await manager.stop();
  gateway = await manager.start({ parts: 4 });
  const devices = await Promise.all(range(6).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(6);
  const beganMs = performance.now();
  await manager.send({ targets: range(6), permit: { rate_max_per_second: 40 } });
  await Promise.all(devices.map((device) => device.received(1)));
  // The first at once, the others 100 ms after one another.
  expect(performance.now() - beganMs).toBeGreaterThan(450);
});

test("a campaign is paced by its permit, whatever the order says", async () => {
  const devices = await Promise.all(range(20).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(20);
  const beganMs = performance.now();
  await manager.send({ targets: range(20), ratePerSecond: 1_000_000, permit: { rate_max_per_second: 40 } });
  await Promise.all(devices.map((device) => device.received(1)));
  // A burst of two, then 18 at 40 a second.
  expect(performance.now() - beganMs).toBeGreaterThan(400);
});

test("the bytes that come up after a command that asked for none are counted, until one asks", async () => {
  const device = await manager.stand(7);
  await manager.checkedIn(1);
  await manager.send({ targets: [7] });
  await device.received(1);
  const unasked = encodeResponse({ request_id: "command-1" }, { status: 200 });
  device.say(text(unasked));
  await manager.until(() => manager.of("unasked-bytes").length > 0);
  expect(manager.of("unasked-bytes")).toMatchObject([{ seq: 1, ordinal: 7, bytes: unasked.length }]);
  await manager.send({ targets: [7], command: "a query", commandId: "command-1-q", answers: true, repeats: false });
  await device.received(2);
  device.say(text(unasked));
  await manager.until(() => manager.of("response").length === 2);
  expect(manager.of("unasked-bytes").length).toBe(1);
});

test("a channel that takes nothing is closed as too slow, its device is not marked, and the others are served", async () => {
  const [slow, quick] = await Promise.all([manager.stand(1), manager.stand(2)]);
  await manager.checkedIn(2);
  slow.pause();
  const big = "x".repeat(2_500);
  const order = await manager.send({ cohort: [1, 2], targets: [1], command: big, repeats: false, permit: { rate_max_per_second: 1e6 } });
  // The same order again and again, until the kernel's buffers and our queue are full.
  for (let seq = 2; seq <= ORDERS; seq += 1) manager.orders.push({ ...order, seq });
  const targets = new RoaringBitmap32([2]).serialize("portable");
  manager.orders.push({ ...order, seq: ORDERS + 1, targets });
  manager.backplane.nudge();
  await quick.received(1);
  await manager.until(() => manager.of("disconnected").length > 0);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 1, reason: "ERR_CHANNEL_TOO_SLOW" }]);
  expect(manager.sentTo().filter((ordinal) => ordinal === 1).length).toBeLessThan(ORDERS);
  expect(gateway.stats().queuedBytes).toBe(0);
}, 20_000);

test("reports are kept while the manager is down, and told in order when it is back", async () => {
  manager.isDown = true;
  const device = await manager.stand(7);
  await manager.send({ targets: [7] });
  await device.received(1);
  expect(manager.reports).toEqual([]);
  manager.isDown = false;
  await manager.until(() => manager.of("sent").length === 1 && manager.of("check-in").length === 1);
  expect(manager.reports.filter(({ kind }) => kind !== "sent").map(({ kind }) => kind)).toEqual(["connected", "check-in"]);
});

test("two thousand orders that go live at once do not hold the event loop until all are written", async () => {
  const devices = await Promise.all(range(50).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(50);
  await manager.hold("stop");
  const fast = { ratePerSecond: 10_000_000, permit: { rate_max_per_second: 10_000_000 } };
  for (const at of range(2_000)) await manager.send({ targets: range(50), command: `command ${at}`, commandId: `command-${at}`, ...fast });
  const turnsMs = [performance.now()];
  const timer = setInterval(() => turnsMs.push(performance.now()), 1);
  await manager.hold("resume");
  await Promise.all(devices.map((device) => device.received(2_000)));
  clearInterval(timer);
  const gapsMs = turnsMs.slice(1).map((atMs, index) => atMs - (turnsMs[index] ?? 0));
  const wholeMs = (turnsMs.at(-1) ?? 0) - (turnsMs[0] ?? 0);
  expect(Math.max(...gapsMs)).toBeLessThan(wholeMs / 3);
}, 60_000);
