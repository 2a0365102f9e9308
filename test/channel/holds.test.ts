/** Stopping: by people, by the deny list, and by itself when the manager is silent. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { MANAGER_SILENCE_MAX_MS } from "../../src/channel/limits.ts";
import { CLOSE } from "../../src/channel/wire/index.ts";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import type { TestDevice } from "./device.ts";
import { deviceId, TestManager } from "./manager.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

/** A device with a campaign of its own: when its command arrives, all orders from before were applied. */
async function marked(ordinal: number): Promise<TestDevice> {
  const device = await manager.stand(ordinal);
  const campaign = `campaign-of-${ordinal}`;
  await manager.send({ targets: [ordinal], commandId: "marker", permit: { campaign_id: campaign }, order: { campaignId: campaign } });
  return device;
}

test("a stop counts in the middle of a slow fan-out, and a resume sends to the rest once", async () => {
  const devices = await Promise.all(range(30).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(30);
  await manager.send({ targets: range(30), ratePerSecond: 50 });
  await manager.until(() => manager.sentTo().length >= 3);
  await manager.hold("stop");
  // A second campaign's order behind the stop proves that the stop was applied.
  const marker = { campaign_id: "campaign-2" };
  await manager.send({ targets: [40], commandId: "marker", permit: marker, order: { campaignId: "campaign-2" } });
  const late = await manager.stand(40);
  await late.received(1);
  const stoppedAt = gateway.stats().sent;
  expect(stoppedAt).toBeLessThan(30);
  const notYetSentTo = devices.findLastIndex(({ messages }) => messages.length === 0);
  devices[notYetSentTo]?.leave();
  await devices[notYetSentTo]?.closed;
  const newcomer = await manager.stand(notYetSentTo);
  await manager.checkedIn(32);
  expect(gateway.stats().sent).toBe(stoppedAt);
  await manager.hold("resume");
  await manager.until(() => manager.sentTo().length === 31);
  expect(manager.sentTo().toSorted((a, b) => a - b)).toEqual([...range(30), 40]);
  for (const device of [...devices, newcomer]) expect(device.messages.length).toBeLessThanOrEqual(1);
}, 20_000);

test("a pause keeps the command from a device that returns, lets a question through, and ends with the resume of two people", async () => {
  const update = { command: "an update", targets: [7, 8] };
  const query = { command: "a query", commandId: "query-1", answers: true, repeats: false, targets: [8], cohort: [7, 8] };
  const digests = [update, query].map(({ command }) => sha256Hex(new TextEncoder().encode(command)));
  const permit = { commands: await Promise.all(digests) };
  await manager.send({ ...update, permit });
  manager.pause();
  const returning = await manager.stand(7);
  const asked = await manager.stand(8);
  await manager.checkedIn(2);
  await manager.send({ ...query, permit });
  await asked.received(1);
  expect(returning.messages).toEqual([]);
  expect(manager.sentTo()).toEqual([]);

  await manager.hold("resume");
  await Promise.all([returning.received(1), asked.received(2)]);
});

test("a pause counts in the middle of a slow fan-out, and for a gateway that starts anew", async () => {
  await Promise.all(range(30).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(30);
  await manager.send({ targets: range(31), ratePerSecond: 50 });
  await manager.until(() => manager.sentTo().length >= 3);
  manager.pause();
  await (await marked(40)).received(1);
  expect(gateway.stats().sent).toBeLessThan(30);
  await manager.stop();
  gateway = await manager.start();
  await manager.stand(30);
  await (await marked(41)).received(1);
  expect(gateway.stats().sent).toBe(1);
}, 20_000);

test("what was stopped is not sent by a gateway that starts anew", async () => {
  await manager.stop();
  await manager.send({ targets: [7] });
  await manager.hold("stop");
  gateway = await manager.start();
  await manager.send({ targets: [7], commandId: "other", permit: { campaign_id: "campaign-2" }, order: { campaignId: "campaign-2" } });
  const device = await manager.stand(7);
  await device.received(1);
  await manager.until(() => manager.of("sent").length === 1);
  expect(manager.of("sent")[0]?.seq).toBe(3);
});

test("one person cannot resume, and a resume that is older than the stop is refused", async () => {
  await manager.hold("stop");
  await manager.hold("resume", Date.now() - 60_000);
  await manager.until(() => manager.of("order-refused").length === 1);
  expect(manager.of("order-refused")).toMatchObject([{ seq: 2, code: "ERR_CHANNEL_ORDER" }]);
});

test("a cancel goes out although the campaign is stopped, signed by one person", async () => {
  const device = await manager.stand(7);
  await manager.checkedIn(1);
  const order = await manager.send({ targets: [7] });
  await device.received(1);
  await manager.hold("stop");
  const frame = await manager.signed(new TextEncoder().encode("a cancel"), "stopping-command", [manager.author]);
  const { permit } = order;
  await manager.send({ targets: [7], commandId: "cancel-1", frame, order: { permit } });
  await device.received(2);
  expect(device.messages[1]).toBe(new TextDecoder().decode(frame));
});

test("a deny closes an open channel with 4003, refuses the next one, and an older list does not lift it", async () => {
  const device = await manager.stand(7);
  await manager.checkedIn(1);
  await manager.deny(2, [7]);
  expect(await device.closed).toEqual({ code: CLOSE.denied, reason: "ERR_CHANNEL_DENIED" });
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 7, reason: "ERR_CHANNEL_DENIED" }]);
  await manager.deny(1, []);
  const again = await manager.connect(await manager.issue(7));
  expect(await again.opened).toBe(false);
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")).toMatchObject([{ deviceId: deviceId(7), reason: "ERR_CHANNEL_DENIED" }]);
});

test("a gateway whose manager is silent stops sending, and goes on at the next sign of life", async () => {
  const devices = await Promise.all([manager.stand(1), manager.stand(2)]);
  await manager.checkedIn(2);
  await manager.send({ targets: [1, 2, 3], ratePerSecond: 20 });
  await manager.until(() => manager.sentTo().length >= 1);
  manager.skewMs = MANAGER_SILENCE_MAX_MS + 1;
  const sent = gateway.stats().sent;
  const late = await manager.stand(3);
  await manager.checkedIn(3);
  expect(gateway.stats().sent).toBe(sent);
  manager.backplane.nudge();
  await Promise.all([...devices, late].map((device) => device.received(1)));
  await manager.until(() => manager.sentTo().length === 3);
});
