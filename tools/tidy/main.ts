/**
 * The house rules that no linter knows: the import table, pure rooms, technologies in folders of their name, a header on
 * every file, no leftovers. Prints each breach as `file:line rule` and ends with status 1 if there is one.
 */
import { Glob } from "bun";
import { dirname, join, normalize } from "node:path";
import { IMPURE, LEFTOVERS, MAY_IMPORT, PURE, TECHNOLOGIES } from "./rooms.ts";

const root = join(import.meta.dir, "../..");
const breaches: string[] = [];
let files = 0;

for (const folder of ["src", "lab", "tools", "test"]) {
  for await (const name of new Glob(`${folder}/**/*.ts`).scan({ cwd: root })) {
    files += 1;
    checkFile(name, await Bun.file(join(root, name)).text());
  }
}
for (const breach of breaches.sort()) console.log(breach);
console.log(`tidy: ${files} files, ${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function checkFile(name: string, text: string): void {
  const lines = text.split("\n");
  if (!/^(#!.*\n)?(\/\*\*|\/\/)/.test(text)) breaches.push(`${name}:1 has no header comment that says what it is for`);
  const isTidy = name.startsWith("tools/tidy/");
  lines.forEach((line, index) => {
    const at = `${name}:${index + 1}`;
    for (const [pattern, why] of LEFTOVERS) if (!isTidy && pattern.test(line)) breaches.push(`${at} ${why}`);
    const specifier = /\b(?:from|import)\s*\(?"([^"]+)"/.exec(line)?.[1];
    if (specifier !== undefined) checkImport(name, at, specifier);
    if (isPure(name) && !/^\s*(\*|\/\/|\/\*)/.test(line)) {
      for (const [pattern, why] of IMPURE) if (pattern.test(line)) breaches.push(`${at} is in a pure room and ${why}`);
    }
  });
}

function isPure(name: string): boolean {
  return PURE.some((prefix) => name.startsWith(`src/${prefix}`));
}

function checkImport(name: string, at: string, specifier: string): void {
  for (const [pattern, folder] of TECHNOLOGIES) {
    if (name.startsWith("src/") && pattern.test(specifier) && !name.includes(`/${folder}/`)) {
      breaches.push(`${at} imports ${specifier} outside a folder named ${folder}`);
    }
  }
  if (!specifier.startsWith(".") || !name.startsWith("src/")) return;
  const target = normalize(join(dirname(name), specifier));
  // The version is said in one place.
  if (target === "package.json") return;
  if (!target.startsWith("src/")) {
    breaches.push(`${at} imports ${target}, which is not product code`);
    return;
  }
  const from = name.split("/")[1] ?? "";
  const path = target.slice("src/".length);
  if (path.split("/")[0] === from || isAllowed(from, path)) return;
  breaches.push(`${at} the room ${from} may not import ${path}`);
}

/** `x/*` allows the files that lie directly in x, but none of its folders. */
function isAllowed(from: string, path: string): boolean {
  return (MAY_IMPORT[from] ?? []).some((allowed) =>
    allowed.endsWith("/*") ? dirname(path) === allowed.slice(0, -2) : path === allowed || path.startsWith(`${allowed}/`),
  );
}
