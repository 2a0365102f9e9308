/**
 * Replaces a file so that a reader, or a power cut, finds the old bytes or the new ones and nothing between: write
 * beside it, fsync, rename, fsync the folder. It lives with the client because a device may carry nothing from beyond
 * this folder; the publisher uses it too.
 */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Where a client keeps what it has verified. An agent brings its own, through which everything goes that it keeps. */
export interface KeepingDisk {
  /** Undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  makeDirectory(path: string): Promise<void>;
  /** Durable when it resolves; before, the file has what it had. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
}

export const plainDisk: KeepingDisk = {
  read: (path) => readFile(path).catch(() => undefined),
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
    await syncFolder(dirname(path));
  },
  replace: replaceFile,
};

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
