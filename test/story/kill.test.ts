/** kill -9 of the serving process in the middle of the fan-out: the campaign goes on, nobody is forgotten, nobody installs twice. */
import { afterAll, expect, test } from "bun:test";
import type { Report } from "../../src/after-action/index.ts";
import { ServedField } from "./served-field.ts";

const DEVICES = 80;
/** Slow enough that the kill falls into the middle: the fan-out takes four seconds. */
const RATE_PER_SECOND = 20;
let served: ServedField | undefined;

afterAll(() => served?.end());

test("after kill -9 in the middle of the fan-out every device of the cohort is sent to, and none installs twice", async () => {
  served = await ServedField.make(DEVICES);
  const { field } = served;
  await field.connect(field.specs);
  await served.order("killed", {
    ratePerSecond: RATE_PER_SECOND,
    ladder: { canaryCount: 16, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 },
    overrides: { POLICY_MODEL_SHARE: "eighty devices, all of this test" },
  });

  const sent = async () => (await field.client().campaign("killed")).progress.sent;
  await field.until(async () => (await sent()) >= 30, 60_000);
  await field.killServe();
  await field.serve();
  expect(await sent()).toBeLessThan(DEVICES);

  await field.until(async () => (await field.client().campaign("killed")).state === "done", 90_000);
  const report = (await (await field.client().report("killed", "json")).json()) as Report;
  expect(report.verdicts).toMatchObject({ verified: DEVICES });
  expect(report.upstreamBytesForNone).toBe(0);
  // Started once, and once more for the one install.
  expect(served.boots()).toEqual(Array.from({ length: DEVICES }, () => 2));
}, 240_000);
