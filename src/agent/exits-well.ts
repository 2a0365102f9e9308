/** Runs a command of the device's own configuration; whether it came to a good end in time. */
import { spawn } from "node:child_process";

interface Circumstances {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Besides those of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

export function exitsWell([command = "", ...args]: readonly string[], { timeoutMs, env, ...given }: Circumstances): Promise<boolean> {
  const child = spawn(command, args, { ...given, timeout: timeoutMs, stdio: "ignore", env: { ...process.env, ...env } });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (status) => resolve(status === 0));
  });
}
