/** Maintenance hours at a real gateway: an order whose window is shut waits, and begins by itself when it opens. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { TestManager } from "./manager.ts";

const HOUR_MS = 3_600_000;

let manager: TestManager;
let gateway: Gateway;

beforeEach(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

afterEach(() => manager.stop());

test("nothing is sent while the window is shut, also to a device that returns; all are sent to when it opens", async () => {
  const standing = await manager.stand(7);
  await manager.checkedIn(1);
  const window = { opensMs: Date.now() + HOUR_MS, lengthMs: HOUR_MS };
  await manager.send({ targets: [7, 8], permit: { not_after: Date.now() + 48 * HOUR_MS }, order: { window } });
  const returning = await manager.stand(8);
  await manager.checkedIn(2);
  // A campaign of its own without hours: when its command is there, the other order has been applied.
  const marker = await manager.stand(9);
  await manager.send({ targets: [9], commandId: "marker", permit: { campaign_id: "other" }, order: { campaignId: "other" } });
  await marker.received(1);
  expect(gateway.stats().sent).toBe(1);

  manager.skewMs = HOUR_MS + 1_000;
  manager.backplane.nudge();
  await Promise.all([standing.received(1), returning.received(1)]);
  await manager.until(() => manager.sentTo().length === 3);
});
