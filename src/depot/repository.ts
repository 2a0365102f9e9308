/**
 * The image repository (TUF 1.0): who says what may ever run. It writes `metadata/` in the depot's directory with
 * consistent snapshots (§6.2): numbered files first, `timestamp.json` last, so that a reader, or a power cut, sees the
 * old repository or the new one. What is signed again was verified first: a depot that altered its own files cannot
 * have them signed. One publisher works on a repository at a time; delegations and key rotation are not here yet.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, MetadataKind, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { BlobStore } from "./blob-store.ts";
import { replaceFile } from "./client/atomic-file.ts";
import { DepotError } from "./errors.ts";
import { METADATA_LIFE_MS } from "./limits.ts";
import { checkRelease, type Release, releaseFromTarget, targetPath } from "./release.ts";
import { publicKey, type RepositoryKeys, ROLES, type RoleName, signedBytes } from "./repository-keys.ts";

export { generateRepositoryKeys, type RepositoryKeys } from "./repository-keys.ts";

/** What a publisher says; digest and size come from the bytes. */
export type NewRelease = Omit<Release, "sha256" | "size">;

export interface Publication {
  readonly keys: RepositoryKeys;
  readonly release: NewRelease;
  /** Bytes, or a file's path. */
  readonly image: Uint8Array | string;
  readonly nowMs: number;
}

/** Makes an empty repository in `dir`; devices are pinned to its `metadata/1.root.json`. Throws ERR_DEPOT_REPOSITORY if there is one. */
export async function createRepository(dir: string, { keys, nowMs }: { keys: RepositoryKeys; nowMs: number }): Promise<void> {
  if (existsSync(metadataPath(dir, "timestamp.json")))
    throw new DepotError("ERR_DEPOT_REPOSITORY", `${dir} has an image repository already`);
  await mkdir(join(dir, "metadata"), { recursive: true });
  const root = new Root({ ...common("root", 1, nowMs), consistentSnapshot: true });
  for (const role of ROLES) root.addKey(publicKey(keys[role]), role);
  await replaceFile(metadataPath(dir, "1.root.json"), signedBytes(new Metadata(root), keys.root));
  await commit(dir, keys, { releases: [], versions: { targets: 0, snapshot: 0, timestamp: 0 } }, nowMs);
}

/** Stores the blob, adds the release, signs targets, snapshot and timestamp. Throws ERR_DEPOT_RELEASE, ERR_DEPOT_COUNTER, ERR_DEPOT_REPOSITORY. */
export async function publishRelease(dir: string, { keys, release: said, image, nowMs }: Publication): Promise<Release> {
  const { vendor, name, version, counter, hardware, source } = said;
  const path = targetPath(vendor, name, version);
  const content = await readContent(dir, keys);
  if (content.releases.some((release) => pathOf(release) === path))
    throw new DepotError("ERR_DEPOT_RELEASE", `${path} is published already`);
  const counters = content.releases
    .filter((release) => release.vendor === vendor && release.name === name)
    .map((release) => release.counter);
  const newest = Math.max(0, ...counters);
  if (counter <= newest)
    throw new DepotError("ERR_DEPOT_COUNTER", `counter ${counter} is not above ${newest}, the newest of ${vendor} ${name}`);
  const blob = await new BlobStore(dir).put(image);
  const release = checkRelease({ vendor, name, version, counter, hardware, source, ...blob });
  await commit(dir, keys, { ...content, releases: [...content.releases, release] }, nowMs);
  return release;
}

/** Signs the repository's content as it stands for another term, before the old one ends. Throws ERR_DEPOT_REPOSITORY. */
export async function renewRepository(dir: string, { keys, nowMs }: { keys: RepositoryKeys; nowMs: number }): Promise<void> {
  await commit(dir, keys, await readContent(dir, keys), nowMs);
}

