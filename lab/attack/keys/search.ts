/** Searches a platform for private keys: everything under its folder, and each of its processes with arguments, environment and memory. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NeedleSearch } from "./needles.ts";
import { memoryOf } from "./process-memory.ts";

export interface Finding {
  readonly key: string;
  readonly form: string;
  readonly where: string;
}

/** Whatever kind of file it is: databases with their journals, logs, blobs. `except` are paths that are not looked into. */
export function searchFolder(folder: string, needles: NeedleSearch, except: readonly string[] = []): readonly Finding[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || except.some((path) => file === path || file.startsWith(`${path}/`))) return [];
    return findings(needles, readFileSync(file), file);
  });
}

/** `name` stands in the findings. Memory only where the system shows it. */
export function searchProcess(
  pid: number,
  name: string,
  needles: NeedleSearch,
): { readonly found: readonly Finding[]; readonly bytes: number } {
  const found = ["cmdline", "environ"].flatMap((file) => findings(needles, readFileSync(`/proc/${pid}/${file}`), `${file} of ${name}`));
  let bytes = 0;
  for (const part of memoryOf(pid)) {
    bytes += part.length;
    found.push(...findings(needles, part, `memory of ${name}`));
  }
  return { found, bytes };
}

function findings(needles: NeedleSearch, bytes: Uint8Array, where: string): Finding[] {
  return [...needles.in(bytes)].map(({ key, form }) => ({ key, form, where }));
}
