/** Runs `edict` as a person would: another process, through Node. */
import { join } from "node:path";

const EDICT = join(import.meta.dir, "../../bin/edict.mjs");

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export async function edict(args: readonly string[], { cwd, stdin = "" }: { cwd: string; stdin?: string }): Promise<Outcome> {
  const child = Bun.spawn(["node", EDICT, ...args], { cwd, stdin: new Blob([stdin]), stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out, err };
}
