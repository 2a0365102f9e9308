/** The dry run as lines for a person: who, who not and why, how much, how long. */
import type { DryRun } from "../campaign/dry-run.ts";
import { type Finding, findingText } from "../campaign/policy.ts";
import { devicesText } from "../after-action/wording.ts";
import type { Trial } from "./device-trial.ts";
import { formatBytes, formatDuration } from "./durations.ts";

/** Regions in the line for people; --json has all. */
const REGIONS_SHOWN = 6;

export function renderDryRun(dryRun: DryRun): readonly string[] {
  const leftOut = Object.entries(dryRun.leftOut).filter(([, count]) => count > 0);
  return [
    `Selected      ${devicesText(dryRun.devices)}`,
    ...leftOut.map(([reason, count], index) => `${index === 0 ? "Left out" : ""}`.padEnd(14) + `${count} ${reason}`),
    ...bytesLines(dryRun),
    ...regionLines(dryRun),
    `Time          about ${formatDuration(dryRun.durationMs)}; devices start over ${formatDuration(dryRun.spreadMs)} (spread)${boundBy(dryRun)}`,
    ...windowLines(dryRun),
    `Waves         ${dryRun.waves.map(({ count }) => count).join(", ")} devices; the first is the canary and answers`,
    `Canary        ${boundText(dryRun.canaryBound)}`,
    ...dryRun.waves
      .filter(({ isControl }) => isControl)
      .map(({ count }) => `Control       ${devicesText(count)} held back to the end: the others are compared with them`),
    ...(dryRun.newcomersMax === undefined
      ? []
      : [`Newcomers     up to ${devicesText(dryRun.newcomersMax)} that appear later and match join, in waves after these, until it ends`]),
  ];
}

export function renderOverlaps(overlaps: readonly string[]): readonly string[] {
  return titled("Overlaps", overlaps);
}

/** What the policy says, for whoever is about to sign. */
export function renderPolicy(policy: readonly Finding[]): readonly string[] {
  if (policy.length === 0) return ["Policy        nothing against it"];
  return titled("Policy", policy.map(findingText));
}

export function renderTrials(trials: readonly Trial[]): readonly string[] {
  return titled(
    "Tried",
    trials.map(({ name, text }) => `${name}: ${text}`),
  );
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => (index === 0 ? title : "").padEnd(14) + line);
}

function bytesLines(dryRun: DryRun): readonly string[] {
  const { totalBytes, gigabitsPerSecond } = dryRun;
  if (totalBytes === 0) return [];
  return [`Bytes         ${formatBytes(totalBytes)} in all, ${gigabitsPerSecond.toFixed(2)} Gbit/s at the most${savedText(dryRun)}`];
}

function savedText({ savedBytes, totalBytes }: DryRun): string {
  if (savedBytes <= 0) return "";
  return `; deltas save ${formatBytes(savedBytes)} (${((100 * savedBytes) / (savedBytes + totalBytes)).toFixed(0)} %)`;
}

/** Where there is one region only, the line above says it all. */
function regionLines({ regions }: DryRun): readonly string[] {
  if (regions.length < 2) return [];
  const shown = regions.slice(0, REGIONS_SHOWN).map(({ region, devices, gigabitsPerSecond }) => {
    return `${region} ${devices} (${gigabitsPerSecond.toFixed(2)} Gbit/s)`;
  });
  const rest = regions.length - shown.length;
  return [`Regions       ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`];
}

function boundBy({ bottleneck }: DryRun): string {
  if (bottleneck === undefined) return "";
  const who = bottleneck.at === "depot" ? "the depots bear" : `the access network of ${bottleneck.region} bears`;
  return `, because ${who} ${(bottleneck.bitsPerSecond / 1e9).toFixed(2)} Gbit/s`;
}

function windowLines({ windows }: DryRun): readonly string[] {
  if (windows === undefined) return [];
  if (windows <= 1) return ["Window        the largest wave fits in one maintenance window"];
  return [`Window        the largest wave takes ${windows} maintenance windows: more capacity, or smaller waves, make it one`];
}

function boundText(bound: number): string {
  if (bound >= 1) return "too small to say anything about the failure rate";
  return `if all are healthy, fewer than ${(bound * 100).toFixed(1)} % fail (95 % confidence, rule of three)`;
}
