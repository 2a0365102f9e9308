// `npm test`: installs, checks the house, runs every test, and sums it all up in one last line.
// Each check (types, lint, format, tidy, closure) counts as one test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

const bun = ensureInstalled();
const local = (name) => join(root, "node_modules", ".bin", name);
const sources = ["src", "lab", "tools", "test"];
const total = { passed: 0, failed: 0, skipped: 0 };

installSystemPackages();
check("types", local("tsc"), ["--noEmit"]);
check("lint", local("oxlint"), ["--deny-warnings", ...sources]);
check("format", local("biome"), ["format", ...sources]);
check("unused code", local("knip"), []);
check("tidy", bun, ["tools/tidy/main.ts"]);
check("closure of the agent", bun, ["tools/closure.ts"]);
runTests(process.argv.slice(2));

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * openssl makes the bad certificates of some tests, curl enrols with it, mosquitto is the broker of others, python3-websockets a client of a third kind;
 * softhsm2 is a token for keys, to which opensc's pkcs11-tool speaks; poppler-utils reads PDF reports back.
 * Without them, and without the right to install them, these skip aloud.
 */
function installSystemPackages() {
  const missing = ["openssl", "mosquitto", "curl"].filter((name) => spawnSync(name, ["-h"], { stdio: "ignore" }).error !== undefined);
  if (spawnSync("/usr/bin/python3", ["-c", "import websockets"], { stdio: "ignore" }).status !== 0) missing.push("python3-websockets");
  for (const [tool, name] of [
    ["softhsm2-util", "softhsm2"],
    ["pkcs11-tool", "opensc"],
    ["pdftotext", "poppler-utils"],
  ]) {
    if (spawnSync(tool, ["--help"], { stdio: "ignore" }).error !== undefined) missing.push(name);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return;
  // Debian would start the broker as a service, which nobody asked for.
  const env = { ...process.env, RUNLEVEL: "1" };
  spawnSync("sh", ["-c", `apt-get update -qq && apt-get install -y -qq ${missing.join(" ")}`], { stdio: "inherit", env });
}

function check(name, command, args) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  const ok = status === 0;
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${Date.now() - started} ms)`);
  if (!ok) console.log(`${stdout}${stderr}`);
  total[ok ? "passed" : "failed"] += 1;
}

function runTests(filters) {
  const folder = mkdtempSync(join(tmpdir(), "edict-junit-"));
  const outfile = join(folder, "junit.xml");
  const patterns = filters.length > 0 ? filters : ["test"];
  const args = ["test", "--timeout", "180000", "--reporter=junit", `--reporter-outfile=${outfile}`, ...patterns];
  const { status } = spawnSync(bun, args, { cwd: root, stdio: "inherit" });
  const counts = readJunit(outfile);
  rmSync(folder, { recursive: true, force: true });
  total.passed += counts.tests - counts.failures - counts.skipped;
  total.failed += counts.failures;
  total.skipped += counts.skipped;
  // A runner that dies, or finds a fault outside any test, must not look like a success.
  if (status !== 0 && counts.failures === 0) total.failed += 1;
}

function readJunit(file) {
  try {
    const head = /<testsuites\b[^>]*>/.exec(readFileSync(file, "utf8"))?.[0] ?? "";
    const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
    return { tests: number("tests"), failures: number("failures") + number("errors"), skipped: number("skipped") };
  } catch {
    return { tests: 0, failures: 0, skipped: 0 };
  }
}
