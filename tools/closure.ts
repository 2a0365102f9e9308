/**
 * Bundles the agent as a device would carry it and fails if code is in it that a device must not have: anything that
 * signs, the manager's database, brokers. Prints the size of the bundle, which is what a device stores.
 */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const FORBIDDEN = [
  /\/src\/trust\/sign\//,
  /\/src\/(fleet|campaign|server|cli|after-action)\//,
  /\/src\/depot\/(?!client\/|(?:delta|errors|limits|release)\.ts)/,
  /postgres/,
  /@nats-io/,
  /\/mqtt\//,
  /roaring-wasm/,
  /@peculiar\/x509/,
  /commander/,
  // What a device does not speak: other serialisations and signatures than those of its channel.
  /\/(cborg|canonicalize)\//,
];

const built = await Bun.build({ entrypoints: [join(root, "src/agent/index.ts")], target: "bun", sourcemap: "external", minify: false });
if (!built.success) {
  for (const log of built.logs) console.error(String(log));
  process.exit(1);
}
const map = built.outputs.find((output) => output.kind === "sourcemap");
const bundle = built.outputs.find((output) => output.kind === "entry-point");
if (map === undefined || bundle === undefined) throw new Error("the bundler gave no source map");
const { sources } = (await map.json()) as { sources: string[] };
const paths = sources.map((source) => `/${source.replace(/^(\.\.\/)+/, "")}`);
const offenders = paths.filter((path) => FORBIDDEN.some((pattern) => pattern.test(path)));
for (const path of offenders) console.log(`the agent must not carry ${path}`);
console.log(`closure: ${paths.length} modules, ${Math.round(bundle.size / 1024)} KiB, ${offenders.length} forbidden`);
process.exitCode = offenders.length === 0 && paths.length > 0 ? 0 : 1;
