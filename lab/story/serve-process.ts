/** Runs `edict serve` and `edict gateway` as the operator would: the real commands in processes of their own. */
import { join } from "node:path";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");

export interface ServeProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
}

/** Resolves when it says that it serves. Throws with what it printed when it does not. */
export async function startServe(stateDirectory: string, logFile: string, options: readonly string[] = []): Promise<ServeProcess> {
  const child = Bun.spawn([process.execPath, EDICT, "--state", stateDirectory, "serve", "--log", "info", ...options], {
    stdio: ["ignore", "pipe", Bun.file(logFile)],
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const said = new TextDecoder().decode(value);
  if (!said.startsWith("Serving")) throw new Error(`edict serve did not start: ${said}${await Bun.file(logFile).text()}`);
  reader.releaseLock();
  return { pid: child.pid, kill: (signal) => child.kill(signal), exited: child.exited };
}

export interface GatewayProcess {
  readonly port: number;
  readonly workers: readonly number[];
  /** Ends it and its workers. */
  end(): Promise<void>;
}

/** Resolves when all workers listen. Throws with what it printed when they do not. */
export async function startGatewayWorkers(stateDirectory: string, workers: number, logFile: string): Promise<GatewayProcess> {
  const command = ["--state", stateDirectory, "--json", "gateway", "--workers", String(workers)];
  const child = Bun.spawn([process.execPath, EDICT, ...command], { stdio: ["ignore", "pipe", Bun.file(logFile)] });
  const { value } = await child.stdout.getReader().read();
  if (value === undefined) throw new Error(`edict gateway did not start: ${await Bun.file(logFile).text()}`);
  const said = JSON.parse(new TextDecoder().decode(value)) as Pick<GatewayProcess, "port" | "workers">;
  return {
    ...said,
    end: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
