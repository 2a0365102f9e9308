// Installs what the project needs, on a machine that has only Node and npm, and says where Bun is.
// Plain JavaScript for Node: it runs before anything is installed. Used by start.mjs, test.mjs and bin/edict.mjs.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bun = join(root, "node_modules", ".bin", process.platform === "win32" ? "bun.exe" : "bun");

/** Installs once; afterwards this costs two file reads. Ends the process with what to do when it cannot. */
export function ensureInstalled() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) stop(`Edict needs Node 20 or later to install itself; this is Node ${process.versions.node}.`);
  if (!isInstalled()) {
    console.error("edict: installing dependencies ...");
    // Not `npm ci`: it refuses a lock that lacks the binaries of a platform whose package a registry does not carry.
    // Versions and digests are those of the lock all the same, and --no-save leaves it as it is.
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
  }
  if (!bunRuns()) {
    // The bun package brings its binary with an install script; a machine that ignores scripts needs this once.
    run("npm", ["rebuild", "bun", "--ignore-scripts=false", "--loglevel=error"]);
    if (!bunRuns()) stop("The bun package is installed but does not run. Try: npm rebuild bun --ignore-scripts=false");
  }
  return bun;
}

/** Runs a script with Bun, hands signals on, and resolves with its exit status. */
export function runBun(args) {
  const child = spawn(ensureInstalled(), args, { cwd: process.cwd(), stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? (signal ? 130 : 1))));
}

function isInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed) || !existsSync(bun)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => path === "" || entry.optional || present[path]?.version === entry.version);
}

function bunRuns() {
  return spawnSync(bun, ["--version"], { stdio: "ignore" }).status === 0;
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status !== 0) stop(`${command} ${args.join(" ")} failed with status ${status}.`);
}

function stop(message) {
  console.error(`edict: ${message}`);
  process.exit(70);
}
