/**
 * What became of each mutant, kept so that a run can be cut off and taken up again. A result holds as long as the mutant's file and
 * the tests that gave it are what they were; for a survivor, also as long as no other test reaches it.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Mutant } from "./mutants.ts";

export type Status = "killed" | "stuck" | "survived";

interface Result {
  readonly key: string;
  readonly status: Status;
  /** Digests of the test files that ran. */
  readonly tests: readonly string[];
}

export class Results {
  readonly #file: string;
  readonly #kept = new Map<string, Result>();

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line === "") continue;
      const result = JSON.parse(line) as Result;
      this.#kept.set(result.key, result);
    }
  }

  /** `tests`: digests of all test files that reach the mutant now. */
  find(mutant: Mutant, tests: readonly string[]): Status | undefined {
    const kept = this.#kept.get(digest(mutant.source));
    if (kept === undefined || !kept.tests.every((test) => tests.includes(test))) return undefined;
    return kept.status === "survived" && kept.tests.length !== tests.length ? undefined : kept.status;
  }

  keep(mutant: Mutant, status: Status, tests: readonly string[]): void {
    const result: Result = { key: digest(mutant.source), status, tests };
    this.#kept.set(result.key, result);
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
  }
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}
