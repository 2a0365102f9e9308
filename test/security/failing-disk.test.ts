/**
 * Abuse case 17 without a power cut: from some step on the device's disk is full, cannot sync, or takes nothing any more. The agent stops with
 * the disk's own error instead of going on half done; on a disk that works again it goes on from what is there.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { Disk, type Step } from "../../src/agent/index.ts";
import { FilesInstaller } from "../../src/agent/installers/files.ts";
import type { TestDevice } from "../agent/test-device.ts";
import { AgentWorld } from "../agent/world.ts";

const FAULTS = {
  "is full": { code: "ENOSPC", kinds: ["write"] },
  "cannot sync": { code: "EIO", kinds: ["sync", "sync-directory"] },
  "takes nothing any more": { code: "EROFS", kinds: ["write", "sync", "rename", "remove", "sync-directory"] },
} as const satisfies Record<string, { code: string; kinds: readonly Step["kind"][] }>;

class FailingDisk extends Disk {
  steps = 0;
  readonly #from: number;
  readonly #fault: { readonly code: string; readonly kinds: readonly Step["kind"][] };

  /** From this step on. */
  constructor(from: number, fault: keyof typeof FAULTS) {
    super();
    this.#from = from;
    this.#fault = FAULTS[fault];
  }

  protected override async step({ kind, path }: Step, work: () => Promise<void>): Promise<void> {
    this.steps += 1;
    const { code, kinds } = this.#fault;
    if (this.steps < this.#from || !kinds.includes(kind)) return work();
    // After a failed sync a kernel takes the bytes for written and may forget them.
    if (kind === "sync") truncateSync(path, statSync(path).size >> 1);
    throw Object.assign(new Error(`${code}: ${kind} of ${path}`), { code });
  }
}

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(() => world.end());

const isDone = (device: TestDevice) => device.state().lastUpdate?.state === "done" && device.state().trial === undefined;
const done = async (device: TestDevice) => {
  while (!isDone(device)) await Bun.sleep(20);
};

async function countSteps(): Promise<number> {
  const device = await world.device();
  const disk = new FailingDisk(Number.POSITIVE_INFINITY, "is full");
  await world.order(world.update("count"));
  void device.start(disk);
  await done(device);
  await device.stop();
  return disk.steps;
}

test.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])(
  "a disk that %s, at whatever step: the device stops, and on a good disk it goes on and ends well",
  async (fault) => {
    const steps = await countSteps();
    expect(steps).toBeGreaterThan(25);
    const devices: TestDevice[] = [];
    while (devices.length < steps) devices.push(await world.device());
    await world.order(world.update(`on-a-disk-that-${FAULTS[fault].code}`));
    const stopped = await Promise.all(devices.map((device, index) => live(device, new FailingDisk(index + 1, fault), FAULTS[fault].code)));
    expect(stopped.filter(Boolean).length).toBeGreaterThan(steps / 2);
    await Promise.all(devices.map(done));
    await Promise.all(devices.map((device) => device.stop()));
    for (const device of devices) {
      expect(device.state()).toMatchObject({ active: "b", lastUpdate: { state: "done" } });
      expect(readFileSync(join(device.directory, "slots", "b", "image")).equals(world.image)).toBe(true);
    }
  },
  60_000,
);

/** Runs until its disk stops it, looks at what is left, and runs on a good disk. Whether it was stopped: after the last step of a kind none fails. */
async function live(device: TestDevice, disk: Disk, code: string): Promise<boolean> {
  const failed = device.start(disk).then(
    () => undefined,
    (error: { readonly code?: string }) => error.code,
  );
  const outcome = await Promise.race([failed, done(device).then(() => "done")]);
  if (outcome === "done") return false;
  expect(outcome).toBe(code);
  const { active, trial } = device.state();
  const installer = new FilesInstaller(device.directory, new Disk());
  expect(await installer.isIntact(active)).toBe(true);
  if (trial !== undefined) expect(await installer.isIntact(trial.slot)).toBe(true);
  void device.start();
  return true;
}
