/** What other implementations were seen to accept and to publish: we publish what they took, and read what they said. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { IClientPublishOptions, MqttClient } from "mqtt";
import { MQTT_PEERS } from "../../../src/channel/mqtt/index.ts";
import { writeProperties } from "../../../src/channel/mqtt/properties.ts";
import { type Command, encodeRequest, type Headers, parseMessage } from "../../../src/openc2/index.ts";
import { hasVectors, skipReason, VECTORS } from "../../vectors-folder.ts";
import { hasMosquitto, TestBroker, through } from "./broker.ts";
import { makeFilter, makeProducer } from "./world.ts";

interface Recorded {
  readonly isAnswer: boolean;
  readonly topic: string;
  readonly properties: NonNullable<IClientPublishOptions["properties"]>;
  readonly payload: string;
}

const canRun = hasVectors && hasMosquitto;
const yuuki = hasVectors ? readYuuki(read("yuuki-consumer-mqtt.txt")) : [];
const orchestrator = hasVectors ? readOrchestrator(read("oif-orchestrator-mqtt.txt")) : [];
let broker: TestBroker;
let peer: MqttClient;

beforeAll(async () => {
  if (!hasMosquitto) return;
  broker = await TestBroker.start();
  peer = await broker.raw("isp");
});
afterAll(async () => {
  await peer?.endAsync();
  await broker?.end();
});

test.skipIf(!hasVectors)(`what we publish is, byte for byte and property for property, what Yuuki took${skipReason}`, () => {
  const accepted = yuuki.filter(({ isAnswer }) => !isAnswer).slice(0, 3);
  expect(accepted.length).toBe(3);
  for (const { payload, properties } of accepted) {
    const message = parseMessage(new TextEncoder().encode(payload));
    if (message.kind !== "request") throw new Error("a command was recorded");
    const bytes = encodeRequest(message.headers as Headers, message.command as Command);
    expect(new TextDecoder().decode(bytes)).toBe(payload);
    const ours = writeProperties({ type: "req", serialisation: "json" });
    expect(Object.entries(ours.userProperties ?? {})).toEqual(Object.entries(properties.userProperties ?? {}));
    expect(ours).toEqual(properties);
  }
});

test.skipIf(!canRun)(`every answer that Yuuki gave is read${skipReason}`, async () => {
  const { producer, answers } = await makeProducer(broker, MQTT_PEERS.yuuki);
  const recorded = yuuki.filter(({ isAnswer }) => isAnswer);
  for (const { payload, properties } of recorded) await peer.publishAsync("oc2/rsp/isp", payload, { qos: 1, properties });
  const read = await answers.count(recorded.length);
  expect(read.map(({ response }) => response.status)).toEqual([200, 102, 400, 400, 400, 400, 200, 400]);
  expect(read.every(({ from }) => from === "Yuuki")).toBe(true);
  await producer.stop();
});

test.skipIf(!canRun)(
  `the OIF orchestrator's commands are done where its habits are put up with, and nowhere else${skipReason}`,
  async () => {
    const commands = orchestrator.filter(({ isAnswer }) => !isAnswer);
    expect(commands.length).toBe(2);
    const { producer, answers } = await makeProducer(broker);
    const tolerant = await makeFilter(broker, "yuuki", { habits: MQTT_PEERS["oif-orchestrator"], address: "yuuki@127.0.0.1:28883" });
    const strict = await makeFilter(broker, "strict");
    await Promise.all([tolerant.mqtt.start(), strict.mqtt.start()]);
    for (const { payload, properties } of commands) {
      await peer.publishAsync("oc2/cmd/device/yuuki", payload, { qos: 1, properties });
      await peer.publishAsync("oc2/cmd/device/strict", payload, { qos: 1, properties });
    }
    await tolerant.done.count(1);
    await answers.until((items) => items.filter(({ from }) => from === "strict").length === 2);
    for (const { response } of answers.items.filter(({ from }) => from === "strict")) expect(response.status).toBe(400);
    await Promise.all([producer.stop(), tolerant.mqtt.stop(), strict.mqtt.stop()]);
  },
);

through("a device that sends no properties is read where that is put up with", async () => {
  const bare = await makeProducer(broker, MQTT_PEERS["oif-device"]);
  await peer.publishAsync("oc2/rsp", '{"body":{"openc2":{"response":{"status":200}}}}', { qos: 0 });
  expect((await bare.answers.count(1))[0]).toEqual({ response: { status: 200 } });
  await bare.producer.stop();
});

function read(name: string): string {
  return readFileSync(join(VECTORS, "interop", name), "utf8");
}

/** `===== published|seen: topic T qos N [retain N] properties {...} =====`, then the payload on one line. */
function readYuuki(text: string): readonly Recorded[] {
  return [...text.matchAll(/^===== (published|seen): topic (\S+) .*?properties (\{.*\}) =====\n(.*)$/gm)].map(
    ([, what, topic, given, payload]) => {
      const { PayloadFormatIndicator, ContentType, UserProperty } = JSON.parse(given ?? "{}") as {
        PayloadFormatIndicator?: number;
        ContentType?: string;
        UserProperty?: [string, string][];
      };
      const properties = {
        ...(PayloadFormatIndicator !== undefined && { payloadFormatIndicator: PayloadFormatIndicator === 1 }),
        ...(ContentType !== undefined && { contentType: ContentType }),
        ...(UserProperty && { userProperties: Object.fromEntries(UserProperty) }),
      };
      return { isAnswer: what === "seen", topic: topic ?? "", properties, payload: payload ?? "" };
    },
  );
}

/** `topic T qos N retain N payload-format N content-type C user-properties name:value name:value`, then the payload. */
function readOrchestrator(text: string): readonly Recorded[] {
  const line = /^topic (\S+) qos \d retain \d payload-format (\d) content-type (\S+) user-properties (.*)\n(.*)$/gm;
  return [...text.matchAll(line)].map(([, topic = "", format, contentType = "", pairs = "", payload = ""]) => ({
    isAnswer: topic.startsWith("oc2/rsp"),
    topic,
    properties: {
      payloadFormatIndicator: format === "1",
      contentType,
      userProperties: Object.fromEntries(pairs.split(" ").map((pair) => pair.split(":") as [string, string])),
    },
    payload,
  }));
}

through("a producer that hears only what is said to all producers is answered there", async () => {
  const heard = Promise.withResolvers<string>();
  await peer.subscribeAsync("oc2/rsp", { qos: 1 });
  peer.once("message", (topic) => heard.resolve(topic));
  const habitual = await makeFilter(broker, "for-yuuki", { habits: MQTT_PEERS.yuuki });
  await habitual.mqtt.start();
  const command: Command = { action: "query", target: { features: [] } };
  const payload = Buffer.from(encodeRequest({ request_id: "1", from: "Producer1" }, command));
  const properties = writeProperties({ type: "req", serialisation: "json" });
  await peer.publishAsync("oc2/cmd/device/for-yuuki", payload, { qos: 1, properties });
  expect(await heard.promise).toBe("oc2/rsp");
  await habitual.mqtt.stop();
});
