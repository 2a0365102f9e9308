/**
 * `npm run drill:keys`: the loss of one key, of both, of a root key, of the root and of the owner, with real files and processes. Exit status 0
 * only if everything held that docs/operate/keys.md promises.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { program, whole } from "../program.ts";
import { Teller } from "../story/teller.ts";
import { bothKeysStolen, oneKeyLost, oneRootKeyLost, ownerLost, rootLost, setUp } from "./keys.ts";
import { Scene } from "./scene.ts";

const options = program("drill:keys", "Rotation, revocation and recovery of every key that devices depend on, from start to finish.")
  .option("--devices <count>", "devices that take part", whole(), 3)
  .option("--json", "print one JSON object on standard output; the narration goes to standard error", false)
  .parse()
  .opts<{ devices: number; json: boolean }>();
const teller = new Teller(options.json);
const directory = mkdtempSync(join(tmpdir(), "edict-drill-"));
const scene = new Scene(directory, teller);
const elsewhere = new Scene(directory, teller, "elsewhere");
const startedMs = performance.now();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void Promise.all([scene.end(), elsewhere.end()]).then(() => process.exit(130)));
let broke: string | undefined;
try {
  await setUp(scene, options.devices);
  await oneKeyLost(scene);
  await bothKeysStolen(scene);
  await oneRootKeyLost(scene);
  await rootLost(scene, new Scene(directory, teller, "drawer"));
  await ownerLost(scene, elsewhere);
} catch (error) {
  broke = error instanceof Error ? error.message : String(error);
  teller.line(`\nThe drill broke off: ${broke}`);
} finally {
  await Promise.all([scene.end(), elsewhere.end()]);
}
const ok = broke === undefined && scene.checks.every(({ held }) => held);
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
teller.line(
  `\n${ok ? "All of it held" : "It did NOT hold"}: ${scene.checks.filter(({ held }) => held).length} of ${scene.checks.length} checks, ${seconds} s.`,
);
if (options.json) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length };
  const result = {
    ok,
    date: new Date().toISOString(),
    machine,
    devices: options.devices,
    seconds,
    checks: scene.checks,
    ...(broke && { broke }),
  };
  console.log(JSON.stringify(result, null, 2));
}
if (ok) rmSync(directory, { recursive: true, force: true });
else teller.line(`What is left of it is in ${directory}.`);
process.exitCode = ok ? 0 : 1;
