/**
 * The gateway in worker processes of its own, in the middle of a slow fan-out: kill -9 of a worker takes only its own channels,
 * kill -9 of the manager takes none; afterwards everybody was sent to, and nobody installed twice.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceState } from "../../src/agent/state.ts";
import type { Report } from "../../src/after-action/index.ts";
import { Field } from "../../lab/story/field.ts";
import { type GatewayProcess, startGatewayWorkers } from "../../lab/story/serve-process.ts";
import { makeNeighbours, MODEL, OLD_VERSION, TENANT, VENDOR } from "../../lab/story/webcams.ts";

const DEVICES = 80;
/** Both workers together: the fan-out takes sixteen seconds. */
const RATE_PER_SECOND = 5;
/** At any time some are away to start their new image. */
const MOST = DEVICES * 0.75;
const directory = mkdtempSync(join(tmpdir(), "edict-workers-"));
let field: Field | undefined;
let gateway: GatewayProcess | undefined;

afterAll(async () => {
  await field?.end();
  await gateway?.end();
  rmSync(directory, { recursive: true, force: true });
});

test("a worker and then the manager are killed in the middle of a fan-out, and nothing is lost or done twice", async () => {
  const fleet = makeNeighbours(DEVICES).map((facts) => ({ ...facts, tenant: TENANT }));
  const running = (field = await Field.make({ directory, fleet, misfits: [], seed: 7, payloadBytes: 64 * 1024 }));
  const { directory: stateDirectory } = running.world.state.paths;
  await running.serve("--no-gateway");
  await running.importDevices(fleet);
  gateway = await startGatewayWorkers(stateDirectory, 2, join(directory, "gateway.log"));
  expect(gateway.port).toBe(running.world.ports.gateway);
  await running.connect(running.specs);

  const { campaign } = await running.client().draft({
    command: {
      action: "update",
      target: { "x-swup:software": { vendor: VENDOR, name: MODEL, old_version: OLD_VERSION, new_version: "2.3.4" } },
      command_id: "survives",
      args: { response_requested: "none" },
    },
    expiresInMs: 600_000,
    ratePerSecond: RATE_PER_SECOND,
    ladder: { canaryCount: 16, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 },
    overrides: { POLICY_MODEL_SHARE: "eighty devices, all of this test" },
  });
  if (campaign === undefined) throw new Error("no draft was kept");
  const view = () => running.client().campaign("survives");
  await running.sign(campaign, "author");
  await running.sign(await view(), "approver");
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
  const report = JSON.parse(await running.client().report("survives", "json")) as Report;
  expect(report.verdicts).toMatchObject({ verified: DEVICES });
  expect(report.upstreamBytesForNone).toBe(0);
  const boots = running.specs.map((spec) => (JSON.parse(readFileSync(join(spec.directory, "state.json"), "utf8")) as DeviceState).boot);
  expect(boots).toEqual(Array.from({ length: DEVICES }, () => 2));
}, 240_000);
