/** The control packets themselves, seen by a scripted broker: MQTT v1.0 §3.1 to §3.4. */
import { expect, test } from "bun:test";
import { BrokerClient } from "../../../src/channel/mqtt/broker-client.ts";
import { OUTGOING_MAX } from "../../../src/channel/mqtt/limits.ts";
import { makeClientId } from "../../../src/channel/mqtt/index.ts";
import { writeProperties } from "../../../src/channel/mqtt/properties.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PACKETS = { connect: 1, publish: 3, subscribe: 8, pingreq: 12 } as const;
/** MQTT 5 §3.2: no session, success, a Receive Maximum of one, and the server's own keep alive of four seconds. */
const CONNACK = Uint8Array.of(0x20, 9, 0, 0, 6, 0x21, 0, 1, 0x13, 0, 4);

const GRANTED = 2;
const NOT_AUTHORISED = 0x87;

/** Answers CONNECT and SUBSCRIBE with what they ask for, PUBLISH when it is told to, and keeps every packet. `grants`: what the first subscriptions get. */
function scriptedBroker(...grants: number[]) {
  const heard: { type: number; bytes: Uint8Array; atMs: number }[] = [];
  let peer: { write(bytes: Uint8Array): unknown; end(): unknown } | undefined;
  const waiting = new Set<() => void>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, chunk) {
        peer = socket;
        for (let at = 0; at < chunk.length; ) {
          const [low = 0, high = 0] = chunk.subarray(at + 1);
          const length = low < 128 ? low + 2 : (low & 127) + high * 128 + 3;
          const bytes = chunk.slice(at, at + length);
          at += length;
          const type = (bytes[0] ?? 0) >> 4;
          heard.push({ type, bytes, atMs: performance.now() });
          if (type === PACKETS.connect) socket.write(CONNACK);
          if (type === PACKETS.subscribe) socket.write(Uint8Array.of(0x90, 4, bytes[2] ?? 0, bytes[3] ?? 0, 0, grants.shift() ?? GRANTED));
          if (type === PACKETS.pingreq) socket.write(Uint8Array.of(0xd0, 0));
        }
        for (const look of waiting) look();
      },
    },
  });
  const all = (wanted: keyof typeof PACKETS) => heard.filter(({ type }) => type === PACKETS[wanted]);
  const nth = (count: number, wanted: keyof typeof PACKETS) =>
    new Promise<{ bytes: Uint8Array; atMs: number }>((resolve) => {
      const look = () => {
        const found = all(wanted)[count - 1];
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
    });
  /** The message id stands behind the topic (MQTT 5 §3.3.2). */
  const acknowledge = ({ bytes }: { bytes: Uint8Array }) => {
    const at = 4 + (bytes[3] ?? 0);
    peer?.write(Uint8Array.of(0x40, 2, bytes[at] ?? 0, bytes[at + 1] ?? 0));
  };
  const url = `mqtt://127.0.0.1:${server.port}`;
  return { url, all, nth, first: nth.bind(undefined, 1), acknowledge, cut: () => peer?.end(), stop: () => server.stop(true) };
}

test("CONNECT: no clean start, no will, a keep alive of a minute, our own ClientID; SUBSCRIBE: QoS 2, No Local, as published", async () => {
  const broker = scriptedBroker();
  const clientId = makeClientId();
  expect(clientId).toMatch(/^[0-9A-Za-z]{1,23}$/);
  const options = { url: broker.url, clientId, random: () => 0, log: silent };
  const client = new BrokerClient({ topics: ["oc2/cmd/all"] }, options, { onPublication: async () => {} });
  await client.start();
  const { bytes } = await broker.first("connect");
  expect([...bytes.subarray(2, 12)]).toEqual([0, 4, ...Buffer.from("MQTT"), 5, 0b0000_0000, 0, 60]);
  const propertiesLength = bytes[12] ?? 0;
  const id = bytes.subarray(13 + propertiesLength);
  expect(Buffer.from(id.subarray(2)).toString()).toBe(clientId);
  const subscribe = (await broker.first("subscribe")).bytes;
  // §3.8.3.1 of MQTT 5: retain handling 0, retain as published 1, no local 1, QoS 2.
  expect(subscribe.at(-1)).toBe(0b00_00_1_1_10);
  const published = client.publish({
    topic: "oc2/rsp",
    payload: Buffer.from("{}"),
    properties: writeProperties({ type: "rsp", serialisation: "json" }, 7),
  });
  const publish = (await broker.first("publish")).bytes;
  // QoS 1, not retained, no duplicate.
  expect(publish[0]).toBe(0x32);
  const text = Buffer.from(publish).toString("latin1");
  expect(text).toContain("\x01\x01");
  expect(text).toContain("\x02\x00\x00\x00\x07");
  expect(text).toMatch(/msgType..rsp.*encoding..json/s);
  expect(text).not.toContain("\x08\x00");
  const stopped = client.stop();
  expect(await published.catch((error: unknown) => error)).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
  await stopped;
  broker.stop();
});

