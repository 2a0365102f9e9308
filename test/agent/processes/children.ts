/** Real processes with names of their own: copies of small executables, ended when a test is over. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const hasProc = existsSync("/proc/self/stat");
export const skipReason = hasProc ? "" : " (skipped: this system has no /proc)";

export class Children {
  readonly directory = mkdtempSync(join(tmpdir(), "edict-processes-"));
  readonly #children: ChildProcess[] = [];

  /** A copy of `of` that nothing else on this machine is the same as. Bytes behind an executable change its digest and nothing else. */
  executable(name: string, { of = Bun.which("sleep") ?? "", size = 0 } = {}): string {
    const path = join(this.directory, name);
    copyFileSync(of, path);
    appendFileSync(path, `${this.directory}${name}`);
    if (size > 0) truncateSync(path, size);
    return path;
  }

  /** Resolves when it runs under its own name. */
  async start(path: string, args: readonly string[] = ["600"], options: { readonly cwd?: string } = {}): Promise<number> {
    const child = spawn(path, args, { stdio: "ignore", ...options });
    this.#children.push(child);
    await new Promise((resolve, reject) => child.once("spawn", () => resolve(undefined)).once("error", reject));
    return child.pid ?? 0;
  }

  isRunning(pid: number): boolean {
    return isThere(pid);
  }

  end(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
