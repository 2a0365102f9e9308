/** When a command holds (LS 1.0 §3.3.1.4): the third of start, stop and duration from the other two. Pure. */
import type { Command } from "../model.ts";
import { ConsumerError } from "./errors.ts";
import { START_AHEAD_MAX_MS } from "./limits.ts";

export interface Times {
  readonly startMs: number;
  /** Absent means never. */
  readonly stopMs?: number;
}

/** Throws ERR_CONSUMER_EXPIRED and ERR_CONSUMER_TIMES for what could never run. */
export function timesOf({ args = {} }: Command, nowMs: number): Times {
  const { start_time, stop_time, duration } = args;
  // Without a start it begins now; a stop and a duration together say when.
  const startMs = start_time ?? (stop_time !== undefined && duration !== undefined ? stop_time - duration : nowMs);
  const stopMs = stop_time ?? (duration === undefined ? undefined : startMs + duration);
  if (startMs > nowMs + START_AHEAD_MAX_MS) throw new ConsumerError("ERR_CONSUMER_TIMES", "it would start more than a year ahead");
  if (stopMs === undefined) return { startMs };
  if (isOver({ startMs, stopMs }, nowMs)) throw new ConsumerError("ERR_CONSUMER_EXPIRED", "its stop has passed");
  if (stopMs <= startMs) throw new ConsumerError("ERR_CONSUMER_TIMES", "it would stop before it starts");
  return { startMs, stopMs };
}

export function isOver({ stopMs }: Times, nowMs: number): boolean {
  return stopMs !== undefined && stopMs <= nowMs;
}
