/**
 * The power is cut at every single thing that a device's disk does while it follows its director, learns of a newer state of the image
 * repository, installs, boots and rolls back: at each write, sync, rename, removal, new directory and sync of one, with what was not
 * synced kept or lost. A device per cut, real channels, a real depot. Whatever the instant: a good slot boots, never a mixture, never
 * below its floor, never an older director, never an older repository.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Disk } from "../../src/agent/index.ts";
import { FilesInstaller } from "../../src/agent/installers/files.ts";
import { ImageMetadata } from "../../src/depot/client/image-metadata.ts";
import { folderMetadata } from "../../src/depot/folder-metadata.ts";
import { targetPath } from "../../src/depot/release.ts";
import { floorOf } from "../../src/trust/counters.ts";
import { parseAuthority } from "../../src/trust/verify/index.ts";
import { directorBytes, mapBytes } from "../trust/people.ts";
import { CutDisk, type Leaves, PowerCut } from "./cut-disk.ts";
import type { TestDevice } from "./test-device.ts";
import { AgentWorld } from "./world.ts";

const OLD = crypto.getRandomValues(new Uint8Array(50_000));
/** `seen` and `newest` are versions of the image repository, by its timestamp: each publication is one, and the first made it. */
const STORIES = [
  { story: "an update that is good", healthCommand: undefined, old: undefined, ends: "done", active: "b", seen: 2, newest: 3 },
  {
    story: "an update that is rolled back",
    healthCommand: ["false"],
    old: undefined,
    ends: "rolled_back",
    active: "a",
    seen: 0,
    newest: 3,
  },
  { story: "an update by delta", healthCommand: undefined, old: OLD, ends: "done", active: "b", seen: 0, newest: 4 },
] as const;

