/**
 * The deltas that a publisher makes for a new release: one from each version that is named. Each is applied once before it is
 * stored, so none is published that does not make the image.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BlobStore } from "../blob-store.ts";
import { applyDelta } from "../client/zstd/apply-delta.ts";
import type { Delta } from "../delta.ts";
import { DepotError } from "../errors.ts";
import { DELTA_IMAGE_BYTES_MAX, DELTA_SHARE_MAX, DELTAS_MAX } from "../limits.ts";
import type { Release } from "../release.ts";
import { type Repository, releasesOf } from "./read.ts";
import { makeDelta } from "./zstd/make-delta.ts";

export interface MadeDeltas {
  readonly deltas: readonly Delta[];
  /** Versions whose delta would save next to nothing: devices that run them take the full image. */
  readonly withoutGain: readonly string[];
}

/** `versions` are earlier ones of the same vendor and name. Throws ERR_DEPOT_RELEASE, ERR_DEPOT_BLOB_NOT_FOUND. */
export async function storeDeltas(dir: string, repository: Repository, release: Release, versions: readonly string[]): Promise<MadeDeltas> {
  if (versions.length > DELTAS_MAX) throw wrong(`a release has at most ${DELTAS_MAX} deltas`);
  const blobs = new BlobStore(dir);
  const deltas: Delta[] = [];
  const withoutGain: string[] = [];
  for (const version of versions) {
    const before = releasesOf(repository.targets).find(({ release: other }) => isEarlier(other, release, version))?.release;
    if (before === undefined) throw wrong(`there is no release ${release.vendor} ${release.name} ${version} to make a delta from`);
    const [from, to] = [await imageOf(blobs, before), await imageOf(blobs, release)];
    const bytes = await makeDelta(from, to);
    if (bytes.length > release.size * DELTA_SHARE_MAX) {
      withoutGain.push(version);
      continue;
    }
    await check(from, bytes, release);
    deltas.push({ from: before.sha256, to: release.sha256, ...(await blobs.put(bytes)) });
  }
  return { deltas, withoutGain };
}

function isEarlier(other: Release, { vendor, name }: Release, version: string): boolean {
  return other.vendor === vendor && other.name === name && other.version === version;
}

async function imageOf(blobs: BlobStore, { sha256, size, version }: Release): Promise<Uint8Array> {
  if (size > DELTA_IMAGE_BYTES_MAX) throw wrong(`${version} has ${size} bytes; deltas are for images of at most ${DELTA_IMAGE_BYTES_MAX}`);
  const blob = await blobs.open(sha256);
  if (blob === undefined) throw new DepotError("ERR_DEPOT_BLOB_NOT_FOUND", `the image ${sha256} of ${version} is not here`);
  try {
    return await readFile(blob);
  } finally {
    await blob.close();
  }
}

async function check(dictionary: Uint8Array, delta: Uint8Array, { sha256, size }: Release): Promise<void> {
  const hash = createHash("sha256");
  await applyDelta({ dictionary, delta: [delta], size, onChunk: (chunk) => Promise.resolve(void hash.update(chunk)) });
  if (hash.digest("hex") !== sha256) throw new DepotError("ERR_DEPOT_DELTA", "the delta that was made does not make the image");
}

function wrong(message: string): DepotError {
  return new DepotError("ERR_DEPOT_RELEASE", message);
}
