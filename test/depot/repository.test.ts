/** Publishing: what stands in the image repository and what a publisher is refused. */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, MetadataKind } from "@tufjs/models";
import { BlobStore } from "../../src/depot/blob-store.ts";
import { RELEASE_PRECURSORS_MAX } from "../../src/depot/limits.ts";
import { createRepository, generateRepositoryKeys, publishRelease, renewRepository } from "../../src/depot/repository.ts";
import { codeOf, IMAGE, NOW_MS, newRelease, World } from "./world.ts";

const world = new World();
afterEach(() => world.close());

async function json(dir: string, file: string) {
  return JSON.parse(await readFile(join(dir, "metadata", file), "utf8"));
}

test("a release gets its path, digest, length and facts into targets, and its bytes under their digest", async () => {
  const { dir, release } = await world.published();
  const sha256 = createHash("sha256").update(IMAGE).digest("hex");
  expect(release).toEqual({ ...newRelease("2.3.4", 7), sha256, size: IMAGE.length });
  const { vendor, name, version, counter, hardware, source } = release;
  expect((await json(dir, "2.targets.json")).signed.targets).toEqual({
    "famousMaker/famousModel/2.3.4": {
      length: IMAGE.length,
      hashes: { sha256 },
      custom: { vendor, name, version, counter, hardware, source },
    },
  });
  expect(new Uint8Array(await readFile(join(dir, "blobs", "sha256", sha256)))).toEqual(IMAGE);
});

test("each publication makes new numbered files, and the timestamp points to them by digest", async () => {
  const { dir } = await world.published();
  await publishRelease(dir, { keys: world.keys, release: newRelease("2.3.5", 8), image: new Uint8Array([1]), nowMs: NOW_MS });
  const files = [
    "1.root.json",
    "timestamp.json",
    ...[1, 2, 3].flatMap((version) => [`${version}.snapshot.json`, `${version}.targets.json`]),
  ];
  expect((await readdir(join(dir, "metadata"))).sort()).toEqual(files.sort());
  const snapshot = (await json(dir, "timestamp.json")).signed.meta["snapshot.json"];
  const bytes = await readFile(join(dir, "metadata", "3.snapshot.json"));
  expect(snapshot).toEqual({ version: 3, length: bytes.length, hashes: { sha256: createHash("sha256").update(bytes).digest("hex") } });
});

test("each role has its own key, and root metadata verifies all of them", async () => {
  const { dir } = await world.published();
  const root = Metadata.fromJSON(MetadataKind.Root, await json(dir, "1.root.json"));
  expect(new Set(Object.values(root.signed.roles).flatMap((role) => role.keyIDs)).size).toBe(4);
  root.verifyDelegate("root", root);
  root.verifyDelegate("targets", Metadata.fromJSON(MetadataKind.Targets, await json(dir, "2.targets.json")));
  root.verifyDelegate("snapshot", Metadata.fromJSON(MetadataKind.Snapshot, await json(dir, "2.snapshot.json")));
  root.verifyDelegate("timestamp", Metadata.fromJSON(MetadataKind.Timestamp, await json(dir, "timestamp.json")));
});

test("keys survive being kept as JSON", async () => {
  const { dir } = await world.published();
  const keys = JSON.parse(JSON.stringify(world.keys));
  await publishRelease(dir, { keys, release: newRelease("3.0.0", 9), image: IMAGE, nowMs: NOW_MS });
});

test("renewing keeps the releases and moves the terms", async () => {
  const { dir } = await world.published();
  const before = (await json(dir, "2.targets.json")).signed;
  await renewRepository(dir, { keys: world.keys, nowMs: NOW_MS + 86_400_000 });
  const after = (await json(dir, "3.targets.json")).signed;
  expect(after.targets).toEqual(before.targets);
  expect(Date.parse(after.expires) - Date.parse(before.expires)).toBe(86_400_000);
});

