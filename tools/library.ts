/**
 * `npm pack` runs this: the library that other programs import, bundled from TypeScript to one file each that Node and browsers run.
 * Bun needs none of it and imports the sources. Fails when a file would need a runtime's own modules.
 */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
/** As in package.json "exports". */
const ENTRIES = {
  openc2: "src/openc2/index.ts",
  "trust-verify": "src/trust/verify/index.ts",
  "trust-sign": "src/trust/sign/index.ts",
};

if (import.meta.main) await buildLibrary(join(root, "dist"));

/** Writes a module per entry into the folder and gives their paths. */
export async function buildLibrary(folder: string): Promise<readonly string[]> {
  return Promise.all(Object.entries(ENTRIES).map(([name, entry]) => bundle(join(root, entry), join(folder, `${name}.js`))));
}

/** One module without imports of a runtime's own. Gives its path. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  const { success, logs, outputs } = await Bun.build({ entrypoints: [entry], target: "browser", external: ["node:*", "bun", "bun:*"] });
  const [output] = outputs;
  if (!success || output === undefined) throw new Error(logs.map(String).join("\n"));
  const text = await output.text();
  const runtimeImport = /\b(?:from|import|require)\s*\(?\s*["'](?:node:|bun\b)[^"']*["']/.exec(text);
  if (runtimeImport !== null) throw new Error(`${entry} cannot run everywhere: ${runtimeImport[0]}`);
  await Bun.write(outfile, text);
  return outfile;
}
