/** What hostile or broken peers publish: each gets its status where an answer is possible, and never a stack trace. */
import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { IClientPublishOptions, MqttClient } from "mqtt";
import { type MqttAnswer, MqttProducer } from "../../../src/channel/mqtt/index.ts";
import { encodeRequest } from "../../../src/openc2/index.ts";
import { createAuthority, issueDevice } from "../../../src/trust/sign/certificate-authority.ts";
import { hasMosquitto, TestBroker, through } from "./broker.ts";
import { makeFilter, makeProducer, type Seen, type TestConsumer } from "./world.ts";

const TOPIC = "oc2/cmd/device/fw-1";
const OPENC2: NonNullable<IClientPublishOptions["properties"]> = {
  payloadFormatIndicator: true,
  contentType: "application/openc2",
  userProperties: { msgType: "req", encoding: "json" },
};

let broker: TestBroker;
let attacker: MqttClient;
let victim: TestConsumer;
let producer: MqttProducer;
let answers: Seen<MqttAnswer>;

beforeAll(async () => {
  if (!hasMosquitto) return;
  broker = await TestBroker.start();
  attacker = await broker.raw("isp");
  victim = await makeFilter(broker, "fw-1");
  await victim.mqtt.start();
  ({ producer, answers } = await makeProducer(broker));
});
afterEach(() => {
  answers?.items.splice(0);
  victim?.done.items.splice(0);
});
afterAll(async () => {
  await Promise.all([attacker?.endAsync(), victim?.mqtt.stop(), producer?.stop()]);
  await broker?.end();
});

const envelope = (request: unknown, headers: object = { request_id: "r-1", from: "isp" }) =>
  JSON.stringify({ headers, body: { openc2: { request } } });
const query = { action: "query", target: { features: [] } };

/** A harmless question behind it: when it is answered, all before it was dealt with. */
async function answersTo(
  payload: string | Buffer,
  properties = OPENC2,
  options: IClientPublishOptions = {},
): Promise<readonly MqttAnswer[]> {
  await attacker.publishAsync(TOPIC, payload, { qos: 1, properties, ...options });
  const { requestId: last } = await producer.send({ kind: "device", id: "fw-1" }, { action: "query", target: { features: [] } });
  await answers.until((items) => items.some(({ requestId }) => requestId === last));
  return answers.items.filter(({ requestId }) => requestId !== last);
}

/** Use case 15: no JSON; JSON that is no OpenC2; OpenC2 that is not supported here. */
const ABUSES: readonly (readonly [name: string, payload: string | Buffer, status: number, text: RegExp])[] = [
  ["no JSON at all", "not json", 400, /^ERR_OPENC2_JSON_SYNTAX .*line 1/],
  ["nothing", "", 400, /^ERR_OPENC2_JSON_SYNTAX /],
  ["a trailing comma", '{"headers":{},}', 400, /^ERR_OPENC2_JSON_SYNTAX /],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, /^ERR_OPENC2_JSON_ENCODING /],
  ["a name that stands twice", '{"body":{},"body":{}}', 400, /^ERR_OPENC2_JSON_DUPLICATE /],
  ["a poisoned prototype", '{"__proto__":{"body":{}}}', 400, /^ERR_OPENC2_JSON_NAME /],
  ["10,000 nested lists", "[".repeat(10_000), 400, /^ERR_OPENC2_JSON_DEPTH /],
  ["a text of more than 16 KiB", " ".repeat(16_385), 400, /^ERR_OPENC2_JSON_SIZE /],
  ["JSON that is no message", '{"hello":"world"}', 400, /^ERR_OPENC2_/],
  [
    "an action that does not exist",
    envelope({ action: "frobnicate", target: { features: [] } }),
    400,
    /^ERR_OPENC2_ACTION .*request\.action/,
  ],
  ["two targets", envelope({ action: "query", target: { features: [], command: "x" } }), 400, /^ERR_OPENC2_CHOICE /],
  [
    "an argument that query features forbids",
    envelope({ ...query, args: { response_requested: "none" } }),
    400,
    /^ERR_OPENC2_FEATURES_ARGS /,
  ],
  ["an action not supported here", envelope({ action: "delete", target: { file: { name: "x" } } }), 501, /^ERR_CONSUMER_/],
  ["a profile not supported here", envelope({ action: "update", target: { "x-none:thing": {} } }), 501, /^ERR_OPENC2_UNSUPPORTED /],
];

for (const [name, payload, status, text] of ABUSES) {
  through(`abuse: ${name} is answered with ${status}`, async () => {
    const [answer, ...others] = await answersTo(payload);
    expect(others).toEqual([]);
    expect(answer?.response.status).toBe(status as 400);
    expect(answer?.response.status_text).toMatch(text);
    expect(answer?.response.status_text).not.toMatch(/\bat .*\.ts|node_modules/);
    expect(answer?.from).toBe("fw-1");
    expect(victim.done.items).toEqual([]);
  });
}