describe.each(STORIES)("rotation, a new map and $story", ({ healthCommand, old, ends, active, seen, newest }) => {
  let world: AgentWorld;
  /** What a device keeps that saw the repository before the newest publication. */
  let kept: Uint8Array;
  beforeAll(async () => {
    world = await (old ? AgentWorld.make("isp.example", patched(old), { old }) : AgentWorld.make());
    kept = await seenRepository(world);
    await world.publish("2.4.0", 4, new Uint8Array(10));
    world.announce(await directorBytes(world.party, { version: 2 }));
    world.announce(await mapBytes(world.party, { version: 2 }));
    world.announce(await directorBytes(world.party, { version: 3 }));
  });
  afterAll(() => world.end());

  const make = async () => {
    const device = await world.device(healthCommand && { healthCommand: [...healthCommand] });
    if (seen === 0) return device;
    mkdirSync(join(device.directory, "tuf"));
    writeFileSync(join(device.directory, "tuf", "trusted.json"), kept);
    return device;
  };
  const hasEnded = (device: TestDevice) => device.state().lastUpdate?.state === ends && device.state().trial === undefined;
  const ended = async (device: TestDevice) => {
    while (!hasEnded(device) || trustOf(device).directors[0]?.version !== 3) await Bun.sleep(20);
  };

  test.each(["kept", "lost"] as const)(
    "wherever the power is cut, what was not synced %s",
    async (leaves) => {
      const steps = await countSteps();
      expect(steps).toBeGreaterThan(43);
      const devices: TestDevice[] = [];
      while (devices.length < steps) devices.push(await make());
      await world.order(world.update(`cut-${leaves}`));
      const cuts = await Promise.all(devices.map((device, index) => live(device, index + 1, leaves)));
      await Promise.all(devices.map(ended));
      await Promise.all(devices.map((device) => device.stop()));
      for (const [index, device] of devices.entries()) checkEnd(device, `cut at step ${index + 1}`, `cut-${leaves}`);
      expect(cuts.filter(Boolean).length).toBeGreaterThanOrEqual(steps - 2);
    },
    180_000,
  );

  async function countSteps(): Promise<number> {
    const device = await make();
    const counting = new CutDisk(0);
    await world.order(world.update(`whole-${device.id.at(-1)}`));
    void device.start(counting);
    await ended(device);
    await device.stop();
    return counting.steps.length;
  }

  /** Runs until the cut, looks at what is left, and switches on again. Whether there was a cut. */
  async function live(device: TestDevice, cutAt: number, leaves: Leaves): Promise<boolean> {
    const disk = new CutDisk(cutAt, leaves);
    const running = device.start(disk).then(
      () => undefined,
      (error: unknown) => error,
    );
    const isCut = await Promise.race([disk.gone.then(() => true), endedAtRest(device, disk).then(() => false)]);
    if (!isCut) return false;
    const failure = await running;
    if (!(failure instanceof PowerCut)) throw failure;
    await checkWhatIsLeft(device, `cut at step ${cutAt}`);
    void device.start();
    return true;
  }

  /** What can be read is not what is synced: a device has ended when its disk does nothing more. */
  async function endedAtRest(device: TestDevice, disk: CutDisk): Promise<void> {
    await ended(device);
    for (let before = -1; before !== disk.steps.length; ) {
      before = disk.steps.length;
      await Bun.sleep(500);
    }
  }

  async function checkWhatIsLeft(device: TestDevice, at: string): Promise<void> {
    const state = device.state();
    const installer = new FilesInstaller(device.directory, new Disk());
    const [good, manifest] = [await installer.isIntact(state.active), await installer.manifest(state.active)];
    expect([at, good]).toEqual([at, true]);
    // The floor and the slot change in one rename: neither is ever ahead of the other.
    const floor = floorOf(state.floors, "famousMaker", "famousModel");
    expect([at, floor === 0 || floor <= (manifest?.counter ?? 0)]).toEqual([at, true]);
    if (state.trial !== undefined) expect([at, await installer.isIntact(state.trial.slot)]).toEqual([at, true]);
    // It has fetched nothing that newer metadata than it keeps named, and what it keeps is whole and no older than before.
    const versions = existsSync(join(device.directory, "slots", "b")) ? [newest] : [seen, newest];
    expect([at, versions]).toEqual([at, expect.arrayContaining([repositoryVersion(device)])]);
    // What it has said that it believes, it believes.
    const told = device.events.findLast((event) => event.kind === "trust");
    const { map, directors } = trustOf(device);
    if (told?.kind === "trust") {
      expect([at, map.version >= told.map]).toEqual([at, true]);
      expect([at, (directors[0]?.version ?? 0) >= (told.directors["isp.example"] ?? 0)]).toEqual([at, true]);
    }
  }

  function checkEnd(device: TestDevice, at: string, commandId: string): void {
    const state = device.state();
    expect([at, state.active, state.trial, state.job]).toEqual([at, active, undefined, undefined]);
    expect([at, state.lastUpdate?.state, state.lastUpdate?.command_id]).toEqual([at, ends, commandId]);
    expect([at, trustOf(device).map.version, trustOf(device).directors[0]?.version]).toEqual([at, 2, 3]);
    expect([at, repositoryVersion(device)]).toEqual([at, newest]);
    if (ends === "done") expect(readFileSync(join(device.directory, "slots", "b", "image")).equals(world.image)).toBe(true);
    // However often it was started: versions go forward, and the image is put into its slot twice at most.
    const versions = device.events.flatMap((event) => (event.kind === "trust" ? Object.values(event.directors) : []));
    expect([at, versions]).toEqual([at, versions.toSorted((a, b) => a - b)]);
    const installs = device.events.filter((event) => event.kind === "update" && event.state === "installing").length;
    expect([at, installs <= 2]).toEqual([at, true]);
  }
});

/** The new image is the old one with a change in the middle. */
function patched(old: Uint8Array): Uint8Array {
  const image = old.slice();
  crypto.getRandomValues(image.subarray(20_000, 22_000));
  return image;
}

function trustOf({ directory }: TestDevice) {
  return parseAuthority(readFileSync(join(directory, "trust.json")));
}

/** Of the newest state of the image repository that it keeps; 0 when it keeps none. Throws when it keeps half of one. */
function repositoryVersion({ directory }: TestDevice): number {
  const file = join(directory, "tuf", "trusted.json");
  if (!existsSync(file)) return 0;
  const { timestamp } = JSON.parse(readFileSync(file, "utf8")) as { timestamp: string };
  return (JSON.parse(timestamp) as { signed: { version: number } }).signed.version;
}

/** Looks the release up as a device does, and returns what that device keeps. */
async function seenRepository({ directory }: AgentWorld): Promise<Uint8Array> {
  const depot = join(directory, "depot");
  const dir = join(directory, "seen");
  const trustedRoot = readFileSync(join(depot, "metadata", "1.root.json"));
  const metadata = new ImageMetadata({ dir, trustedRoot, clock: { nowMs: Date.now } });
  await metadata.naming(targetPath("famousMaker", "famousModel", "2.3.4"), folderMetadata(depot));
  return readFileSync(join(dir, "trusted.json"));
}
