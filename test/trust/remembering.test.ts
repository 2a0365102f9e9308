/** What a device remembers: ids that were seen, counters that only rise, a time that never goes back. */
import { describe, expect, test } from "bun:test";
import { floorOf, raiseFloor, remember } from "../../src/trust/counters.ts";
import { SEEN_IDS_MAX } from "../../src/trust/limits.ts";
import { TimeFloor } from "../../src/trust/time-floor.ts";

describe("ids", () => {
  test("are kept newest first, as many as the limit says", () => {
    let seen: readonly string[] = [];
    for (let index = 0; index <= SEEN_IDS_MAX; index += 1) seen = remember(seen, `id-${index}`);
    expect([SEEN_IDS_MAX, seen.length, seen[0], seen.at(-1)]).toEqual([64, 64, "id-64", "id-1"]);
  });

  test("an id that is known keeps its place: whoever repeats it pushes nothing out", () => {
    expect(remember(["b", "a"], "a", 2)).toEqual(["b", "a"]);
    expect(remember(["b", "a"], "c", 2)).toEqual(["c", "b"]);
  });
});

describe("the floor of release counters", () => {
  test("is 0 for software that was never marked good, and rises only", () => {
    const floors = raiseFloor({}, "famousMaker", "famousModel", 7);
    expect(floorOf({}, "famousMaker", "famousModel")).toBe(0);
    expect(floorOf(floors, "famousMaker", "famousModel")).toBe(7);
    expect(floorOf(raiseFloor(floors, "famousMaker", "famousModel", 6), "famousMaker", "famousModel")).toBe(7);
    expect(floorOf(raiseFloor(floors, "famousMaker", "famousModel", 8), "famousMaker", "famousModel")).toBe(8);
  });

  test("is each software's own: a slash in a name leads to nobody else's", () => {
    const floors = raiseFloor({}, "a/b", "c", 7);
    expect(floorOf(floors, "a", "b/c")).toBe(0);
    expect(floorOf(raiseFloor(floors, "a", "b", 1), "a/b", "c")).toBe(7);
  });
});

test("time is the clock's, but never before what somebody vouched for, and that only rises", () => {
  const clock = { atMs: 50, nowMs: () => clock.atMs };
  const floor = new TimeFloor(clock, 100);
  expect([floor.nowMs(), floor.floorMs]).toEqual([100, 100]);
  floor.raise(300);
  floor.raise(200);
  expect([floor.nowMs(), floor.floorMs]).toEqual([300, 300]);
  clock.atMs = 400;
  expect([floor.nowMs(), floor.floorMs]).toEqual([400, 300]);
});
