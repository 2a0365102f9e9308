/** What parts of the gateway say of themselves is put together: counts never fall, levels are those of now. */
import { expect, test } from "bun:test";
import { type GatewayStats, mergeStats } from "../../../src/channel/stats/gateway-stats.ts";
import { PartBoard } from "../../../src/channel/stats/part-board.ts";
import { RecentMax } from "../../../src/channel/stats/recent-max.ts";
import { RECENT_WINDOW_MS } from "../../../src/channel/limits.ts";

const says = (startedMs: number, of: Partial<GatewayStats>): GatewayStats => ({ ...mergeStats([]), startedMs, ordersSeq: 0, ...of });

test("of two parts counts and channels are added, the longest slice is the longer one, reasons are added one by one", () => {
  const board = new PartBoard({ nowMs: () => 0 });
  board.note("1", says(1, { sent: 10, channels: 3, sliceLongestMs: 4, refusals: { A: 1, B: 2 } }));
  board.note("2", says(1, { sent: 20, channels: 4, sliceLongestMs: 3, refusals: { B: 5 } }));
  expect(board.total).toMatchObject({ sent: 30, channels: 7, sliceLongestMs: 4, refusals: { A: 1, B: 7 } });
});

test("a part that dies takes its channels out of the sum and leaves its counts, and so does the one after it", () => {
  const board = new PartBoard({ nowMs: () => 0 });
  board.note("1", says(1, { sent: 10, channels: 3, closings: { A: 1 } }));
  board.note("2", says(1, { sent: 20, channels: 4 }));
  board.leave("1");
  expect(board.total).toMatchObject({ sent: 30, channels: 4, closings: { A: 1 } });
  expect(board.parts.map(({ part }) => part)).toEqual(["2"]);
  board.note("1", says(2, { sent: 1, channels: 1 }));
  expect(board.total).toMatchObject({ sent: 31, channels: 5, closings: { A: 1 } });
  board.note("1", says(3, { sent: 1 }));
  expect(board.total).toMatchObject({ sent: 32, channels: 4 });
});

test("a part whose way was lost and found is not counted twice", () => {
  const board = new PartBoard({ nowMs: () => 0 });
  board.note("1", says(1, { sent: 10 }));
  board.leave("1");
  board.note("1", says(1, { sent: 12 }));
  expect(board.total.sent).toBe(12);
});

test("how old a part's word is shows one that hangs", () => {
  let nowMs = 1_000;
  const board = new PartBoard({ nowMs: () => nowMs });
  board.note("1", says(1, {}));
  nowMs = 9_000;
  expect(board.parts).toMatchObject([{ part: "1", ageMs: 8_000 }]);
});

test("the worst is seen for at least one window after it happened, by every reader, and then forgotten", () => {
  const recent = new RecentMax();
  recent.note(7, RECENT_WINDOW_MS - 1);
  recent.note(3, RECENT_WINDOW_MS + 1);
  expect([recent.read(RECENT_WINDOW_MS + 1), recent.read(2 * RECENT_WINDOW_MS - 1)]).toEqual([7, 7]);
  expect(recent.read(2 * RECENT_WINDOW_MS)).toBe(3);
  expect(recent.read(9 * RECENT_WINDOW_MS)).toBe(0);
});
