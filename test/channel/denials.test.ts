/** The deny list: pushed to a gateway it holds at once, for those who stand, those who come, and what is about to be sent. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { CLOSE } from "../../src/channel/wire/index.ts";
import { TestManager } from "./manager.ts";

const CHANNELS = 100;
const DENIED = 40;
/** SAFETY's figure. What is measured here is below a tenth of a second; a machine that is busy elsewhere does not change the verdict. */
const ENFORCED_MAX_MS = 5_000;

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test("every denied device's open channel is closed with a code that says so, the others stand and are sent to", async () => {
  const devices = await Promise.all(range(0, CHANNELS).map((ordinal) => manager.stand(ordinal)));
  await manager.checkedIn(CHANNELS);
  const decided = performance.now();
  await manager.deny(1, range(0, DENIED));
  const closed = await Promise.all(
    devices.slice(0, DENIED).map(async (device) => ({ ...(await device.closed), afterMs: performance.now() - decided })),
  );
  for (const { code, reason } of closed) expect([code, reason]).toEqual([CLOSE.denied, "ERR_CHANNEL_DENIED"]);
  expect(Math.max(...closed.map(({ afterMs }) => afterMs))).toBeLessThan(ENFORCED_MAX_MS);

  await manager.send({ targets: range(0, CHANNELS) });
  await Promise.all(devices.slice(DENIED).map((device) => device.received(1)));
  await manager.until(() => manager.sentTo().length >= CHANNELS - DENIED);
  expect(manager.sentTo().toSorted((a, b) => a - b)).toEqual(range(DENIED, CHANNELS));
  expect(gateway.stats().channels).toBe(CHANNELS - DENIED);
}, 20_000);

test("an order that came just before the denial does not reach the denied device", async () => {
  const [denied, other] = await Promise.all([manager.stand(1), manager.stand(2)]);
  await manager.checkedIn(2);
  // One message a second: the denial falls between the first and the second.
  await manager.send({ targets: [1, 2], ratePerSecond: 1, permit: { rate_max_per_second: 1 } });
  await Promise.race([denied.received(1), other.received(1)]);
  const [late, lateOrdinal] = denied.messages.length === 0 ? [denied, 1] : [other, 2];
  await manager.deny(1, [lateOrdinal]);
  expect((await late.closed).code).toBe(CLOSE.denied);
  expect(late.messages).toEqual([]);
});

test("a list with a lower version changes nothing", async () => {
  await manager.deny(5, [1]);
  await manager.deny(4, [2]);
  expect(await (await manager.connect(await manager.issue(2))).opened).toBe(true);
  expect(await (await manager.connect(await manager.issue(1))).opened).toBe(false);
});

test("one whom a newer list no longer names comes back", async () => {
  await manager.deny(1, [1]);
  expect(await (await manager.connect(await manager.issue(1))).opened).toBe(false);
  await manager.deny(2, []);
  const identity = await manager.issue(1);
  while (!(await (await manager.connect(identity)).opened)) await manager.until(() => manager.of("refused").length > 0);
  expect(gateway.stats().channels).toBe(1);
});
