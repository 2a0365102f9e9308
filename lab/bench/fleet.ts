/**
 * `npm run bench:fleet`: the embedded fleet store at growing sizes, each in a process and a database of its own: import, cohort queries
 * (against a scan of the same rows in the same minute), freezing, lookups, check-ins, marks, verdicts, memory and disk.
 * `ok` is what docs/scale.md asks of ten million devices, and so of fewer: right answers everywhere, in time, and from 100,000 devices on,
 * where a scan begins to be felt, sooner than a scan. Check-ins count by the CPU they take, for the one writer has one core and other work on
 * the machine is not its fault; and as they go on day after day: a device's first after an import that knew no digest is told apart.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./fleet/measure.ts";
import { benchBySize } from "./support/by-size.ts";

type Measured = Awaited<ReturnType<typeof measureHere>>;

const AIMS = { queryMsMax: 1_000, countMsMax: 50, verdictCountMsMax: 2_000, checkInsPerCpuSecondMin: 20_000 } as const;
const SCAN_IS_FELT_FROM = 100_000;

await benchBySize({
  bench: "fleet",
  description: "The embedded fleet store at growing sizes: import, queries, check-ins, marks, verdicts.",
  sizes: [10_000, 100_000, 1_000_000, 10_000_000],
  aims: AIMS,
  measure: measureHere,
  judge: (figures) => {
    const judged = figures.map(judge);
    return { judged, ok: judged.every(({ ok }) => ok) };
  },
});

/** The worst of each kind against its aim, and how many times as long a look at every row takes. */
function judge({ devices, questions, counts, checkIns, verdicts }: Measured) {
  const worst = {
    queryMs: Math.max(...questions.map(({ setsMs }) => setsMs)),
    countMs: Math.max(...Object.values(counts)),
    verdictCountMs: verdicts.countMs,
    checkInsPerCpuSecond: checkIns.later.perCpuSecond,
  };
  const scanTimesAsLong = Object.fromEntries(
    [...questions, { query: "verdict counts", setsMs: verdicts.countMs, scanMs: verdicts.sqlCountMs }].map(({ query, setsMs, scanMs }) => [
      query,
      Number((scanMs / setsMs).toPrecision(2)),
    ]),
  );
  const isRight = questions.every(({ sameAsScan }) => sameAsScan);
  const isInTime =
    worst.queryMs <= AIMS.queryMsMax &&
    worst.countMs <= AIMS.countMsMax &&
    worst.verdictCountMs <= AIMS.verdictCountMsMax &&
    worst.checkInsPerCpuSecond >= AIMS.checkInsPerCpuSecondMin;
  const isSooner = devices < SCAN_IS_FELT_FROM || Object.values(scanTimesAsLong).every((times) => times > 1);
  return { devices, worst, scanTimesAsLong, isRight, isInTime, isSooner, ok: isRight && isInTime && isSooner };
}

async function measureHere(devices: number) {
  const directory = mkdtempSync(join(tmpdir(), "edict-bench-fleet-"));
  try {
    return { ...(await measure(directory, devices)), peakMiB: peakMiB() };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The most that this process has had in memory, the database's mapped pages and the generator of the bench included. */
function peakMiB(): number {
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1_024);
}