const NOT_OPENC2: readonly (readonly [name: string, properties: NonNullable<IClientPublishOptions["properties"]>])[] = [
  ["no properties", {}],
  ["another content type", { ...OPENC2, contentType: "application/json" }],
  ["no message type", { ...OPENC2, userProperties: { encoding: "json" } }],
  ["an unknown message type", { ...OPENC2, userProperties: { msgType: "constructor", encoding: "json" } }],
  ["two message types", { ...OPENC2, userProperties: { msgType: ["req", "rsp"], encoding: "json" } }],
  ["an unknown encoding", { ...OPENC2, userProperties: { msgType: "req", encoding: "xml" } }],
  ["JSON announced as binary", { ...OPENC2, payloadFormatIndicator: false }],
];

for (const [name, properties] of NOT_OPENC2) {
  through(`abuse: a good command with ${name} is answered with 400 to all producers`, async () => {
    const [answer, ...others] = await answersTo(envelope(query), properties);
    expect(others).toEqual([]);
    expect(answer).toMatchObject({ from: "fw-1", response: { status: 400 } });
    expect(answer?.response.status_text).toMatch(/^ERR_CHANNEL_MQTT /);
  });
}

through("more user properties, in another order, are put up with", async () => {
  const userProperties = { traceparent: "x", encoding: "json", msgType: "req" };
  const [answer] = await answersTo(envelope(query), { ...OPENC2, userProperties });
  expect(answer?.response).toEqual({ status: 200 });
});

through("attack: a retained command, which would come back with every subscription, has no effect", async () => {
  expect(await answersTo(envelope(query), OPENC2, { retain: true })).toEqual([]);
  await attacker.publishAsync(TOPIC, "", { qos: 1, retain: true });
});

through("attack: an answer on a command topic is not answered", async () => {
  const userProperties = { msgType: "rsp", encoding: "json" };
  expect(await answersTo(envelope(query), { ...OPENC2, userProperties })).toEqual([]);
});

through("attack: a response topic of the sender's choice is not answered to", async () => {
  const [answer] = await answersTo(envelope(query), { ...OPENC2, responseTopic: "oc2/cmd/all", correlationData: Buffer.from("x") });
  expect(answer?.response).toEqual({ status: 200 });
});

through("attack: a `from` that would be another topic is answered where every producer listens", async () => {
  for (const from of ["../cmd/all", "a/b", "#", "+", "x\u0000", "y".repeat(300)]) {
    const [answer] = await answersTo(envelope(query, { request_id: "spoof", from }));
    expect(answer).toMatchObject({ requestId: "spoof", response: { status: 200 } });
    answers.items.splice(0);
  }
});

through("attack: a packet larger than we take never arrives, and the connection stands", async () => {
  expect(await answersTo("x".repeat(100_000))).toEqual([]);
});

through("attack: a device that commands others is refused by the broker's access list", async () => {
  const device = await broker.raw("cam-9");
  const command = encodeRequest({ from: "isp", created: 1, request_id: "x" }, query as never);
  const refused = device.publishAsync(TOPIC, Buffer.from(command), { qos: 1, properties: OPENC2 });
  expect(await refused.catch((error: unknown) => error)).toMatchObject({ code: 0x87 });
  await device.endAsync();
});

through("attack: a forged answer reaches a producer as what it is, a claim that refers to nothing of ours", async () => {
  const device = await broker.raw("cam-9");
  const userProperties = { msgType: "rsp", encoding: "json" };
  const forged = '{"headers":{"request_id":"nobody-asked","from":"fw-1"},"body":{"openc2":{"response":{"status":200}}}}';
  await device.publishAsync("oc2/rsp/isp", "garbage", { qos: 1, properties: { ...OPENC2, userProperties } });
  await device.publishAsync("oc2/rsp/isp", forged, { qos: 1, properties: { ...OPENC2, userProperties } });
  const [answer] = await answers.count(1);
  expect(answer).toEqual({ from: "fw-1", requestId: "nobody-asked", response: { status: 200 } });
  await device.endAsync();
});

through("attack: a broker with another authority's certificate is not spoken to", async () => {
  const other = await createAuthority("somebody else", { nowMs: Date.now() });
  const options = await broker.options("isp");
  const tls = { ...options.tls, caPem: other.certificatePem } as NonNullable<typeof options.tls>;
  const misled = new MqttProducer({ ...options, tls, name: "isp", clock: { nowMs: Date.now }, onAnswer: () => {} });
  expect(await misled.start().catch((error: unknown) => error)).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
});

through("a client whose certificate is another authority's is turned away", async () => {
  const other = await createAuthority("somebody else", { nowMs: Date.now() });
  const { certificatePem, privateKeyPem } = await issueDevice(other, { id: "urn:dev:ops:isp", nowMs: Date.now() });
  const options = await broker.options("isp");
  const tls = { ...options.tls, certPem: certificatePem, keyPem: privateKeyPem } as NonNullable<typeof options.tls>;
  const stranger = new MqttProducer({ ...options, tls, name: "isp", clock: { nowMs: Date.now }, onAnswer: () => {} });
  expect(await stranger.start().catch((error: unknown) => error)).toMatchObject({ code: "ERR_CHANNEL_BROKER" });
});
