/** The mutator's judge, on a small project of its own: each test goes on being asked, whichever noticed the last mutant. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Judge } from "../tools/mutate/judge.ts";
import { mutantsOf } from "../tools/mutate/mutants.ts";
import { Results } from "../tools/mutate/results.ts";
import { Tree } from "../tools/mutate/tree.ts";

const FILES = {
  "a.ts": "export function shared() {\n  return 1;\n}\nexport function own() {\n  return 2;\n}\n",
  "x.test.ts":
    'import { expect, test } from "bun:test";\nimport { own, shared } from "./a.ts";\ntest("x", () => {\n  shared();\n  expect(own()).toBe(2);\n});\n',
  "y.test.ts": 'import { expect, test } from "bun:test";\nimport { shared } from "./a.ts";\ntest("y", () => expect(shared()).toBe(1));\n',
};

test("a test that did not notice one mutant is still asked about the next", async () => {
  const folder = mkdtempSync(join(tmpdir(), "edict-judge-"));
  try {
    const root = join(folder, "project");
    mkdirSync(join(root, "node_modules"), { recursive: true });
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
    Bun.spawnSync(["git", "init", "--quiet"], { cwd: root });
    const judge = new Judge(new Tree(root, join(folder, "tree")), new Results(join(folder, "results.jsonl")));
    await judge.prepare(root, ["x.test.ts", "y.test.ts"]);
    const mutants = mutantsOf("a.ts", FILES["a.ts"]);
    expect(mutants.map(({ was }) => was)).toEqual(["1", "2"]);
    const verdicts = [];
    for (const mutant of mutants) verdicts.push(await judge.judge(mutant));
    expect(verdicts).toEqual(["killed", "killed"]);
    expect(readFileSync(join(folder, "tree/a.ts"), "utf8")).toBe(FILES["a.ts"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
