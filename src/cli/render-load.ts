/** A campaign's load as lines for a person: a bar for each stretch of time, and peak against plan. */
import type { LoadBucket, LoadCurve } from "../campaign/load-curve.ts";
import type { LoadReport } from "../server/load-report.ts";
import { formatDuration } from "./durations.ts";

/** Lines of the curve; --json has every bucket. */
const ROWS = 24;
const BAR_CHARACTERS = 40;

export function renderLoad({ isUnderWay, everyNth, spreadMs, planned, seen }: LoadReport): readonly string[] {
  const head = isUnderWay ? "Planned from who was told when" : "Nothing is sent yet: the largest wave, as if it were told now";
  return [
    `${head}; devices start over ${formatDuration(spreadMs)}.`,
    ...(everyNth > 1 ? [`One device of ${everyNth} was looked at, and stands for the others.`] : []),
    ...curveLines(planned),
    `Planned peak  ${peakText(planned)}`,
    ...planned.regions.map((region) => `  ${region.region.padEnd(12)}${peakText({ peak: region })}`),
    ...(seen.buckets.length > 0
      ? [`Seen peak     ${peakText(seen)}${againstPlan(planned, seen)}`]
      : ["The depot has no record of it yet."]),
  ];
}

function curveLines({ buckets, bucketMs }: LoadCurve): readonly string[] {
  const startMs = buckets[0]?.atMs ?? 0;
  const each = Math.max(1, Math.ceil(buckets.length / ROWS));
  const rows = Array.from({ length: Math.ceil(buckets.length / each) }, (_, row) => merged(buckets.slice(row * each, (row + 1) * each)));
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes));
  return rows.map(({ atMs, devices, bytes }) => {
    const gigabits = (bytes * 8) / (each * bucketMs) / 1_000_000;
    const bar = "#".repeat(Math.round((BAR_CHARACTERS * bytes) / most));
    return `  +${formatDuration(atMs - startMs).padEnd(9)} ${String(devices).padStart(8)} devices ${gigabits.toFixed(3).padStart(8)} Gbit/s ${bar}`;
  });
}

function merged(buckets: readonly LoadBucket[]): LoadBucket {
  const sum = (of: (bucket: LoadBucket) => number) => buckets.reduce((total, bucket) => total + of(bucket), 0);
  return { atMs: buckets[0]?.atMs ?? 0, devices: sum(({ devices }) => devices), bytes: sum(({ bytes }) => bytes) };
}

function peakText({ peak }: Pick<LoadCurve, "peak">): string {
  return `${peak.devicesPerSecond.toFixed(1)} devices a second, ${peak.gigabitsPerSecond.toFixed(3)} Gbit/s`;
}

function againstPlan({ peak: plan }: LoadCurve, { peak }: LoadCurve): string {
  if (plan.gigabitsPerSecond === 0) return "";
  return `, ${(peak.gigabitsPerSecond / plan.gigabitsPerSecond).toFixed(2)} of what was planned`;
}
