/** Deltas on a device: fetched instead of the image, applied to what runs, and left for the full image when anything is wrong. */
import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { makeDelta } from "../../src/depot/repository/zstd/make-delta.ts";
import type { TestDevice } from "./test-device.ts";
import { AgentWorld } from "./world.ts";

const OLD = crypto.getRandomValues(new Uint8Array(120_000));
const NEW = OLD.slice();
crypto.getRandomValues(NEW.subarray(50_000, 53_000));
/** As long as the others, and nothing that anybody runs. */
const STRANGE = crypto.getRandomValues(new Uint8Array(120_000));

let world: AgentWorld | undefined;
afterEach(async () => {
  await world?.end();
  world = undefined;
});

async function make(delta?: typeof makeDelta): Promise<AgentWorld> {
  world = await AgentWorld.make("isp.example", NEW, { old: OLD, ...(delta && { delta }) });
  return world;
}

async function updated(device: TestDevice): Promise<void> {
  await device.saw((event) => event.kind === "booted" && event.version === "2.3.4");
  expect(readFileSync(join(device.directory, "slots", "b", "image")).equals(NEW)).toBe(true);
  // Nothing lies about beside it.
  expect(readdirSync(join(device.directory, "slots", "b")).toSorted()).toEqual(["image", "manifest.json"]);
}

/** Bytes of every blob that the depot sent, largest last. */
const sizesSent = ({ downloads }: AgentWorld) => downloads.map(({ bytes }) => bytes).toSorted((one, other) => one - other);

async function ordered(at: AgentWorld, change: Parameters<AgentWorld["device"]>[0] = {}, spoil: (device: TestDevice) => void = () => {}) {
  const device = await at.device(change);
  spoil(device);
  await at.order(at.update("wc18"));
  void device.start();
  return device;
}

test("a device with the old image fetches the delta and nothing else", async () => {
  const at = await make();
  const device = await ordered(at);
  await updated(device);
  expect(device.state().lastUpdate).toEqual({ command_id: "wc18", new_version: "2.3.4", state: "done" });
  expect(at.downloads.length).toBe(1);
  expect(sizesSent(at)[0]).toBeLessThan(5_000);
});

test("a device that has no memory for deltas fetches the image, by the same command", async () => {
  const at = await make();
  const device = await ordered(at, { deltas: false });
  await updated(device);
  expect(device.state().lastUpdate?.error).toBeUndefined();
  expect(sizesSent(at)).toEqual([NEW.length]);
});

async function fallsBack(at: AgentWorld, spoil?: (device: TestDevice) => void): Promise<void> {
  const device = await ordered(at, {}, spoil);
  await updated(device);
  // It says so, where it says how the update ended.
  expect(device.state().lastUpdate).toEqual({ command_id: "wc18", new_version: "2.3.4", state: "done", error: "ERR_DEPOT_DELTA" });
  expect(sizesSent(at).at(-1)).toBe(NEW.length);
}

describe("a delta that is signed and wrong: the full image comes instead, and the device says so", () => {
  const append =
    (tail: Uint8Array): typeof makeDelta =>
    async (from, to) =>
      new Uint8Array(Buffer.concat([await makeDelta(from, to), tail]));
  test.each<[string, typeof makeDelta]>([
    ["is from another image (wrong dictionary)", () => makeDelta(STRANGE, STRANGE)],
    ["is cut short", async (from, to) => (await makeDelta(from, to)).slice(0, -50)],
    ["has bytes behind its end", append(new Uint8Array(9).fill(7))],
    ["is a bomb", () => Promise.resolve(zstdCompressSync(new Uint8Array(32_000_000)))],
    ["is noise", () => Promise.resolve(crypto.getRandomValues(new Uint8Array(4_000)))],
  ])("%s", async (_, delta) => fallsBack(await make(delta)));
});

describe("a delta that cannot be had", () => {
  const blobOfDelta = (at: AgentWorld) => {
    const folder = join(at.depotDirectory, "blobs", "sha256");
    const known = [OLD, NEW].map((image) => createHash("sha256").update(image).digest("hex"));
    return join(folder, readdirSync(folder).find((name) => !known.includes(name)) ?? "");
  };

  test("bytes altered on the way never reach the decoder", async () => {
    const at = await make();
    const path = blobOfDelta(at);
    writeFileSync(path, readFileSync(path).toReversed());
    await fallsBack(at);
  });

  test("a depot that does not hold it is not waited for", async () => {
    const at = await make();
    rmSync(blobOfDelta(at));
    await fallsBack(at);
  });

  test("an image that runs and is damaged is no dictionary", async () => {
    await fallsBack(await make(), ({ directory }) => writeFileSync(join(directory, "slots", "a", "image"), OLD.toReversed()));
  });
});

test("a depot that sheds load is waited for: the herd does not turn from the delta to the full image", async () => {
  const at = await make();
  at.depot.shed({ share: 1, retryAfterSeconds: 1 });
  const device = await ordered(at);
  while (at.depot.figures().shed < 2) await Bun.sleep(50);
  at.depot.shed({ share: 0, retryAfterSeconds: 1 });
  await updated(device);
  expect(device.state().lastUpdate?.error).toBeUndefined();
  expect(sizesSent(at).at(-1)).toBeLessThan(5_000);
}, 20_000);
