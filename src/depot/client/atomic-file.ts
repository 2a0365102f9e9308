/**
 * Replaces a file so that a reader, or a power cut, finds the old bytes or the new ones and nothing between: write
 * beside it, fsync, rename, fsync the folder. It lives with the client because a device may carry nothing from beyond
 * this folder; the publisher uses it too.
 */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
}

/** Makes renames in the folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
