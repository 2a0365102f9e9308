/** Commands and answers through a real broker: by device, by profile and to all; asleep, twice, and over a restart of the broker. */
import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import { makeClientId } from "../../../src/channel/mqtt/index.ts";
import { MemoryStore } from "../../../src/openc2/consumer/index.ts";
import type { Command } from "../../../src/openc2/index.ts";
import { hasMosquitto, TestBroker, through } from "./broker.ts";
import { makeFilter, makeProducer, Seen } from "./world.ts";

let broker: TestBroker;
const leaving: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  if (hasMosquitto) broker = await TestBroker.start();
});
afterEach(async () => {
  await Promise.all(leaving.splice(0).map((one) => one.stop()));
});
afterAll(() => broker?.end());

function deny(commandId: string, requested: "none" | "ack" | "status" | "complete"): Command {
  return {
    action: "deny",
    target: { ipv4_net: "198.51.100.0/24" },
    args: { response_requested: requested },
    actuator: { slpf: {} },
    command_id: commandId,
  };
}

async function filter(name: string, given: Parameters<typeof makeFilter>[2] = {}) {
  const made = await makeFilter(broker, name, given);
  await made.mqtt.start();
  leaving.push(made.mqtt);
  return made;
}

async function producer() {
  const made = await makeProducer(broker);
  leaving.push(made.producer);
  return made;
}

through("one consumer is commanded by its device topic and answers its producer alone", async () => {
  const [one, other] = [await filter("fw-1"), await filter("fw-2")];
  const { producer: isp, answers } = await producer();
  const { requestId, taken } = await isp.send({ kind: "device", id: "fw-1" }, deny("d-1", "complete"));
  expect(taken).toBe("held");
  const [answer] = await answers.count(1);
  expect(answer).toMatchObject({ from: "fw-1", requestId: requestId ?? "none", response: { status: 200 } });
  expect(one.done.items).toEqual(["d-1"]);
  expect(other.done.items).toEqual([]);
});

through("a profile's topic and the topic for all reach both consumers; `to` picks one of them", async () => {
  const [one, other] = [await filter("fw-1"), await filter("fw-2")];
  const { producer: isp, answers } = await producer();
  await isp.send({ kind: "profile", nsid: "slpf" }, deny("p-1", "complete"));
  await answers.count(2);
  await isp.send({ kind: "all" }, deny("a-1", "complete"));
  await answers.count(4);
  expect(answers.items.map(({ from }) => from).toSorted()).toEqual(["fw-1", "fw-1", "fw-2", "fw-2"]);
  await isp.send({ kind: "all" }, deny("a-2", "complete"), { to: ["fw-2"] });
  await answers.count(5);
  expect(one.done.items).toEqual(["p-1", "a-1"]);
  expect(other.done.items).toEqual(["p-1", "a-1", "a-2"]);
});

through("none is done without a word, ack is answered before the work", async () => {
  const work = Promise.withResolvers<void>();
  const one = await filter("fw-1", { until: work.promise });
  const { producer: isp, answers } = await producer();
  expect(await isp.send({ kind: "device", id: "fw-1" }, deny("n-1", "none"))).toEqual({ taken: "held" });
  await isp.send({ kind: "device", id: "fw-1" }, deny("k-1", "ack"));
  expect((await answers.count(1))[0]?.response).toEqual({ status: 102 });
  expect(one.done.items).toEqual([]);
  work.resolve();
  await one.done.count(2);
  expect(answers.items.length).toBe(1);
});

through("work that takes long keeps neither later commands nor the connection waiting", async () => {
  const work = Promise.withResolvers<void>();
  const one = await filter("fw-1", { until: work.promise });
  const { producer: isp, answers } = await producer();
  await isp.send({ kind: "device", id: "fw-1" }, deny("l-1", "complete"));
  await one.events.until((events) => events.some(({ kind }) => kind === "started"));
  await isp.send({ kind: "device", id: "fw-1" }, { action: "query", target: { features: [] } });
  expect((await answers.count(1))[0]?.response).toEqual({ status: 200 });
  work.resolve();
  await answers.count(2);
});

