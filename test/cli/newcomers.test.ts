/** A webcam that is sold when the campaign is over and done: it joins, is updated, and stands in the report. Real processes, real agents. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runs } from "../../lab/attack/stage.ts";
import type { DrillDevice } from "../../lab/drills/device.ts";
import { Scene } from "../../lab/drills/scene.ts";
import { Teller } from "../../lab/story/teller.ts";
import type { Report } from "../../src/after-action/index.ts";
import { clientFor, makeContext } from "../../src/cli/context.ts";
import { makeOutput } from "../../src/cli/output.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-newcomers-"));
const scene = new Scene(directory, new Teller(true));
const api = () => clientFor(makeContext(scene.state, makeOutput(true)), "author");
let first: DrillDevice;

beforeAll(async () => {
  await scene.init();
  await scene.serve();
  await scene.release("2.0.0");
  first = await scene.enroll("first");
  first.switchOn();
  const target = { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: "2.0.0" } };
  const command = { action: "update", target, args: { response_requested: "none" }, command_id: "open" };
  writeFileSync(scene.file("open.json"), JSON.stringify(command));
}, 120_000);
afterAll(async () => {
  await scene.end();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs; await Bun.sleep(200)) if (await isSo()) return;
  throw new Error(`a minute has passed, and it is not so: ${what}`);
}

test("edict send --newcomers: a device that is enrolled after the campaign was done joins it, is updated, and is judged", async () => {
  const send = ["send", scene.file("open.json"), "--canary", "1", "--soak", "0s", "--newcomers", "5"];
  expect(await scene.print(...send, "--dry-run")).toContain(
    "Newcomers     up to 5 devices that appear later and match join, in waves after these, until it ends",
  );
  await scene.edict(...send);
  expect(await scene.print("approve", "open", "--yes")).toContain(
    'and up to 5 devices that appear later, until then, and match {"vendor":"famousMaker","name":"famousModel","new_version":"2.0.0"};',
  );
  expect(await first.says(runs("2.0.0"))).toBe(true);
  await until("the campaign is done", async () => (await api().campaign("open")).state === "done");
  expect(await scene.print("status", "open")).toContain("joined later 0, 5 more may");

  const late = await scene.enroll("late");
  late.switchOn();
  expect(await late.says(runs("2.0.0"))).toBe(true);
  await until("it is known that both run it", async () => (await api().campaign("open")).progress.updated === 2);
  await until("the campaign is done again", async () => (await api().campaign("open")).state === "done");
  expect(await api().campaign("open")).toMatchObject({
    newcomers: { joined: 1, left: 4 },
    progress: { targeted: 2, sent: 2, failed: 0 },
    waves: [
      { index: 0, count: 1 },
      { index: 1, count: 1, updated: 1 },
    ],
  });
  const report = (await (await api().report("open", "json")).json()) as Report;
  expect(report).toMatchObject({ targeted: 2, verdicts: { verified: 2 }, waves: [{ index: 0 }, { index: 1, isJoined: true }] });
  expect(await scene.print("report", "open")).toContain("1 device of at most 5 joined later, from ");
  expect(await api().ledger()).toContain('"act":"campaign.joined"');
}, 120_000);
