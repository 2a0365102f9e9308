/** When a command holds (LS 1.0 §3.3.1.4), and which times this consumer does not take. Pure. */
import type { Command } from "../model.ts";
import { effectiveTimes } from "../times.ts";
import { ConsumerError } from "./errors.ts";
import { START_AHEAD_MAX_MS } from "./limits.ts";

export interface Times {
  readonly startMs: number;
  /** Absent means never. */
  readonly stopMs?: number;
}

/** Throws ERR_CONSUMER_EXPIRED and ERR_CONSUMER_TIMES for what could never run. */
export function timesOf({ args = {} }: Command, nowMs: number): Times {
  const { startMs, stopMs } = effectiveTimes(args, nowMs);
  if (startMs > nowMs + START_AHEAD_MAX_MS) throw new ConsumerError("ERR_CONSUMER_TIMES", "it would start more than a year ahead");
  if (isOver({ startMs, stopMs }, nowMs)) throw new ConsumerError("ERR_CONSUMER_EXPIRED", "its stop has passed");
  if (stopMs <= startMs) throw new ConsumerError("ERR_CONSUMER_TIMES", "it would stop before it starts");
  // Infinity cannot be kept as JSON.
  return Number.isFinite(stopMs) ? { startMs, stopMs } : { startMs };
}

export function isOver({ stopMs }: Times, nowMs: number): boolean {
  return stopMs !== undefined && stopMs <= nowMs;
}
