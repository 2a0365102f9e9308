/**
 * Attacks that are already made by a test run as that test, in a process of its own: the same code that `npm test` runs, against real
 * sockets, files and certificates. A test that does not run counts as not held.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Blow, NamedTests } from "./attack.ts";

const ROOT = join(import.meta.dir, "../..");
const TEST_MAX_MS = 120_000;

/** A blow for each title: that of a test, or its beginning where the rest is made of cases. */
export async function byTests({ file, titles }: NamedTests): Promise<readonly Blow[]> {
  const folder = mkdtempSync(join(tmpdir(), "edict-attack-tests-"));
  const report = join(folder, "junit.xml");
  try {
    const only = titles.map((title) => RegExp.escape(title)).join("|");
    const args = ["test", file, "-t", only, "--timeout", String(TEST_MAX_MS), "--reporter=junit", `--reporter-outfile=${report}`];
    const child = Bun.spawn([process.execPath, ...args], { cwd: ROOT, stdio: ["ignore", "ignore", "ignore"] });
    await child.exited;
    const ran = casesOf(readFileSync(report, "utf8"));
    return titles.map((title) => {
      const cases = ran.filter(({ name }) => name.includes(title));
      const held = cases.length > 0 && cases.every(({ passed }) => passed);
      return { what: title, stoppedBy: `${cases.length} ${cases.length === 1 ? "test" : "tests"} of ${file}`, held };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface TestCase {
  readonly name: string;
  readonly passed: boolean;
}

/** From JUnit's XML as Bun writes it; a case with a child failed or was skipped. The names of the groups around it count as its name. */
function casesOf(xml: string): readonly TestCase[] {
  return [...xml.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(\/?)>\s*(<failure|<skipped|<error)?/g)].map(
    ([, name = "", group = "", , fault]) => ({ name: `${unescape(group)} ${unescape(name)}`, passed: fault === undefined }),
  );
}

function unescape(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&quot;": '"', "&apos;": "'", "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
  return text.replace(/&(?:quot|apos|#39|lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
}
