/** What a gateway at a broker sends, holds back, marks and reports, order by order. */
import { afterEach, beforeEach, expect } from "bun:test";
import type { IPublishPacket, MqttClient } from "mqtt";
import { MqttGateway, DeviceLink, makeClientId } from "../../../src/channel/mqtt/index.ts";
import { encodeCheckIn, type Link } from "../../../src/channel/wire/index.ts";
import { encodeResponse } from "../../../src/openc2/index.ts";
import { makeCheckIn } from "../device.ts";
import { deviceId, TestManager } from "../manager.ts";
import { hasMosquitto, TestBroker, through } from "./broker.ts";
import { Seen } from "./world.ts";

interface Device {
  readonly frames: Seen<string>;
  readonly link: Link;
  leave(): Promise<string>;
}

let broker: TestBroker;
let manager: TestManager;
let gateway: MqttGateway;
let watcher: MqttClient;
let published: Seen<IPublishPacket>;
const devices: Device[] = [];
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

beforeEach(async () => {
  if (!hasMosquitto) return;
  broker = await TestBroker.start();
  manager = await TestManager.create();
  watcher = await broker.raw("isp");
  published = new Seen();
  watcher.on("message", (_topic, _payload, packet) => published.add(packet));
  await watcher.subscribeAsync("oc2/cmd/#", { qos: 1 });
  gateway = await openGateway();
});
afterEach(async () => {
  if (!hasMosquitto) return;
  await Promise.all(devices.splice(0).map((device) => device.leave()));
  await Promise.all([gateway.stop(), watcher.endAsync()]);
  await broker.end();
});

async function openGateway(): Promise<MqttGateway> {
  const { director, backplane, clock } = manager;
  const made = new MqttGateway({ ...(await broker.options("isp")), name: "gateway-1", director, backplane, clock });
  await made.start();
  return made;
}

/** A device that has checked in, with the real link and nothing behind it. */
async function stand(ordinal: number, { seen = [], clientId = makeClientId() }: { seen?: readonly string[]; clientId?: string } = {}) {
  const frames = new Seen<string>();
  const options = { ...(await broker.options(`32473-test-${ordinal}`)), clientId, deviceId: deviceId(ordinal), gateway: "gateway-1" };
  const link = new DeviceLink(options, {
    onOpen: (opened) => opened.send(encodeCheckIn(makeCheckIn(seen))),
    onMessage: async (message) => {
      if (message.kind === "command") frames.add(new TextDecoder().decode(message.frame));
    },
  });
  const ended = link.run();
  const before = manager.of("check-in").length;
  await manager.until(() => manager.of("check-in").length > before);
  const device = { frames, link, leave: () => (link.close("the test"), ended) };
  devices.push(device);
  return device;
}

through("each target gets exactly one message, signed as it came, that lies in the broker for a minute at most", async () => {
  const [one, two, other] = [await stand(1), await stand(2), await stand(3)];
  const order = await manager.send({ targets: [1, 2], cohort: [1, 2, 3] });
  await manager.until(() => manager.sentTo().length === 2);
  const signed = new TextDecoder().decode(order.frame);
  expect(await one.frames.count(1)).toEqual([signed]);
  expect(await two.frames.count(1)).toEqual([signed]);
  await published.count(2);
  expect(published.items.map(({ topic }) => topic).toSorted()).toEqual([1, 2].map((ordinal) => `oc2/cmd/device/${deviceId(ordinal)}`));
  for (const { properties, retain, qos } of published.items) {
    expect({ retain, qos, type: properties?.contentType }).toEqual({ retain: false, qos: 1, type: "application/jose+json" });
    expect(properties?.messageExpiryInterval).toBeLessThanOrEqual(60);
  }
  expect(other.frames.items).toEqual([]);
});

through("a query, which is asked once, waits in the broker as long as it holds", async () => {
  await stand(1);
  await manager.send({ targets: [1], answers: true, repeats: false });
  const [packet] = await published.count(1);
  expect(packet?.properties?.messageExpiryInterval).toBeGreaterThan(3_000);
});

through("attack: an order that its permit does not allow is refused with an alarm, and nothing is published", async () => {
  await stand(1);
  await manager.send({ targets: [1], permit: { count_max: 0 } });
  await manager.send({ targets: [1], order: { campaignId: "another" } });
  await manager.send({ targets: [1], command: "exchanged", permit: { commands: ["00".repeat(32)] } });
  await manager.until(() => manager.of("order-refused").length === 3);
  expect(manager.of("order-refused").map(({ code }) => code)).toEqual(["ERR_CHANNEL_WIDENED", "ERR_CHANNEL_ORDER", "ERR_CHANNEL_COMMAND"]);
  expect(published.items).toEqual([]);
});

