/** Durations, times and rates as people type them, and as they like to read them. */
import { CliError } from "./errors.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "250ms", "30s", "10m", "24h", "7d" -> ms. Throws ERR_CLI_USAGE. */
export function parseDurationMs(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit ?? ""];
  if (number === undefined || unitMs === undefined)
    throw new CliError("ERR_CLI_USAGE", `"${text}" is no duration; write for example 30s, 10m, 24h or 7d`);
  return Math.round(Number(number) * unitMs);
}

/** RFC 3339, with the offset that says which zone is meant -> ms since the epoch. Throws ERR_CLI_USAGE. */
export function parseTimeMs(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new CliError("ERR_CLI_USAGE", `"${text}" is no time; write for example 2026-12-01T02:00:00Z`);
  return ms;
}

/** "01:00-05:00" -> minutes after midnight. Throws ERR_CLI_USAGE. */
export function parseHours(text: string): { readonly from: number; readonly to: number } {
  const [, ...numbers] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const [fromHour, fromMinute, toHour, toMinute] = numbers.map(Number);
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined)
    throw new CliError("ERR_CLI_USAGE", `"${text}" are no hours; write for example 01:00-05:00`);
  return { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
}

export function formatHours({ from, to, zone }: { readonly from: number; readonly to: number; readonly zone: string }): string {
  const clock = (minute: number) => [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${clock(from)} to ${clock(to)} by a device's own clock (${zone} where that is not known)`;
}

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1_000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