test("PINGREQ: after 95 % of the keep alive without another packet", async () => {
  const broker = scriptedBroker();
  const options = { url: broker.url, clientId: makeClientId(), random: () => 0, log: silent };
  const client = new BrokerClient({ topics: ["oc2/cmd/all"] }, options, { onPublication: async () => {} });
  await client.start();
  const { atMs: subscribedMs } = await broker.first("subscribe");
  const { atMs: pingedMs } = await broker.first("pingreq");
  expect(pingedMs - subscribedMs).toBeGreaterThan(3_700);
  expect(pingedMs - subscribedMs).toBeLessThan(4_000);
  await client.stop();
  broker.stop();
}, 20_000);

test("no more is on its way than the broker's Receive Maximum, and what was stopped while it waited is not sent", async () => {
  const broker = scriptedBroker();
  const options = { url: broker.url, clientId: makeClientId(), random: () => 0, log: silent };
  const client = new BrokerClient({ topics: ["oc2/cmd/all"] }, options, { onPublication: async () => {} });
  expect(client.room).toBe(0);
  await client.start();
  expect(client.room).toBe(OUTGOING_MAX);
  let isStopped = false;
  const properties = writeProperties({ type: "req", serialisation: "json" });
  const publish = (text: string) => client.publish({ topic: "t", payload: Buffer.from(text), properties, isMeant: () => !isStopped });
  const [one, two, three] = [publish("one"), publish("two"), publish("three")];
  const first = await broker.first("publish");
  expect(broker.all("publish").length).toBe(1);
  broker.acknowledge(first);
  const second = await broker.nth(2, "publish");
  isStopped = true;
  broker.acknowledge(second);
  expect(await Promise.all([one, two, three])).toEqual(["held", "held", "withdrawn"]);
  expect(broker.all("publish").length).toBe(2);
  await client.stop();
  broker.stop();
});

test("too many messages that wait for a broker are refused, and those that wait hear when the client stops", async () => {
  const broker = scriptedBroker();
  const options = { url: broker.url, clientId: makeClientId(), random: () => 0, log: silent };
  const client = new BrokerClient({ topics: ["oc2/cmd/all"] }, options, { onPublication: async () => {} });
  await client.start();
  const outgoing = { topic: "t", payload: new Uint8Array(1), properties: {} };
  const failed = (error: { code: string }) => error.code;
  const waiting = Array.from({ length: OUTGOING_MAX + 1 }, () => client.publish(outgoing).catch(failed));
  expect(client.room).toBe(0);
  expect(await client.publish(outgoing).catch(failed)).toBe("ERR_CHANNEL_BUSY");
  await client.stop();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["ERR_CHANNEL_BROKER"]));
  broker.stop();
});

test("a refused subscription is an error at the start, and tried again later", async () => {
  const broker = scriptedBroker(NOT_AUTHORISED, GRANTED, NOT_AUTHORISED, GRANTED);
  const options = { url: broker.url, clientId: makeClientId(), random: () => 0, log: silent };
  let isReady = Promise.withResolvers<void>();
  const events = { onPublication: async () => {}, onReady: () => isReady.resolve() };
  const make = () => new BrokerClient({ topics: ["oc2/cmd/all"] }, options, events);
  expect(
    await make()
      .start()
      .catch((error: unknown) => error),
  ).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
  const client = make();
  await client.start();
  isReady = Promise.withResolvers();
  broker.cut();
  await isReady.promise;
  expect(broker.all("subscribe").length).toBe(4);
  await client.stop();
  broker.stop();
});

test("certificates and mqtts:// go together", async () => {
  const options = { url: "mqtts://127.0.0.1:1", clientId: makeClientId(), random: () => 0, log: silent };
  const client = new BrokerClient({ topics: [] }, options, { onPublication: async () => {} });
  expect(await client.start().catch((error: unknown) => error)).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
});