through("a stop counts in the middle of a slow fan-out, and a resume sends to the rest", async () => {
  const all = await Promise.all(range(6).map((ordinal) => stand(ordinal)));
  await manager.send({ targets: range(6), ratePerSecond: 10 });
  await manager.until(() => manager.sentTo().length >= 1);
  await manager.hold("stop");
  // Behind the stop, an order of another campaign proves that it was applied.
  await manager.send({ targets: [0], commandId: "marker", permit: { campaign_id: "campaign-2" }, order: { campaignId: "campaign-2" } });
  await all[0]?.frames.until((frames) => frames.length >= 1 && published.items.length > 0);
  await manager.until(() => manager.of("sent").some(({ seq }) => seq === 3));
  expect(manager.sentTo().length).toBeLessThan(7);
  await manager.hold("resume");
  await manager.until(() => manager.sentTo().length === 7);
  for (const device of all.slice(1)) expect((await device.frames.count(1)).length).toBe(1);
});

through("nothing is sent to a device whose session the broker does not have, until it comes back", async () => {
  // It checks in and goes, and the broker forgets it.
  const raw = await broker.raw("32473-test-7", { clean: true });
  await raw.publishAsync(`oc2/rsp/gateway-1/${deviceId(7)}`, Buffer.from(encodeCheckIn(makeCheckIn())), { qos: 1, retain: true });
  await manager.checkedIn(1);
  await raw.endAsync();
  // The watcher would count as a subscriber.
  await watcher.unsubscribeAsync("oc2/cmd/#");
  await manager.send({ targets: [7] });
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(manager.sentTo()).toEqual([]);
  const device = await stand(7);
  await device.frames.count(1);
  await manager.until(() => manager.sentTo().length === 1);
});

through("a device that comes back without remembering the command is sent it again, one that remembers is not", async () => {
  const clientId = makeClientId();
  const device = await stand(1, { clientId });
  await manager.send({ targets: [1] });
  await device.frames.count(1);
  await manager.until(() => manager.sentTo().length === 1);
  await device.leave();
  const forgetful = await stand(1, { clientId });
  await forgetful.frames.count(1);
  await forgetful.leave();
  const mindful = await stand(1, { clientId, seen: ["command-1"] });
  await manager.send({ targets: [1], command: "another", commandId: "command-2" });
  expect((await mindful.frames.count(1)).length).toBe(1);
  await published.count(3);
  expect(published.items.length).toBe(3);
});

through(
  "a gateway that starts anew takes stored check-ins for what they are: who there is, not what they remember, and no evidence",
  async () => {
    const device = await stand(1);
    const order = await manager.send({ targets: [1] });
    await device.frames.count(1);
    await manager.until(() => manager.sentTo().length === 1);
    await gateway.stop();
    manager.orders[0] = { ...order, sent: order.targets };
    gateway = await openGateway();
    await manager.until(() => manager.of("connected").length === 2);
    await manager.send({ targets: [1], command: "another", commandId: "command-2" });
    expect((await device.frames.count(2)).length).toBe(2);
    expect(new Set(device.frames.items).size).toBe(2);
    expect(manager.of("check-in").length).toBe(1);
  },
);

through("a denied device is not sent to, and not heard when it comes back", async () => {
  const device = await stand(1);
  await manager.deny(1, [1]);
  await manager.until(() => manager.of("disconnected").length === 1);
  await manager.send({ targets: [1] });
  device.link.send(encodeCheckIn(makeCheckIn()));
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")[0]?.reason).toBe("ERR_CHANNEL_DENIED");
  expect(published.items).toEqual([]);
});

through(
  "what comes up after a command that asked for nothing is counted, whatever it is; an answer that was asked for is not",
  async () => {
    const device = await stand(1);
    await manager.send({ targets: [1], answers: true, commandId: "asks" });
    await device.frames.count(1);
    const answer = encodeResponse({ request_id: "asks", created: 1, from: deviceId(1) }, { status: 200 });
    device.link.send(answer);
    await manager.until(() => manager.of("response").length === 1);
    expect(manager.of("unasked-bytes")).toEqual([]);
    await manager.send({ targets: [1], command: "silence", commandId: "silent" });
    await device.frames.count(2);
    device.link.send(new TextEncoder().encode("what nobody can read"));
    await manager.until(() => manager.of("unasked-bytes").length === 1);
    expect(manager.of("unasked-bytes")[0]).toMatchObject({ seq: 2, ordinal: 1, bytes: 20 });
  },
);

through(
  "over a restart of the broker nothing is lost: what was stopped meanwhile is not sent, the rest is",
  async () => {
    const device = await stand(1);
    await broker.halt();
    await manager.send({ targets: [1], commandId: "stopped" });
    await manager.hold("stop");
    const goes = { commandId: "goes", permit: { campaign_id: "campaign-2" }, order: { campaignId: "campaign-2" }, command: "go" };
    const order = await manager.send({ targets: [1], ...goes });
    await broker.run();
    await manager.until(() => manager.sentTo().length === 1);
    expect(manager.of("sent").map(({ seq }) => seq)).toEqual([3]);
    // Perhaps twice: it checked in again, and remembers nothing.
    expect(new Set(await device.frames.count(1))).toEqual(new Set([new TextDecoder().decode(order.frame)]));
  },
  20_000,
);
