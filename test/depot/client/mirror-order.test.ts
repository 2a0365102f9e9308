/** Which of several depots a device asks first: always the same, by weight, and recomputable. */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mirrorOrder } from "../../../src/depot/client/index.ts";
import { DEVICE_ID, IMAGE, codeOf, collector, World } from "../world.ts";

const world = new World();
afterEach(() => world.close());

const DEVICES = Array.from({ length: 4_000 }, (_, index) => `urn:dev:ops:32473-cam-${index}`);
const depots = [
  { url: "https://a.example", weight: 1 },
  { url: "https://b.example", weight: 2 },
  { url: "https://c.example", weight: 5 },
];

function shares(of: typeof depots, place = 0): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of DEVICES) {
    const url = mirrorOrder(of, id)[place] ?? "";
    counts[url] = (counts[url] ?? 0) + 1 / DEVICES.length;
  }
  return counts;
}

test("devices begin at each depot in proportion to its weight, and each device always at the same", () => {
  const { "https://a.example": a = 0, "https://b.example": b = 0, "https://c.example": c = 0 } = shares(depots);
  // Three standard deviations of 4,000 draws.
  expect(Math.abs(a - 1 / 8)).toBeLessThan(0.016);
  expect(Math.abs(b - 2 / 8)).toBeLessThan(0.021);
  expect(Math.abs(c - 5 / 8)).toBeLessThan(0.023);
  for (const id of DEVICES.slice(0, 50)) expect(mirrorOrder(depots.toReversed(), id)).toEqual(mirrorOrder(depots, id));
});

test("the devices of a depot that fails go to the others in the same proportion, and nobody else moves", () => {
  const [a, b, c] = depots as [(typeof depots)[0], (typeof depots)[0], (typeof depots)[0]];
  const orphans = DEVICES.filter((id) => mirrorOrder(depots, id)[0] === c.url);
  const toB = orphans.filter((id) => mirrorOrder(depots, id)[1] === b.url).length / orphans.length;
  expect(Math.abs(toB - 2 / 3)).toBeLessThan(0.03);
  for (const id of DEVICES.slice(0, 200)) {
    const [first] = mirrorOrder(depots, id);
    if (first !== c.url) expect(mirrorOrder([a, b], id)[0]).toBe(first ?? "");
  }
});

test("among several mirrors, those that are altered gain nothing", async () => {
  const { dir, release } = await world.published();
  const forged = await world.copyOf(dir);
  await writeFile(join(forged, "blobs", "sha256", release.sha256), IMAGE.toReversed());
  const frozen = await world.copyOf(dir);
  await writeFile(join(frozen, "metadata", "timestamp.json"), '{"signed":{},"signatures":[]}');
  const [forgedUrl, frozenUrl, honestUrl] = [await world.depot(forged), await world.depot(frozen), await world.depot(dir)].map(
    ({ url }) => url,
  );
  const client = await world.client(dir, [frozenUrl ?? "", forgedUrl ?? "", honestUrl ?? ""]);
  expect((await client.release("famousMaker", "famousModel", "2.3.4")).sha256).toBe(release.sha256);
  const fetching = await world.client(dir, [forgedUrl ?? "", frozenUrl ?? "", honestUrl ?? ""]);
  const isRight = [];
  for (let ask = 0; ask < 3; ask += 1) {
    const got = collector();
    await fetching.fetchBlob({ sha256: release.sha256, size: release.size, startAt: 0, onChunk: got.onChunk });
    isRight.push(createHash("sha256").update(got.bytes()).digest("hex") === release.sha256);
  }
  // Who throws wrong bytes away and asks once more begins with another mirror.
  expect(isRight).toEqual([false, true, true]);
});

test("with one mirror after the other gone the device still gets its bytes from the last; with all gone it says where it asked", async () => {
  const { dir, release } = await world.published();
  const [first, second, third] = [await world.depot(dir), await world.depot(await world.copyOf(dir)), await world.depot(dir)];
  const client = await world.client(
    dir,
    mirrorOrder(
      [first, second, third].map(({ url }) => ({ url, weight: 1 })),
      DEVICE_ID,
    ),
  );
  const ask = () => client.fetchBlob({ sha256: release.sha256, size: release.size, startAt: 0, onChunk: collector().onChunk });
  for (const gone of [first, second]) {
    await gone.stop();
    await ask();
  }
  await third.stop();
  const failing = ask();
  expect(await codeOf(failing)).toBe("ERR_DEPOT_UNREACHABLE");
  expect(failing).rejects.toThrow(third.url);
});
