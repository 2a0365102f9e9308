/** The mutator: which changes it makes, that each of them parses, and that its names last. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mutantsOf } from "../tools/mutate/mutants.ts";
import { ROOMS, sourcesOf } from "../tools/mutate/rooms.ts";

const changes = (source: string) => mutantsOf("a.ts", source).map(({ was, now }) => `${was} => ${now}`);

describe("the mutants of", () => {
  test("a refusal are that it is always and never made, and its boundary", () => {
    expect(changes('if (size > bytesMax) throw new Error("too large");')).toEqual([
      "size > bytesMax => true",
      "size > bytesMax => false",
      "size > bytesMax => (size >= bytesMax)",
    ]);
  });

  test("a conjunction are its parts and the disjunction", () => {
    expect(changes("const ok = a && b;")).toEqual(["a && b => (a)", "a && b => (b)", "a && b => (a || b)"]);
  });

  test("a default are both sides, but for one that only the compiler asks for", () => {
    expect(changes("const a = b ?? c;")).toEqual(["b ?? c => (b)", "b ?? c => (c)"]);
    expect(changes('const a = b[0] ?? "";')).toEqual(['b[0] ?? "" => ("")', "0 => 1"]);
    expect(changes("const a = b[i] ?? 0;")).toEqual(["b[i] ?? 0 => (0)"]);
    expect(changes("const a = b[i] ?? 5;")).toEqual(["b[i] ?? 5 => (b[i])", "b[i] ?? 5 => (5)", "5 => 6"]);
    expect(changes("const a = b.c ?? 0;")).toEqual(["b.c ?? 0 => (0)", "0 => 1"]);
  });

  test("statements, calls, lists, numbers and patterns", () => {
    expect(changes("check(input);")).toEqual(["check(input); => ;"]);
    expect(changes("const a = list.every(f);")).toEqual(["list.every(f) => list.some(f)"]);
    expect(changes("const a = [x, y];")).toEqual(["[x, y] => [y]", "[x, y] => [x]"]);
    expect(changes("const a = 4_096;")).toEqual(["4_096 => 4097"]);
    expect(changes("const a = /^x$/;")).toEqual(["/^x$/ => /x$/", "/^x$/ => /^x/"]);
  });

  test("types, codes and texts for people are none", () => {
    expect(changes('type A = 1 | true; const a: A[] = b as [1]; const t = `${n + 1}`; const c = "ERR_A";')).toEqual([]);
  });
});

test("a mutant keeps its name when the lines around it move, and no two have the same", () => {
  const source = "const a = 1;\nconst b = 1 + 1;\n";
  const ids = mutantsOf("a.ts", source).map(({ id }) => id);
  expect(mutantsOf("a.ts", `// more\n\n${source}`).map(({ id }) => id)).toEqual(ids);
  expect(new Set(ids).size).toBe(4);
});

test("every mutant of the code that is judged parses", () => {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const root = join(import.meta.dir, "..");
  for (const room of Object.values(ROOMS)) {
    for (const file of sourcesOf(room, root)) {
      for (const { source } of mutantsOf(file, readFileSync(join(root, file), "utf8"))) transpiler.scan(source);
    }
  }
});
