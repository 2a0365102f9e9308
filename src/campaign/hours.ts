/**
 * Maintenance hours, by the clock on the device's own wall: when today's begin, in the time of everybody. Pure. A gateway knows no time
 * zones, so each order says when its window opens; it opens again every day. When clocks change during a campaign the window is an
 * hour off from then on, until the next wave is ordered.
 */
import { CampaignError } from "./errors.ts";
import { MINUTE_MS } from "./limits.ts";

/** Minutes after midnight; `to` is not in it. 22:00 to 04:00 goes past midnight. */
export interface Hours {
  readonly from: number;
  readonly to: number;
  /** IANA name: that of devices whose time zone nobody has said. */
  readonly zone: string;
}

export interface Window {
  /** ms since the epoch; it opens then, and a day later, and so on. */
  readonly opensMs: number;
  readonly lengthMs: number;
}

const MINUTES = 1_440;

/** Throws ERR_CAMPAIGN_TERMS. */
export function checkHours({ from, to, zone }: Hours): void {
  const isMinute = (minute: number) => Number.isInteger(minute) && minute >= 0 && minute < MINUTES;
  if (!isMinute(from) || !isMinute(to) || from === to)
    throw new CampaignError("ERR_CAMPAIGN_TERMS", `hours from minute ${from} to minute ${to} are none`);
  if (!isZone(zone)) throw new CampaignError("ERR_CAMPAIGN_TERMS", `"${zone}" is no time zone`);
}

export function lengthMsOf({ from, to }: Pick<Hours, "from" | "to">): number {
  return ((to - from + MINUTES) % MINUTES) * MINUTE_MS;
}

/** The window in a time zone. A zone that nobody knows is that of `hours`. */
export function windowIn(zone: string, hours: Hours, nowMs: number): Window {
  const minutesNow = localMinutes(isZone(zone) ? zone : hours.zone, nowMs);
  const startOfMinuteMs = nowMs - (nowMs % MINUTE_MS);
  const sinceOpening = (minutesNow - hours.from + MINUTES) % MINUTES;
  return { opensMs: startOfMinuteMs - sinceOpening * MINUTE_MS, lengthMs: lengthMsOf(hours) };
}

function localMinutes(timeZone: string, nowMs: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(nowMs);
  const read = (type: "hour" | "minute") => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return read("hour") * 60 + read("minute");
}

function isZone(zone: string): boolean {
  if (zone === "") return false;
  try {
    return Intl.DateTimeFormat("en-GB", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
