/** docs/spec-map.md says where each clause is kept: no clause without code and test, no file or test that is not there. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const text = readFileSync(join(root, "docs/spec-map.md"), "utf8");
const upTo = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
const CLAUSES = [...upTo("L", 11), ...upTo("H", 14), ...upTo("M", 7), ...upTo("E", 24)];

interface Row {
  readonly clause: string;
  readonly asks: string;
  readonly code: string | undefined;
  readonly testFile: string | undefined;
  readonly testName: string | undefined;
}

const rows: readonly Row[] = text
  .split("\n")
  .filter((line) => /^\| [LHME]\d+ /.test(line))
  .map((line) => {
    const [clause = "", , asks = "", code = "", proof = ""] = line
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    const [, testFile, testName] = /^`([^`]+)`: "(.+)"$/.exec(proof) ?? [];
    return { clause, asks, code: /^`([^`]+)`$/.exec(code)?.[1], testFile, testName };
  });

test("the document of x-swup does not claim what it cannot", () => {
  expect(readFileSync(join(root, "docs/profiles/x-swup/README.md"), "utf8")).toContain(
    "does not claim conformance to §3.4 of the OpenC2 architecture",
  );
});

test("every clause stands there once", () => {
  expect(rows.map(({ clause }) => clause)).toEqual(CLAUSES);
});

describe.each(rows.map((row) => [row.clause, row] as const))("%s", (_, { asks, code, testFile, testName }) => {
  test("says what it asks, which code keeps it, and which test proves it", () => {
    expect(asks).not.toBe("");
    expect(existsSync(join(root, code ?? "no code is named"))).toBe(true);
    expect(testFile).toMatch(/^(test|vectors)\//);
    expect(existsSync(join(root, testFile ?? ""))).toBe(true);
    expect(readFileSync(join(root, testFile ?? ""), "utf8")).toContain(testName ?? "no test is named");
  });
});