test("a counter has to grow with every release of a vendor and name, whatever the version's text", async () => {
  const { dir } = await world.published();
  const publish = (version: string, counter: number) =>
    publishRelease(dir, { keys: world.keys, release: newRelease(version, counter), image: IMAGE, nowMs: NOW_MS });
  expect(await codeOf(publish("9.9.9", 7))).toBe("ERR_DEPOT_COUNTER");
  expect(await codeOf(publish("9.9.9", 6))).toBe("ERR_DEPOT_COUNTER");
  expect((await publish("1.0.0", 8)).counter).toBe(8);
  const other = { ...newRelease("1.0.0", 1), name: "otherModel" };
  expect((await publishRelease(dir, { keys: world.keys, release: other, image: IMAGE, nowMs: NOW_MS })).counter).toBe(1);
});

test("a version is published once", async () => {
  const { dir } = await world.published();
  expect(await codeOf(publishRelease(dir, { keys: world.keys, release: newRelease("2.3.4", 8), image: IMAGE, nowMs: NOW_MS }))).toBe(
    "ERR_DEPOT_RELEASE",
  );
});

test.each([
  ["an empty vendor", { vendor: "" }],
  ["a name with a line break", { name: "a\nb" }],
  ["a version too long", { version: "1".repeat(129) }],
  ["a lone surrogate", { name: "\ud800" }],
  ["a counter of zero", { counter: 0.5 }],
  ["a source that is no URL", { source: "somewhere" }],
  ["a precursor that is no digest", { precursors: ["1.2.3"] }],
  ["too many precursors", { precursors: Array.from({ length: RELEASE_PRECURSORS_MAX + 1 }, () => "ab".repeat(32)) }],
  ["a bill of materials that anybody on the way can change", { sbom: { url: "http://a.example/", sha256: "ab".repeat(32) } }],
])("a release with %s is refused and the repository stays as it was", async (_, change) => {
  const { dir } = await world.published();
  const release = { ...newRelease("3.0.0", 8), name: "fresh", ...change };
  expect(await codeOf(publishRelease(dir, { keys: world.keys, release, image: IMAGE, nowMs: NOW_MS }))).toBe("ERR_DEPOT_RELEASE");
  expect((await json(dir, "timestamp.json")).signed.version).toBe(2);
});

test("names with slashes and dots become one path each and never a way out", async () => {
  const { dir } = await world.published();
  await publishRelease(dir, { keys: world.keys, release: { ...newRelease("../1/2", 1), name: "a/b" }, image: IMAGE, nowMs: NOW_MS });
  expect(Object.keys((await json(dir, "3.targets.json")).signed.targets)).toContain("famousMaker/a%2Fb/..%2F1%2F2");
});

test("a repository is not made over another, nor gone on with by foreign keys", async () => {
  const { dir } = await world.published();
  expect(await codeOf(createRepository(dir, { keys: world.keys, nowMs: NOW_MS }))).toBe("ERR_DEPOT_REPOSITORY");
  const publication = { keys: generateRepositoryKeys(), release: newRelease("3.0.0", 8), image: IMAGE, nowMs: NOW_MS };
  expect(await codeOf(publishRelease(dir, publication))).toBe("ERR_DEPOT_THRESHOLD");
});

test("a publisher does not sign what somebody slipped into the depot's own files", async () => {
  const { dir } = await world.published();
  const file = join(dir, "metadata", "2.targets.json");
  await writeFile(file, (await readFile(file, "utf8")).replace(/"sha256":"./, '"sha256":"0'));
  await writeFile(file, (await readFile(file, "utf8")).replace('"counter":7', '"counter":6'));
  expect(await codeOf(renewRepository(dir, { keys: world.keys, nowMs: NOW_MS }))).toBe("ERR_DEPOT_REPOSITORY");
});

test("a blob that is not what was expected does not appear, and leaves nothing behind", async () => {
  const dir = await world.folder();
  const store = new BlobStore(dir);
  expect(await codeOf(store.put(IMAGE, "0".repeat(64)))).toBe("ERR_DEPOT_DIGEST");
  expect(await readdir(join(dir, "blobs", "sha256"))).toEqual([]);
});

test("a blob can come from a file, twice", async () => {
  const dir = await world.folder();
  const path = join(dir, "image");
  await writeFile(path, IMAGE);
  const store = new BlobStore(dir);
  const facts = await store.put(path);
  expect(await store.put(path, facts.sha256)).toEqual({ sha256: createHash("sha256").update(IMAGE).digest("hex"), size: IMAGE.length });
  expect(await readdir(join(dir, "blobs", "sha256"))).toEqual([facts.sha256]);
});
