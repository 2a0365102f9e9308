/** Runs the tests that can reach a mutant against it, those first that noticed the one before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutants.ts";
import { digest, type Results, type Status } from "./results.ts";
import type { Tree } from "./tree.ts";

interface Test {
  readonly file: string;
  readonly digest: string;
  readonly reached: ReadonlyMap<string, ReadonlySet<number>>;
}

export class Judge {
  readonly #tree: Tree;
  readonly #results: Results;
  /** The test that noticed last comes first. */
  #tests: readonly Test[] = [];

  constructor(tree: Tree, results: Results) {
    this.#tree = tree;
    this.#results = results;
  }

  /** Runs each test once as it is. Throws for one that fails. */
  async prepare(root: string, files: readonly string[]): Promise<void> {
    const tests: Test[] = [];
    for (const file of files)
      tests.push({ file, digest: digest(readFileSync(join(root, file), "utf8")), reached: await this.#tree.reached(file) });
    this.#tests = tests;
  }

  async judge(mutant: Mutant): Promise<Status> {
    const tests = this.#reaching(mutant);
    const digests = tests.map((test) => test.digest);
    const known = this.#results.find(mutant, digests);
    if (known !== undefined) return known;
    const [first, ...others] = tests;
    for (const group of [first === undefined ? [] : [first], others]) {
      if (group.length === 0) continue;
      const files = group.map(({ file }) => file);
      const outcome = await this.#tree.testWith(mutant.file, mutant.source, files);
      if (outcome === "passed") continue;
      const status = outcome === "failed" ? "killed" : "stuck";
      this.#results.keep(mutant, status, digestsOf(group));
      if (group.length === 1) this.#tests = [...group, ...this.#tests.filter((test) => !group.includes(test))];
      return status;
    }
    this.#results.keep(mutant, "survived", digests);
    return "survived";
  }

  /** Those that run its line; when none does, those that load its file. */
  #reaching({ file, line }: Mutant): readonly Test[] {
    const loading = this.#tests.filter(({ reached }) => reached.has(file));
    const running = loading.filter(({ reached }) => reached.get(file)?.has(line));
    return running.length > 0 ? running : loading;
  }
}

function digestsOf(tests: readonly Test[]): readonly string[] {
  return tests.map((test) => test.digest);
}
