/**
 * A release as the manager reads it from its own depot's folder: verified like on a device, so that nobody drafts a campaign
 * for what devices would refuse.
 */
import { join } from "node:path";
import type { Clock } from "../trust/clock.ts";
import { ImageMetadata } from "./client/image-metadata.ts";
import { folderMetadata, verifying } from "./folder-metadata.ts";
import { METADATA_BYTES_MAX } from "./limits.ts";
import { type Release, releaseFromTarget, targetPath } from "./release.ts";

/** Undefined when there is no such release. Throws DepotError when the metadata does not verify. */
export async function readRelease(
  dir: string,
  { vendor, name, version }: Pick<Release, "vendor" | "name" | "version">,
  clock: Clock,
): Promise<Release | undefined> {
  const fetchMetadata = folderMetadata(dir);
  const trustedRoot = await fetchMetadata("1.root.json", METADATA_BYTES_MAX.root);
  if (trustedRoot === undefined) return undefined;
  const path = targetPath(vendor, name, version);
  const metadata = new ImageMetadata({ dir: join(dir, "manager"), trustedRoot, clock });
  const target = (await verifying(dir, metadata.naming(path, fetchMetadata)))?.get(path);
  return target && releaseFromTarget(path, target);
}
