/**
 * The gateway in worker processes of its own, in the middle of a slow fan-out: kill -9 of a worker takes only its own channels,
 * kill -9 of the manager takes none; afterwards everybody was sent to, and nobody installed twice.
 */
import { afterAll, expect, test } from "bun:test";
import type { Report } from "../../src/after-action/index.ts";
import { ServedField } from "./served-field.ts";

const DEVICES = 80;
/** Both workers together: the fan-out takes sixteen seconds. */
const RATE_PER_SECOND = 5;
/** At any time some are away to start their new image. */
const MOST = DEVICES * 0.75;
let served: ServedField | undefined;

afterAll(() => served?.end());

test("a worker and then the manager are killed in the middle of a fan-out, and nothing is lost or done twice", async () => {
  served = await ServedField.make(DEVICES, "--no-gateway");
  const { field: running } = served;
  const gateway = await served.startWorkers(2);
  expect(gateway.port).toBe(running.world.ports.gateway);
  await running.connect(running.specs);
  await served.order("survives", {
    ratePerSecond: RATE_PER_SECOND,
    ladder: { canaryCount: 16, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 },
    overrides: { POLICY_MODEL_SHARE: "eighty devices, all of this test" },
  });
  const view = () => running.client().campaign("survives");
  const connected = async () => (await running.client().status()).connected;

  await running.until(async () => (await view()).progress.sent >= 24, 60_000);
  process.kill(gateway.workers[0] ?? 0, "SIGKILL");
  // Those of the other worker stand on, and the lost ones come back: to it, or to the worker that took the dead one's place.
  const seen: number[] = [];
  await running.until(async () => seen.push(await connected()) > 0 && (seen.at(-1) ?? 0) < MOST, 20_000);
  await running.until(async () => seen.push(await connected()) > 0 && (seen.at(-1) ?? 0) > MOST, 60_000);
  expect(Math.min(...seen)).toBeGreaterThan(0);

  expect((await view()).progress.sent).toBeLessThan(DEVICES);
  await running.killServe();
  await running.serve("--no-gateway");
  // Nobody had to come back: the worker processes told the new manager who stands.
  await running.until(async () => (await connected()) > MOST, 5_000);
  expect((await view()).progress.sent).toBeLessThan(DEVICES);

  await running.until(async () => (await view()).state === "done", 90_000);
  const report = (await (await running.client().report("survives", "json")).json()) as Report;
  expect(report.verdicts).toMatchObject({ verified: DEVICES });
  expect(report.upstreamBytesForNone).toBe(0);
  expect(served.boots()).toEqual(Array.from({ length: DEVICES }, () => 2));
}, 240_000);
