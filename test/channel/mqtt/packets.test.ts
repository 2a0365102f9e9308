/** The control packets themselves, seen by a scripted broker: MQTT v1.0 §3.1 to §3.4. */
import { expect, test } from "bun:test";
import { BrokerClient } from "../../../src/channel/mqtt/broker-client.ts";
import { makeClientId } from "../../../src/channel/mqtt/index.ts";
import { writeProperties } from "../../../src/channel/mqtt/properties.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PACKETS = { connect: 1, publish: 3, subscribe: 8, pingreq: 12 } as const;
/** MQTT 5 §3.2: no session, success, and the server's own keep alive of four seconds. */
const CONNACK = Uint8Array.of(0x20, 6, 0, 0, 3, 0x13, 0, 4);

/** Answers CONNECT, SUBSCRIBE and PUBLISH with what they ask for, and keeps every packet. Small ones only: one length byte or two. */
function scriptedBroker() {
  const heard: { type: number; bytes: Uint8Array; atMs: number }[] = [];
  const waiting = new Set<() => void>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, chunk) {
        for (let at = 0; at < chunk.length; ) {
          const [low = 0, high = 0] = chunk.subarray(at + 1);
          const length = low < 128 ? low + 2 : (low & 127) + high * 128 + 3;
          const bytes = chunk.slice(at, at + length);
          at += length;
          const type = (bytes[0] ?? 0) >> 4;
          heard.push({ type, bytes, atMs: performance.now() });
          if (type === PACKETS.connect) socket.write(CONNACK);
          if (type === PACKETS.subscribe) socket.write(Uint8Array.of(0x90, 4, bytes[2] ?? 0, bytes[3] ?? 0, 0, 2));
          if (type === PACKETS.pingreq) socket.write(Uint8Array.of(0xd0, 0));
        }
        for (const look of waiting) look();
      },
    },
  });
  const first = (wanted: keyof typeof PACKETS) =>
    new Promise<{ bytes: Uint8Array; atMs: number }>((resolve) => {
      const look = () => {
        const found = heard.find(({ type }) => type === PACKETS[wanted]);
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { url: `mqtt://127.0.0.1:${server.port}`, first, stop: () => server.stop(true) };
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

test("certificates and mqtts:// go together", async () => {
  const options = { url: "mqtts://127.0.0.1:1", clientId: makeClientId(), random: () => 0, log: silent };
  const client = new BrokerClient({ topics: [] }, options, { onPublication: async () => {} });
  expect(await client.start().catch((error: unknown) => error)).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
});
