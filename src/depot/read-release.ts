/**
 * A release as the manager reads it from its own depot's folder: verified like on a device, so that nobody drafts a campaign
 * for what devices would refuse.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../trust/clock.ts";
import { ImageMetadata } from "./client/image-metadata.ts";
import { type Release, releaseFromTarget, targetPath } from "./release.ts";

/** Undefined when there is no such release. Throws DepotError when the metadata does not verify. */
export async function readRelease(
  dir: string,
  { vendor, name, version }: Pick<Release, "vendor" | "name" | "version">,
  clock: Clock,
): Promise<Release | undefined> {
  const read = async (file: string): Promise<Buffer | undefined> => {
    try {
      return await readFile(join(dir, "metadata", file));
    } catch {
      return undefined;
    }
  };
  const trustedRoot = await read("1.root.json");
  if (trustedRoot === undefined) return undefined;
  const path = targetPath(vendor, name, version);
  const target = await new ImageMetadata({ dir: join(dir, "manager"), trustedRoot, clock }).target(path, read);
  return target && releaseFromTarget(path, target);
}
