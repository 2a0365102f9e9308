/** Runs `edict serve` as the operator would: the real command in a process of its own. */
import { join } from "node:path";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");

export interface ServeProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
}

/** Resolves when it says that it serves. Throws with what it printed when it does not. */
export async function startServe(stateDirectory: string, logFile: string): Promise<ServeProcess> {
  const child = Bun.spawn([process.execPath, EDICT, "--state", stateDirectory, "serve", "--log", "info"], {
    stdio: ["ignore", "pipe", Bun.file(logFile)],
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const said = new TextDecoder().decode(value);
  if (!said.startsWith("Serving")) throw new Error(`edict serve did not start: ${said}${await Bun.file(logFile).text()}`);
  reader.releaseLock();
  return { pid: child.pid, kill: (signal) => child.kill(signal), exited: child.exited };
}
