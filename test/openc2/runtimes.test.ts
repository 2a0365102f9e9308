/** The language is one library for every runtime: it bundles for browsers without anything of Node or Bun, and passes its vectors on Node. */
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { buildLibrary, bundle } from "../../tools/library.ts";
import { vectorCases } from "./vector-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "edict-library-"));
afterAll(() => rmSync(folder, { recursive: true }));
const vectors = join(import.meta.dir, "../../vectors/openc2");
const hasNode = spawnSync("node", ["--version"]).status === 0;
const node = (...args: readonly string[]) => spawnSync("node", args, { encoding: "utf8" });

describe("the library", () => {
  test("is built where package.json says, for browsers, without modules of Node or Bun", async () => {
    const files = await buildLibrary(folder);
    const exported = Object.values(packageJson.exports).map(({ default: file }) => file.replace("./dist", folder));
    expect(files).toEqual(exported);
  });
  test("is not built from what needs a runtime", async () => {
    const built = bundle(join(import.meta.dir, "node-suite.ts"), join(folder, "never.js"));
    await expect(built).rejects.toThrow("cannot run everywhere");
  });
  test.skipIf(!hasNode)(`is imported by a program on Node${hasNode ? "" : " (skipped: there is no node)"}`, async () => {
    const [openc2 = ""] = await buildLibrary(folder);
    const program = `import { parseCommand } from ${JSON.stringify(openc2)};
      try { parseCommand(new TextEncoder().encode('{"action":"fly","target":{}}')); } catch (error) { console.log(error.all.map(({ path }) => path).join()); }`;
    expect(node("--input-type=module", "--eval", program).stdout).toBe("$.action,$.target\n");
  });
  test.skipIf(!hasNode)(`passes every vector on Node${hasNode ? "" : " (skipped: there is no node)"}`, async () => {
    const { outputs } = await Bun.build({ entrypoints: [join(import.meta.dir, "node-suite.ts")], target: "node", outdir: folder });
    const { stdout, stderr, status } = node(outputs[0]?.path ?? "", vectors);
    const cases = vectorCases((file) => readFileSync(join(vectors, file), "utf8")).length;
    expect([stderr, stdout, status]).toEqual(["", `${cases} passed, 0 failed\n`, 0]);
  });
});
