/**
 * A depot's copy of a manufacturer's repository. The depot holds no key: it is a client like any device, with the same verifier
 * and a memory of its own, so nothing appears in it that devices would refuse, and nothing older than what it had. What was
 * uploaded lies in a folder of its own until then. Blobs first, numbered files next, the timestamp last.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../trust/clock.ts";
import { BlobStore } from "./blob-store.ts";
import { replaceFile } from "./client/atomic-file.ts";
import { type FetchMetadata, ImageMetadata, type Kept } from "./client/image-metadata.ts";
import { blobOfTarget, isDeltaPath } from "./delta.ts";
import { DepotError } from "./errors.ts";
import { folderMetadata, verifying } from "./folder-metadata.ts";
import { SEND_CHUNK_BYTES } from "./limits.ts";
import { type Release, releaseFromTarget } from "./release.ts";

export interface Trust {
  /** Bytes of the root metadata that everything is verified from. */
  readonly trustedRoot: Uint8Array;
  readonly clock: Clock;
}

/**
 * Brings the depot in `to` up to the repository in `from`. Says which releases it has then. Throws ERR_DEPOT_METADATA
 * (_EXPIRED, _ROLLBACK, _SIGNATURE), ERR_DEPOT_TOO_LONG, ERR_DEPOT_RELEASE, ERR_DEPOT_BLOB_NOT_FOUND, ERR_DEPOT_DIGEST, and then
 * what is served stays what it was.
 */
export async function mirrorRepository(from: string, to: string, { trustedRoot, clock }: Trust): Promise<readonly Release[]> {
  const roots = new Map<string, Uint8Array>([[`${versionIn(new TextDecoder().decode(trustedRoot))}.root.json`, trustedRoot]]);
  const folder = folderMetadata(from);
  const fetchMetadata: FetchMetadata = async (file, bytesMax) => {
    const bytes = await folder(file, bytesMax);
    if (bytes !== undefined && file.endsWith(".root.json")) roots.set(file, bytes);
    return bytes;
  };
  const { kept, releases, blobs } = await readEverything(from, join(to, "mirror"), { trustedRoot, clock }, fetchMetadata);
  for (const sha256 of blobs) await copyBlob(from, to, sha256);
  await mkdir(join(to, "metadata"), { recursive: true });
  const write = (file: string, bytes: Uint8Array | string) =>
    replaceFile(join(to, "metadata", file), typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  for (const [role, text] of Object.entries({ ...kept.roles, snapshot: kept.snapshot ?? "" }))
    await write(`${versionIn(text)}.${role}.json`, text);
  for (const [file, bytes] of roots) await write(file, bytes);
  await write("timestamp.json", kept.timestamp ?? "");
  return releases;
}

/** Whether devices would believe the repository in a folder now, and whether its blobs are what they are called. Throws the same. */
export async function verifyRepository(dir: string, trust: Trust): Promise<readonly Release[]> {
  const memory = await mkdtemp(join(tmpdir(), "edict-verify-"));
  try {
    const { releases, blobs } = await readEverything(dir, memory, trust, folderMetadata(dir));
    for (const sha256 of blobs) await checkBlob(dir, sha256);
    return releases;
  } finally {
    await rm(memory, { recursive: true, force: true });
  }
}

async function readEverything(
  dir: string,
  memory: string,
  trust: Trust,
  fetchMetadata: FetchMetadata,
): Promise<{ readonly kept: Kept; readonly releases: readonly Release[]; readonly blobs: readonly string[] }> {
  const { kept, targets } = await verifying(dir, new ImageMetadata({ dir: memory, ...trust }).everything(fetchMetadata));
  const files = targets.flatMap((role) => Object.values(role.targets));
  const releases = files.filter(({ path }) => !isDeltaPath(path)).map((file) => releaseFromTarget(file.path, file));
  return { kept, releases, blobs: files.map((file) => blobOfTarget(file.path, file).sha256) };
}

async function copyBlob(from: string, to: string, sha256: string): Promise<void> {
  const there = await new BlobStore(to).open(sha256);
  await there?.close();
  if (there === undefined) await new BlobStore(to).put(await pathOfBlob(from, sha256), sha256);
}

async function checkBlob(dir: string, sha256: string): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(await pathOfBlob(dir, sha256), { highWaterMark: SEND_CHUNK_BYTES }))
    hash.update(chunk as Uint8Array);
  if (hash.digest("hex") !== sha256) throw new DepotError("ERR_DEPOT_DIGEST", `${dir} holds other bytes under ${sha256}`);
}

async function pathOfBlob(dir: string, sha256: string): Promise<string> {
  const blob = await new BlobStore(dir).open(sha256);
  if (blob === undefined) throw new DepotError("ERR_DEPOT_BLOB_NOT_FOUND", `${dir} does not hold ${sha256}`);
  await blob.close();
  return join(dir, "blobs", "sha256", sha256);
}

/** Of metadata that was verified. */
function versionIn(text: string): number {
  const { signed } = JSON.parse(text) as { signed: { version: number } };
  return signed.version;
}
