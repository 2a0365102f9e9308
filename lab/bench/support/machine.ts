/** The machine and the day of a measurement, and what processes have cost: CPU seconds and resident memory, from /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { round } from "./statistics.ts";

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly bun: string;
  /** Load average of the last minute before the bench began: what else went on. */
  readonly loadBefore: number;
}

export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    kernel: release(),
    bun: Bun.version,
    loadBefore: round(loadavg()[0] ?? 0),
  };
}

/** CPU seconds that all threads of these processes have used. From schedstat, which counts nanoseconds; stat counts hundredths. */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
  }
  return nanoseconds / 1e9;
}

export function residentKiB(pids: readonly number[]): number {
  return sum(pids.map((pid) => kib(`/proc/${pid}/status`, "VmRSS")));
}

/** Kernel memory of all sockets together: slabs and buffers. KiB */
export function kernelKiB(): number {
  return kib("/proc/meminfo", "SUnreclaim") + kib("/proc/meminfo", "KernelStack");
}

export function availableKiB(): number {
  return kib("/proc/meminfo", "MemAvailable");
}

/** ms since the epoch, with microseconds: the same clock as the devices'. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

function kib(file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? Number.NaN);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
