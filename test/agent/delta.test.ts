/** Deltas on a device: fetched instead of the image, applied to what runs, and left for the full image when anything is wrong. */
import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import type { DeviceConfig } from "../../src/agent/index.ts";
import type { Manifest } from "../../src/agent/installer.ts";
import { agreeOnDelta, type AgreedImage } from "../../src/agent/update-check.ts";
import { ATTEMPTS_MAX, DELTA_IMAGE_BYTES_MAX } from "../../src/depot/limits.ts";
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

/** Gives what the device said of the update until it fell back. */
async function fallsBack(at: AgentWorld, spoil?: (device: TestDevice) => void): Promise<readonly string[]> {
  const device = await ordered(at, {}, spoil);
  await updated(device);
  // It says so, where it says how the update ended.
  expect(device.state().lastUpdate).toEqual({ command_id: "wc18", new_version: "2.3.4", state: "done", error: "ERR_DEPOT_DELTA" });
  expect(sizesSent(at).at(-1)).toBe(NEW.length);
  const said = device.events.flatMap((event) => (event.kind === "update" ? [event] : []));
  return said
    .slice(
      0,
      said.findIndex(({ error }) => error === "ERR_DEPOT_DELTA"),
    )
    .map(({ state }) => state);
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
  ])("%s", async (_, delta) => {
    expect((await fallsBack(await make(delta))).at(-1)).toBe("installing");
  });
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
    expect((await fallsBack(at)).at(-1)).toBe("verifying");
  });

  test("a depot that does not hold it is not waited for", async () => {
    const at = await make();
    rmSync(blobOfDelta(at));
    expect((await fallsBack(at)).at(-1)).toBe("downloading");
  });

  test("an image that runs and is damaged is no dictionary", async () => {
    await fallsBack(await make(), ({ directory }) => writeFileSync(join(directory, "slots", "a", "image"), OLD.toReversed()));
  });
});

test("a depot that sheds load is waited for, visit after visit: the herd does not turn from the delta to the full image", async () => {
  const at = await make();
  at.depot.shed({ share: 1, retryAfterSeconds: 1 });
  // As many names for one depot as a visit has attempts: then none of them waits, and a visit is over at once.
  const device = await ordered(at, { depots: Array.from({ length: ATTEMPTS_MAX }, () => `https://127.0.0.1:${at.depot.port}`) });
  while (at.depot.figures().shed <= ATTEMPTS_MAX) await Bun.sleep(50);
  at.depot.shed({ share: 0, retryAfterSeconds: 1 });
  await updated(device);
  expect(device.state().lastUpdate?.error).toBeUndefined();
  expect(sizesSent(at).at(-1)).toBeLessThan(5_000);
}, 20_000);

describe("a delta that is named is taken only", () => {
  const [from, to] = ["a".repeat(64), "b".repeat(64)];
  const delta = { from, to, sha256: "d".repeat(64), size: 100 };
  const image = { release: { delta }, sha256: to, size: 1_000 } as AgreedImage;
  const installed = { sha256: from, size: 1_000 };
  const agreed = (change: { image?: object; installed?: object; deltas?: boolean } = {}) =>
    agreeOnDelta(
      { ...image, ...change.image },
      { deltas: change.deltas ?? true } as DeviceConfig,
      { ...installed, ...change.installed } as Manifest,
    );

  test("if it leads from the image that runs to the one that was agreed on", () => {
    expect(agreed()).toMatchObject(delta);
    expect(agreed({ installed: { sha256: to } })).toBeUndefined();
    expect(agreed({ image: { sha256: from } })).toBeUndefined();
  });

  test("if it saves something, the device has memory for it, and both images are within what a window holds", () => {
    expect(agreed({ image: { size: 100 } })).toBeUndefined();
    expect(agreed({ deltas: false })).toBeUndefined();
    expect(agreed({ image: { size: DELTA_IMAGE_BYTES_MAX } })).toBeDefined();
    expect(agreed({ image: { size: DELTA_IMAGE_BYTES_MAX + 1 } })).toBeUndefined();
    expect(agreed({ installed: { size: DELTA_IMAGE_BYTES_MAX + 1 } })).toBeUndefined();
  });
});
