/**
 * A copy of the project in which files are broken, one after the other, and tests are run. The project itself is never touched. A run
 * is cut off by the CPU time that it takes, not by a clock: the machine may be busy with something else.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type Outcome = "passed" | "failed" | "stuck";

/** CPU seconds of one run: all files of a room together take a third of that. */
const CPU_SECONDS_MAX = 30;
/** For a test that waits for what never comes, which takes no CPU time. */
const TEST_MS_MAX = 60_000;
const RUN_MS_MAX = 600_000;

export class Tree {
  readonly #folder: string;

  constructor(root: string, folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
    if (!listed.success) throw new Error(`git ls-files: ${listed.stderr.toString()}`);
    for (const file of listed.stdout.toString().split("\0")) {
      if (file === "" || !existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      copyFileSync(join(root, file), join(folder, file));
    }
    symlinkSync(realpathSync(join(root, "node_modules")), join(folder, "node_modules"));
  }

  /** The outcome of these tests while this file says something else. */
  async testWith(file: string, source: string, tests: readonly string[]): Promise<Outcome> {
    const path = join(this.#folder, file);
    const original = readFileSync(path);
    writeFileSync(path, source);
    try {
      return await this.test(tests);
    } finally {
      writeFileSync(path, original);
    }
  }

  async test(tests: readonly string[], options: readonly string[] = []): Promise<Outcome> {
    const bun = [process.execPath, "test", "--bail", "--timeout", String(TEST_MS_MAX), ...options, ...tests.map((test) => `./${test}`)];
    const child = Bun.spawn(["sh", "-c", `ulimit -t ${CPU_SECONDS_MAX}; exec "$@"`, "sh", ...bun], {
      cwd: this.#folder,
      stdout: "ignore",
      stderr: "ignore",
      timeout: RUN_MS_MAX,
    });
    const status = await child.exited;
    if (child.signalCode !== null) return "stuck";
    return status === 0 ? "passed" : "failed";
  }

  /** Which lines of which files this test reaches. Throws when it does not pass. */
  async reached(test: string): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
    const folder = join(this.#folder, ".coverage");
    const options = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`];
    if ((await this.test([test], options)) !== "passed") throw new Error(`${test} fails without any change`);
    const files = new Map<string, Set<number>>();
    let lines = new Set<number>();
    for (const row of readFileSync(join(folder, "lcov.info"), "utf8").split("\n")) {
      if (row.startsWith("SF:")) files.set(row.slice(3), (lines = new Set()));
      const [, line, count] = /^DA:(\d+),(\d+)/.exec(row) ?? [];
      if (Number(count) > 0) lines.add(Number(line));
    }
    return files;
  }
}
