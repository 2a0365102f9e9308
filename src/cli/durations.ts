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
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new CliError("ERR_CLI_USAGE", `"${text}" is no time; write for example 2026-12-01T02:00:00Z`);
  return ms;
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
