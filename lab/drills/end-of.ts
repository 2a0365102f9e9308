/** Waits for a process that was told to end, or that ends by itself; a drill that waits for ever would tell nobody what it waits for. */

/** A loaded machine needs seconds for it; what takes this long hangs. */
const END_MAX_MS = 90_000;

interface Ending {
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** Its exit status. Kills it and throws with its name when it has not ended in time. */
export async function endOf(process: Ending, name: string): Promise<number> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill("SIGKILL");
  }, END_MAX_MS);
  const status = await process.exited;
  clearTimeout(timer);
  if (isLate) throw new Error(`${name} did not end within ${END_MAX_MS / 1_000} s`);
  return status;
}
