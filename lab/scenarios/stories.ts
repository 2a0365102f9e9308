/** The stories, and the golden texts that lie beside them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readScenario, type Scenario } from "./scenario.ts";

const FOLDER = join(import.meta.dir, "stories");

/** Names of files. */
export const STORIES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".scenario"))
  .toSorted();

export function storyOf(file: string): Scenario {
  return readScenario(readFileSync(join(FOLDER, file), "utf8"), file);
}

/** Where its golden text is. */
export function goldenOf(file: string): string {
  return join(FOLDER, file.replace(/\.scenario$/, ".golden.txt"));
}
