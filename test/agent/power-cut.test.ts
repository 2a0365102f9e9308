/**
 * The power is cut at every single thing that a device's disk does during an update, each once, and in the middle of each
 * write. Real channels, a real depot: a device per cut, all in one campaign.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Disk, type StepKind } from "../../src/agent/index.ts";
import { AgentWorld, type TestDevice } from "./world.ts";

class PowerCut extends Error {}

/** Counts what the disk does and goes dark at one step, leaving half of a write behind. */
class CutDisk extends Disk {
  readonly steps: StepKind[] = [];
  readonly #cutAt: number;
  #isDark = false;

  constructor(cutAt: number) {
    super();
    this.#cutAt = cutAt;
  }

  protected override async step(kind: StepKind, work: () => Promise<void>, torn?: () => Promise<void>): Promise<void> {
    if (this.#isDark) throw new PowerCut("there is no power");
    this.steps.push(kind);
    if (this.steps.length !== this.#cutAt) return work();
    this.#isDark = true;
    await torn?.();
    throw new PowerCut(`cut at step ${this.#cutAt}, a ${kind}`);
  }
}

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(() => world.end());

const isDone = (event: { kind: string; version?: string }) => event.kind === "booted" && event.version === "2.3.4";

test("wherever the power is cut during an update, the device boots a good slot, finishes, and installs once", async () => {
  const whole = await world.device();
  const counting = new CutDisk(0);
  void whole.start(counting).catch(() => undefined);
  await whole.saw((event) => event.kind === "connected");
  const stepsBefore = counting.steps.length;
  await world.order(world.update("first"));
  await whole.saw(isDone);
  await whole.stop();
  const steps = counting.steps.length;
  expect(steps - stepsBefore).toBeGreaterThan(20);

  const cut: TestDevice[] = [];
  while (cut.length < steps) cut.push(await world.device());
  const runs = cut.map(async (device, index) => {
    const disk = new CutDisk(index + 1);
    const failure = await device.start(disk).then(
      () => undefined,
      (error: unknown) => error,
    );
    // Every start on a dark disk ends; the power comes back and the device is started with a whole one.
    if (failure instanceof PowerCut) await Promise.race([device.start(), device.saw(isDone)]);
    return failure;
  });
  await world.order(world.update("second"));
  await Promise.all(cut.map((device) => device.saw(isDone)));
  await Promise.all(cut.map((device) => device.stop()));
  const failures = await Promise.all(runs);

  for (const [index, device] of cut.entries()) {
    const state = device.state();
    const at = `cut at step ${index + 1}`;
    expect([at, state.active, state.trial, state.job]).toEqual([at, "b", undefined, undefined]);
    expect([at, state.lastUpdate?.state, state.lastUpdate?.command_id]).toEqual([at, "done", "second"]);
    expect(readFileSync(join(device.directory, "slots", "b", "image")).equals(world.image)).toBe(true);
    // However often it was started: one image was committed, one switch was made.
    const installs = device.events.filter((event) => event.kind === "update" && event.state === "installing").length;
    expect([at, installs <= 2]).toEqual([at, true]);
  }
  expect(failures.filter((failure) => failure instanceof PowerCut).length).toBeGreaterThanOrEqual(steps - 2);
}, 120_000);