through(
  "a consumer that is away gets it when it returns, and nothing when the time is over",
  async () => {
    const clientId = makeClientId();
    const before = await makeFilter(broker, "fw-3", { clientId });
    await before.mqtt.start();
    await before.mqtt.stop();
    const { producer: isp, answers } = await producer();
    await isp.send({ kind: "device", id: "fw-3" }, deny("late", "complete"), { notAfterMs: Date.now() + 1_100 });
    await isp.send({ kind: "device", id: "fw-3" }, deny("in-time", "complete"), { notAfterMs: Date.now() + 600_000 });
    // The broker's own clock decides; it counts in whole seconds.
    await Bun.sleep(2_100);
    const after = await filter("fw-3", { clientId });
    await answers.count(1);
    expect(after.done.items).toEqual(["in-time"]);
  },
  20_000,
);

through("a command to a device that never subscribed is told as held by nobody", async () => {
  const { producer: isp } = await producer();
  expect(await isp.send({ kind: "device", id: "stranger" }, deny("s-1", "none"))).toEqual({ taken: "unheld" });
});

through("the same command twice is done once and answered twice", async () => {
  const one = await filter("fw-1");
  const { producer: isp, answers } = await producer();
  await isp.send({ kind: "device", id: "fw-1" }, deny("twice", "complete"));
  await isp.send({ kind: "device", id: "fw-1" }, deny("twice", "complete"));
  expect((await answers.count(2)).map(({ response }) => response.status)).toEqual([200, 200]);
  expect(one.done.items).toEqual(["twice"]);
});

through("what a consumer could not keep is not acknowledged, and comes again", async () => {
  const store = new MemoryStore();
  const syncing = Promise.withResolvers<void>();
  store.synced = () => {
    syncing.resolve();
    return new Promise(() => {});
  };
  const clientId = makeClientId();
  const dying = await makeFilter(broker, "fw-4", { clientId, store });
  await dying.mqtt.start();
  const { producer: isp, answers } = await producer();
  await isp.send({ kind: "device", id: "fw-4" }, deny("kept", "complete"));
  await syncing.promise;
  await dying.mqtt.stop();
  const alive = await filter("fw-4", { clientId });
  await answers.count(1);
  expect(alive.done.items).toEqual(["kept"]);
});

through(
  "broker and clients find each other again after its restart, and what was under way arrives",
  async () => {
    const one = await filter("fw-1");
    const { producer: isp, answers } = await producer();
    await broker.halt();
    const sending = isp.send({ kind: "device", id: "fw-1" }, deny("over-the-restart", "complete"));
    await broker.run();
    await sending;
    await answers.count(1);
    expect(one.done.items).toEqual(["over-the-restart"]);
  },
  20_000,
);

through("CBOR is announced as such, done and answered in kind", async () => {
  const watcher = await broker.raw("isp");
  const seen = new Seen<{ topic: string; payload: Buffer; properties: unknown }>();
  watcher.on("message", (topic, payload, { properties }) => seen.add({ topic, payload, properties }));
  await watcher.subscribeAsync(["oc2/cmd/all", "oc2/rsp/isp"], { qos: 1 });
  const one = await filter("fw-1");
  const { producer: isp, answers } = await producer();
  await isp.send({ kind: "all" }, deny("c-1", "complete"), { serialisation: "cbor" });
  expect((await answers.count(1))[0]).toMatchObject({ from: "fw-1", response: { status: 200 } });
  expect(one.done.items).toEqual(["c-1"]);
  const packets = await seen.count(2);
  for (const [index, msgType] of ["req", "rsp"].entries()) {
    // A map of two, which JSON never begins with.
    expect(packets[index]?.payload[0]).toBe(0xa2);
    expect(packets[index]?.properties).toEqual({
      contentType: "application/openc2",
      payloadFormatIndicator: false,
      userProperties: Object.assign(Object.create(null) as object, { msgType, encoding: "cbor" }),
    });
  }
  await watcher.endAsync();
});
