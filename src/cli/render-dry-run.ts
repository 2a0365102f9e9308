/** The dry run as lines for a person: who, who not and why, how much, how long. */
import type { DryRun } from "../campaign/dry-run.ts";
import { type Finding, findingText } from "../campaign/policy.ts";
import { devicesText } from "../after-action/wording.ts";
import type { Trial } from "./device-trial.ts";
import { formatBytes, formatDuration } from "./durations.ts";

export function renderDryRun(dryRun: DryRun): readonly string[] {
  const leftOut = Object.entries(dryRun.leftOut).filter(([, count]) => count > 0);
  return [
    `Selected      ${devicesText(dryRun.devices)}`,
    ...leftOut.map(([reason, count], index) => `${index === 0 ? "Left out" : ""}`.padEnd(14) + `${count} ${reason}`),
    `Bytes         ${formatBytes(dryRun.totalBytes)} in all, ${dryRun.gigabitsPerSecond.toFixed(2)} Gbit/s at the most`,
    `Time          about ${formatDuration(dryRun.durationMs)}; devices start over ${formatDuration(dryRun.spreadMs)} (spread)`,
    `Waves         ${dryRun.waves.map(({ count }) => count).join(", ")} devices; the first is the canary and answers`,
    `Canary        ${boundText(dryRun.canaryBound)}`,
  ];
}

/** What the policy says, for whoever is about to sign. */
export function renderPolicy(policy: readonly Finding[]): readonly string[] {
  if (policy.length === 0) return ["Policy        nothing against it"];
  return policy.map((finding, index) => `${index === 0 ? "Policy" : ""}`.padEnd(14) + findingText(finding));
}

export function renderTrials(trials: readonly Trial[]): readonly string[] {
  return trials.map(({ name, text }, index) => `${index === 0 ? "Tried" : ""}`.padEnd(14) + `${name}: ${text}`);
}

function boundText(bound: number): string {
  if (bound >= 1) return "too small to say anything about the failure rate";
  return `if all are healthy, fewer than ${(bound * 100).toFixed(1)} % fail (95 % confidence, rule of three)`;
}
