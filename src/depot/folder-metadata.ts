/** Metadata of a repository that lies in a folder, for the verifier that devices have (client/image-metadata.ts). */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FetchMetadata } from "./client/image-metadata.ts";
import { MirrorFailure } from "./client/mirrors.ts";
import { DepotError } from "./errors.ts";

export function folderMetadata(dir: string): FetchMetadata {
  return async (file, bytesMax) => {
    const path = join(dir, "metadata", file);
    try {
      if ((await stat(path)).size > bytesMax) throw new MirrorFailure("ERR_DEPOT_TOO_LONG", `has over ${bytesMax} bytes in ${file}`);
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };
}

/** Runs a verification and says of which folder it was. Throws DepotError with the verification's code. */
export async function verifying<T>(dir: string, verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch (error) {
    if (error instanceof MirrorFailure) throw new DepotError(error.code, `${dir} ${error.message}`, { cause: error });
    throw error;
  }
}
