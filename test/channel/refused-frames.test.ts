/** Every vector that a server must refuse, sent over a real channel: the gateway closes with the code, and the manager hears why. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import refused from "../../vectors/websocket/refused.json" with { type: "json" };
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";
import { TestManager } from "./manager.ts";

let manager: TestManager;
let identity: Issued;

beforeAll(async () => {
  manager = await TestManager.create();
  await manager.start();
  identity = await manager.issue(1);
});

beforeEach(() => {
  manager.reports.length = 0;
});

afterAll(() => manager.stop());

test.each(refused.cases.map(({ name, bytes, close }) => [name, bytes, close] as const))("%s", async (_name, bytes, close) => {
  const device = await manager.connect(identity);
  expect(await device.opened).toBe(true);
  device.raw(Uint8Array.fromHex(bytes.join("")));
  expect(await device.closed).toEqual({ code: close, reason: "ERR_CHANNEL_FRAME" });
  await manager.until(() => manager.of("disconnected").length > 0);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 1, reason: "ERR_CHANNEL_FRAME" }]);
});
