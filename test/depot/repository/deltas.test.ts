/** Deltas as a publisher makes them: targets of their own, signed, shown, copied, verified, found by who needs them. */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mirrorRepository, verifyRepository } from "../../../src/depot/mirror.ts";
import { publishRelease } from "../../../src/depot/repository.ts";
import { bundleOf } from "../../../src/depot/repository/bundle.ts";
import { addRelease } from "../../../src/depot/repository/changes.ts";
import { storeDeltas } from "../../../src/depot/repository/deltas.ts";
import { changesOf } from "../../../src/depot/repository/describe.ts";
import { deltasOf, readRepository, releasesOf } from "../../../src/depot/repository/read.ts";
import { storeRelease } from "../../../src/depot/repository.ts";
import { codeOf, IMAGE, newRelease, NOW_MS, World } from "../world.ts";

const world = new World();
afterEach(() => world.close());

const NEXT = IMAGE.map((byte, index) => (index % 40_000 === 0 ? byte ^ 0x55 : byte));
const OTHER = new Uint8Array(
  Buffer.concat(Array.from({ length: 4_000 }, (_, index) => createHash("sha256").update(String(index)).digest())),
);
const found = ["famousMaker", "famousModel", "2.4.0"] as const;

/** A depot with 2.3.4, and 2.4.0 with a delta from it. */
async function published() {
  const { dir, release: old } = await world.published();
  const release = await publishRelease(dir, {
    keys: world.keys,
    release: newRelease("2.4.0", 8),
    image: NEXT,
    deltasFrom: ["2.3.4"],
    nowMs: NOW_MS,
  });
  return { dir, old, release };
}

test("a device that says what it has is offered the delta from it; another is offered the image alone", async () => {
  const { dir, old, release } = await published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  const { delta, ...offered } = await client.release(...found, { installed: old.sha256 });
  expect(offered).toEqual(release);
  expect(delta).toMatchObject({ from: old.sha256, to: release.sha256 });
  expect(delta?.size).toBeLessThan(release.size / 10);
  expect(await client.release(...found, { installed: "f".repeat(64) })).not.toHaveProperty("delta");
  expect(await client.release(...found)).not.toHaveProperty("delta");
});

test("a delta is no release: neither the list of releases nor the look-up of one is changed by it", async () => {
  const { dir } = await published();
  const { targets } = await readRepository(dir);
  expect(releasesOf(targets).map(({ release }) => release.version)).toEqual(["2.3.4", "2.4.0"]);
  expect(deltasOf(targets).length).toBe(1);
});

test("people are shown the delta before they sign it", async () => {
  const { dir, release: old } = await world.published();
  const repository = await readRepository(dir);
  const release = await storeRelease(dir, newRelease("2.4.0", 8), NEXT);
  const { deltas } = await storeDeltas(dir, repository, release, ["2.3.4"]);
  const { changes } = changesOf(bundleOf(repository, addRelease(repository, release, NOW_MS, deltas)));
  expect(changes.join("\n")).toContain(`adds a delta from ${old.sha256} to ${release.sha256}: sha256 ${deltas[0]?.sha256}`);
});

test("a delta that would save next to nothing is not made, and is named", async () => {
  const { dir } = await world.published();
  const release = await storeRelease(dir, newRelease("2.4.0", 8), OTHER);
  expect(await storeDeltas(dir, await readRepository(dir), release, ["2.3.4"])).toEqual({ deltas: [], withoutGain: ["2.3.4"] });
});

test("a delta from a version that was never released is refused", async () => {
  const { dir } = await world.published();
  const release = await storeRelease(dir, newRelease("2.4.0", 8), NEXT);
  expect(await codeOf(storeDeltas(dir, await readRepository(dir), release, ["9.9.9"]))).toBe("ERR_DEPOT_RELEASE");
});

test("a mirror copies deltas with their releases, and a repository is not whole without them", async () => {
  const { dir } = await published();
  const trustedRoot = new Uint8Array(await readFile(join(dir, "metadata", "1.root.json")));
  const trust = { trustedRoot, clock: { nowMs: () => NOW_MS } };
  const copy = await world.folder();
  expect((await mirrorRepository(dir, copy, trust)).length).toBe(2);
  expect((await verifyRepository(copy, trust)).length).toBe(2);
  const [delta] = deltasOf((await readRepository(copy)).targets);
  await writeFile(join(copy, "blobs", "sha256", delta?.sha256 ?? ""), new Uint8Array([6]));
  expect(await codeOf(verifyRepository(copy, trust))).toBe("ERR_DEPOT_DIGEST");
});
