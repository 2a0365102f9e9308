/** When the next devices are asked, so that asking disturbs nobody: not at night, and not on the dot. Pure. */

/** Minutes since midnight, local to `offsetMinutes` east of UTC; over midnight when `from` is later than `to`. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly offsetMinutes: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** `22:00-07:00` in UTC, or `22:00-07:00+01:00`; undefined for anything else. */
export function parseQuietHours(text: string): QuietHours | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(?:([+-])([01]\d):([0-5]\d)|Z)?$/.exec(text);
  if (match === null) return undefined;
  const minutes = (hour: number, minute: number) => 60 * Number(match[hour] ?? 0) + Number(match[minute] ?? 0);
  return { fromMinute: minutes(1, 2), toMinute: minutes(3, 4), offsetMinutes: (match[5] === "-" ? -1 : 1) * minutes(6, 7) };
}

/** The first moment from `nowMs` on that is not quiet. ms since the epoch */
export function afterQuiet(nowMs: number, quiet: QuietHours | undefined): number {
  if (quiet === undefined) return nowMs;
  const { fromMinute, toMinute, offsetMinutes } = quiet;
  const minute = modulo(Math.floor(nowMs / MINUTE_MS) + offsetMinutes, DAY_MINUTES);
  const quietFor = modulo(toMinute - fromMinute, DAY_MINUTES);
  if (modulo(minute - fromMinute, DAY_MINUTES) >= quietFor) return nowMs;
  return (Math.floor(nowMs / MINUTE_MS) + modulo(toMinute - minute, DAY_MINUTES)) * MINUTE_MS;
}

/** A look at answers waits this long and up to half as long again: `random` is from 0 to below 1. ms */
export function jittered(waitMs: number, random: number): number {
  return waitMs * (1 + random / 2);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
