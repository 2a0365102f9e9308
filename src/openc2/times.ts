/** When a command begins and ends: LS 1.0 §3.3.1.4, stop_time = start_time + duration with whichever is not given derived. Pure. */
import type { Args } from "./model.ts";

export interface EffectiveTimes {
  /** ms since the epoch */
  readonly startMs: number;
  /** ms since the epoch; Infinity means never. It lies before the start when a producer says so: whoever runs the command decides. */
  readonly stopMs: number;
}

/** `nowMs` is when the command arrived. All three together are no valid command; start_time and stop_time then win. */
export function effectiveTimes({ start_time: start, stop_time: stop, duration }: Args, nowMs: number): EffectiveTimes {
  if (start === undefined && stop !== undefined && duration !== undefined) return { startMs: stop - duration, stopMs: stop };
  const startMs = start ?? nowMs;
  return { startMs, stopMs: stop ?? startMs + (duration ?? Number.POSITIVE_INFINITY) };
}
