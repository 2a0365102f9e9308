/** What a gateway counts, over real channels: each figure moves for its own reason. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Gateway } from "../../../src/channel/gateway/index.ts";
import { MANAGER_SILENCE_MAX_MS, QUEUE_BYTES_MAX, UPWARD_BYTES_PER_SECOND_MAX } from "../../../src/channel/limits.ts";
import { createAuthority, issueDevice } from "../../../src/trust/sign/certificate-authority.ts";
import { deviceId, TestManager } from "../manager.ts";

/** Orders of 3.5 KB, fewer than wait for one channel (QUEUE_BYTES_MAX). */
const FEW = 4;

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

test("a channel that opens, is sent to and goes", async () => {
  const device = await manager.stand(1);
  await manager.checkedIn(1);
  const order = await manager.send({ targets: [1] });
  await device.received(1);
  await manager.until(() => manager.of("sent").length === 1);
  const stats = gateway.stats();
  expect(stats).toMatchObject({ handshakes: 1, resumptions: 0, opened: 1, channels: 1, sent: 1, late: 0, ordersSeq: 1, refused: 0 });
  // The command in a frame whose length takes two bytes.
  expect(stats.sentBytes).toBe(order.frame.length + 4);
  expect(stats.receivedBytes).toBeGreaterThan(0);
  expect(stats.slices).toBeGreaterThan(0);
  expect(stats.sliceLongestMs).toBeGreaterThan(0);
  expect(stats.residentBytes).toBeGreaterThan(1_000_000);
  device.leave();
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(gateway.stats()).toMatchObject({ channels: 0, closings: { "device-gone": 1 } });
});

test("a refused certificate shows under its code, and so does an unknown device", async () => {
  const stranger = await createAuthority("somebody else", { nowMs: Date.now() });
  const foreign = await manager.connect(await issueDevice(stranger, { id: deviceId(1), nowMs: Date.now() }));
  await foreign.closed;
  const none = await manager.connect();
  await none.closed;
  const unknown = await manager.connect(await issueDevice(manager.authority, { id: "urn:dev:ops:32473-nobody", nowMs: Date.now() }));
  await unknown.closed;
  await manager.until(() => manager.of("refused").length === 3);
  expect(gateway.stats()).toMatchObject({
    handshakes: 1,
    opened: 0,
    refused: 3,
    refusals: { ERR_CHANNEL_CERTIFICATE_CHAIN: 1, ERR_CHANNEL_NO_CERTIFICATE: 1, ERR_CHANNEL_UNKNOWN_DEVICE: 1 },
  });
});

test("a slow channel shows as a backlog, and when it is closed as too slow", async () => {
  const slow = await manager.stand(1);
  await manager.checkedIn(1);
  slow.pause();
  const order = await manager.send({ targets: [1], command: "x".repeat(2_500), repeats: false, permit: { rate_max_per_second: 1e6 } });
  let mostQueued = 0;
  // A few more at a time, so that the backlog is seen before it is too much.
  while (gateway.stats().channels === 1) {
    for (let more = 0; more < FEW; more += 1) manager.orders.push({ ...order, seq: manager.orders.length + 1 });
    manager.backplane.nudge();
    while (gateway.stats().ordersSeq < manager.orders.length) await turn();
    await turn();
    const { backlogged, queuedBytes } = gateway.stats();
    if (backlogged === 1) mostQueued = Math.max(mostQueued, queuedBytes);
  }
  expect(mostQueued).toBeGreaterThan(0);
  expect(mostQueued).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
  expect(gateway.stats()).toMatchObject({ backlogged: 0, queuedBytes: 0, closings: { ERR_CHANNEL_TOO_SLOW: 1 } });
}, 20_000);

test("a stop shows how long it took from its signature, but not one that is read of at the start", async () => {
  await manager.hold("stop", Date.now() - 3_000);
  // A second campaign's order behind the stop proves that the stop was applied.
  await manager.send({ targets: [1], permit: { campaign_id: "campaign-2" }, order: { campaignId: "campaign-2" } });
  await (await manager.stand(1)).received(1);
  expect(gateway.stats()).toMatchObject({ stops: 1, ordersSeq: 2 });
  expect(gateway.stats().stopMs).toBeGreaterThanOrEqual(3_000);
  expect(gateway.stats().stopMs).toBeLessThan(10_000);
  await manager.stop();
  gateway = await manager.start();
  expect(gateway.stats()).toMatchObject({ stops: 0, stopMs: 0, ordersSeq: 2 });
});

test("an order for a device that was away is a late delivery when it is back", async () => {
  await manager.applied(await manager.send({ targets: [1] }));
  const device = await manager.stand(1);
  await device.received(1);
  expect(gateway.stats().late).toBe(1);
});

test("a command that another part has sent is not counted as sent here", async () => {
  await manager.applied(await manager.send({ targets: [1], commandId: "command-1" }));
  await manager.stand(1, ["command-1"]);
  await manager.until(() => manager.of("sent").length === 1);
  expect(gateway.stats()).toMatchObject({ sent: 0, sentBytes: 0 });
});

test("what comes up in answer to none is counted in bytes", async () => {
  const device = await manager.stand(1);
  await manager.checkedIn(1);
  await manager.send({ targets: [1] });
  await device.received(1);
  device.say("12345");
  await device.closed;
  expect(gateway.stats()).toMatchObject({ unaskedBytes: 5, closings: { ERR_CHANNEL_MESSAGE: 1 } });
});

test("a budget that is overdrawn shows by its kind", async () => {
  const [flood, chatter] = await Promise.all([manager.stand(1), manager.stand(2)]);
  await manager.checkedIn(2);
  flood.raw(new Uint8Array(UPWARD_BYTES_PER_SECOND_MAX + 1));
  await flood.closed;
  for (let frame = 0; frame < 40; frame += 1) chatter.checkIn();
  await chatter.closed;
  expect(gateway.stats()).toMatchObject({ breaches: { bytes: 1, frames: 1 }, closings: { ERR_CHANNEL_BUDGET: 2 } });
});

test("denied devices, reports that wait and a manager that is silent show as they are now", async () => {
  await manager.deny(1, [4, 5]);
  manager.isDown = true;
  const device = await manager.stand(1);
  manager.skewMs = MANAGER_SILENCE_MAX_MS + 1;
  const stats = gateway.stats();
  expect(stats).toMatchObject({ denied: 2, silenced: 1 });
  expect(stats.reportsWaiting).toBeGreaterThan(0);
  expect(stats.managerSilentMs).toBeGreaterThan(MANAGER_SILENCE_MAX_MS);
  device.leave();
  manager.isDown = false;
});

test("two live channels of one identity are counted as clones", async () => {
  await manager.stand(1);
  await manager.checkedIn(1);
  const second = await manager.connect(await manager.issue(1));
  await second.closed;
  expect(gateway.stats()).toMatchObject({ clones: 1, closings: { ERR_CHANNEL_QUARANTINED: 1 }, refusals: { ERR_CHANNEL_QUARANTINED: 1 } });
});