/** What is signed, and the versions that it was signed with last. */
interface Content {
  readonly releases: readonly Release[];
  readonly versions: { readonly targets: number; readonly snapshot: number; readonly timestamp: number };
}

async function readContent(dir: string, keys: RepositoryKeys): Promise<Content> {
  try {
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, await readJson(dir, "timestamp.json"));
    publicKey(keys.timestamp).verifySignature(timestamp);
    const snapshotVersion = timestamp.signed.snapshotMeta.version;
    const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, await readJson(dir, `${snapshotVersion}.snapshot.json`));
    publicKey(keys.snapshot).verifySignature(snapshot);
    const targetsVersion = snapshot.signed.meta["targets.json"]?.version ?? 0;
    const targets = Metadata.fromJSON(MetadataKind.Targets, await readJson(dir, `${targetsVersion}.targets.json`));
    publicKey(keys.targets).verifySignature(targets);
    const releases = Object.values(targets.signed.targets).map((target) => releaseFromTarget(target.path, target));
    return { releases, versions: { targets: targetsVersion, snapshot: snapshotVersion, timestamp: timestamp.signed.version } };
  } catch (cause) {
    throw new DepotError("ERR_DEPOT_REPOSITORY", `the image repository in ${dir} cannot be gone on with`, { cause });
  }
}

/** Writes the next version of each role; the new timestamp makes them the repository. */
async function commit(dir: string, keys: RepositoryKeys, { releases, versions }: Content, nowMs: number): Promise<void> {
  const next = { targets: versions.targets + 1, snapshot: versions.snapshot + 1, timestamp: versions.timestamp + 1 };
  const targets = Object.fromEntries(releases.map((release) => [pathOf(release), targetFile(release)]));
  const targetsBytes = signedBytes(new Metadata(new Targets({ ...common("targets", next.targets, nowMs), targets })), keys.targets);
  await replaceFile(metadataPath(dir, `${next.targets}.targets.json`), targetsBytes);
  const meta = { "targets.json": metaFile(next.targets, targetsBytes) };
  const snapshotBytes = signedBytes(new Metadata(new Snapshot({ ...common("snapshot", next.snapshot, nowMs), meta })), keys.snapshot);
  await replaceFile(metadataPath(dir, `${next.snapshot}.snapshot.json`), snapshotBytes);
  const snapshotMeta = metaFile(next.snapshot, snapshotBytes);
  const timestamp = new Timestamp({ ...common("timestamp", next.timestamp, nowMs), snapshotMeta });
  await replaceFile(metadataPath(dir, "timestamp.json"), signedBytes(new Metadata(timestamp), keys.timestamp));
}

function common(role: RoleName, version: number, nowMs: number): { version: number; specVersion: string; expires: string } {
  const expires = new Date(nowMs + METADATA_LIFE_MS[role]).toISOString().replace(/\.\d{3}Z$/, "Z");
  return { version, specVersion: "1.0.31", expires };
}

function pathOf({ vendor, name, version }: Release): string {
  return targetPath(vendor, name, version);
}

function targetFile(release: Release): TargetFile {
  const { sha256, size, hardware, ...facts } = release;
  const custom = { ...facts, hardware: [...hardware] };
  return new TargetFile({ path: pathOf(release), length: size, hashes: { sha256 }, unrecognizedFields: { custom } });
}

/** Length and digest as well as version: a mirror cannot mix files of different repositories (TUF 1.0 §4.4). */
function metaFile(version: number, bytes: Uint8Array): MetaFile {
  return new MetaFile({ version, length: bytes.length, hashes: { sha256: createHash("sha256").update(bytes).digest("hex") } });
}

async function readJson(dir: string, name: string): Promise<Parameters<typeof Metadata.fromJSON>[1]> {
  return JSON.parse(await readFile(metadataPath(dir, name), "utf8"));
}

function metadataPath(dir: string, name: string): string {
  return join(dir, "metadata", name);
}
