/** LS 1.0 §3.3.1.4: all combinations of start_time, stop_time and duration. */
import { describe, expect, test } from "bun:test";
import { type Args, effectiveTimes } from "../../src/openc2/index.ts";

const NOW_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;

describe("a command that arrives at 1,000 ms", () => {
  test.each<[Args, number, number]>([
    [{}, NOW_MS, NEVER],
    [{ start_time: 5_000 }, 5_000, NEVER],
    [{ start_time: 0 }, 0, NEVER],
    [{ stop_time: 3_000 }, NOW_MS, 3_000],
    [{ stop_time: 500 }, NOW_MS, 500],
    [{ duration: 200 }, NOW_MS, 1_200],
    [{ duration: 0 }, NOW_MS, NOW_MS],
    [{ start_time: 5_000, stop_time: 7_000 }, 5_000, 7_000],
    [{ start_time: 5_000, duration: 300 }, 5_000, 5_300],
    [{ stop_time: 7_000, duration: 300 }, 6_700, 7_000],
    [{ response_requested: "ack" }, NOW_MS, NEVER],
  ])("and says %j runs from %p to %p", (args, startMs, stopMs) => {
    expect(effectiveTimes(args, NOW_MS)).toEqual({ startMs, stopMs });
  });
});
