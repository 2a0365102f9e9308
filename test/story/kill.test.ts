/** kill -9 of the serving process in the middle of the fan-out: the campaign goes on, nobody is forgotten, nobody installs twice. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceState } from "../../src/agent/state.ts";
import type { Report } from "../../src/after-action/index.ts";
import { Field } from "../../lab/story/field.ts";
import { makeNeighbours, MODEL, OLD_VERSION, TENANT, VENDOR } from "../../lab/story/webcams.ts";

const DEVICES = 80;
/** Slow enough that the kill falls into the middle: the fan-out takes four seconds. */
const RATE_PER_SECOND = 20;
const directory = mkdtempSync(join(tmpdir(), "edict-kill-"));
let field: Field | undefined;

afterAll(async () => {
  await field?.end();
  rmSync(directory, { recursive: true, force: true });
});

test("after kill -9 in the middle of the fan-out every device of the cohort is sent to, and none installs twice", async () => {
  const fleet = makeNeighbours(DEVICES).map((facts) => ({ ...facts, tenant: TENANT }));
  field = await Field.make({ directory, fleet, misfits: [], seed: 7, payloadBytes: 64 * 1024 });
  await field.serve();
  await field.importDevices(fleet);
  await field.connect(field.specs);
  const { campaign } = await field.client().draft({
    command: {
      action: "update",
      target: { "x-swup:software": { vendor: VENDOR, name: MODEL, old_version: OLD_VERSION, new_version: "2.3.4" } },
      command_id: "killed",
      args: { response_requested: "none" },
    },
    expiresInMs: 600_000,
    ratePerSecond: RATE_PER_SECOND,
    ladder: { canaryCount: 16, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 },
    overrides: { POLICY_MODEL_SHARE: "eighty devices, all of this test" },
  });
  if (campaign === undefined) throw new Error("no draft was kept");
  await field.sign(campaign, "author");
  await field.sign(await field.client().campaign("killed"), "approver");

  const running = field;
  const sent = async () => (await running.client().campaign("killed")).progress.sent;
  await field.until(async () => (await sent()) >= 30, 60_000);
  await field.killServe();
  await field.serve();
  expect(await sent()).toBeLessThan(DEVICES);

  await field.until(async () => (await running.client().campaign("killed")).state === "done", 90_000);
  const report = JSON.parse(await field.client().report("killed", "json")) as Report;
  expect(report.verdicts).toMatchObject({ verified: DEVICES });
  expect(report.upstreamBytesForNone).toBe(0);
  const boots = field.specs.map((spec) => (JSON.parse(readFileSync(join(spec.directory, "state.json"), "utf8")) as DeviceState).boot);
  // Started once, and once more for the one install.
  expect(boots).toEqual(Array.from({ length: DEVICES }, () => 2));
}, 240_000);
