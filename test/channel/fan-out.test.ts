import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { TestDevice } from "./device.ts";
import { TestManager } from "./manager.ts";

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

async function dial(ordinal: number): Promise<TestDevice> {
  const device = await TestDevice.dial({
    port: gateway.port,
    caPem: manager.authority.certificatePem,
    identity: await manager.issue(ordinal),
  });
  await device.opened;
  return device;
}

async function stand(ordinal: number, seen: readonly string[] = []): Promise<TestDevice> {
  const device = await dial(ordinal);
  device.checkIn(seen);
  return device;
}

async function checkedIn(count: number): Promise<void> {
  await manager.until(() => manager.of("check-in").length >= count);
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test("200 channels get exactly one frame each, and the report says so", async () => {
  const devices = await Promise.all(range(200).map((ordinal) => stand(ordinal)));
  await checkedIn(200);
  expect(gateway.stats().channels).toBe(200);
  const order = await manager.send({ targets: range(200) });
  await Promise.all(devices.map((device) => device.received(1)));
  await manager.until(() => manager.sentTo().length >= 200);
  expect(manager.sentTo().toSorted((a, b) => a - b)).toEqual(range(200));
  for (const device of devices) expect(device.messages).toEqual([text(order.frame)]);
  expect(gateway.stats().sent).toBe(200);
}, 20_000);

test("a device outside the targets gets nothing", async () => {
  const [inside, outside] = await Promise.all([stand(1), stand(2)]);
  await checkedIn(2);
  await manager.send({ cohort: [1, 2], targets: [1] });
  await inside.received(1);
  await manager.until(() => manager.sentTo().length > 0);
  expect(outside.messages).toEqual([]);
});
