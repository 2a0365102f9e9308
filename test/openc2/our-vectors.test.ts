/** Our own vectors, language-neutral: what good and bad commands, responses and messages are, clause by clause. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vectorCases } from "./vector-cases.ts";

const folder = join(import.meta.dir, "../../vectors/openc2");

describe("vectors/openc2", () => {
  const cases = vectorCases((file) => readFileSync(join(folder, file), "utf8"));
  test.each(cases.map((one) => [one.file, one.name, one] as const))("%s: %s", (_, __, { run }) => {
    expect(run).not.toThrow();
  });
});
