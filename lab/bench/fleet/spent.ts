/** What work took: by the clock, which other work on the machine slows down, and of this process's CPU, which it does not. */

export interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

export function spentOn(work: () => unknown): Spent {
  const end = clock();
  work();
  return end();
}

/** For work that has its pauses: the returned function says what was spent until then. */
export function clock(): () => Spent {
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - startedMs, cpuMs: (user + system) / 1_000 };
  };
}

/** So many things a second, in all that was spent on them. */
export function rates(count: number, spent: readonly Spent[]): { readonly perSecond: number; readonly perCpuSecond: number } {
  const sum = (of: (one: Spent) => number) => spent.reduce((total, one) => total + of(one), 0);
  return {
    perSecond: Math.round(count / (sum(({ ms }) => ms) / 1_000)),
    perCpuSecond: Math.round(count / (sum(({ cpuMs }) => cpuMs) / 1_000)),
  };
}
