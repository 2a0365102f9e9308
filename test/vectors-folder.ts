/** Where the vectors that nobody here wrote lie, when they lie beside the checkout; tests that need them skip aloud otherwise. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const VECTORS = join(import.meta.dir, "../../shared/vectors");
export const hasVectors = existsSync(VECTORS);
/** Ends the name of a suite that is skipped, so that the count of skipped tests can be explained. */
export const skipReason = hasVectors ? "" : " (skipped: there is no ../shared/vectors beside this checkout)";

/** Name and bytes of every .json file of a folder of vectors. */
export function vectorsIn(...folder: string[]): readonly (readonly [string, Uint8Array])[] {
  if (!hasVectors) return [];
  const directory = join(VECTORS, ...folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [name, readFileSync(join(directory, name))] as const);
}
