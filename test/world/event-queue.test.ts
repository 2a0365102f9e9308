/** The queue of a world's events against a plain sorted list. */
import { expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";
import { EventQueue } from "../../lab/world/event-queue.ts";

test("events come out by time, and at one instant in the order in which they went in", () => {
  assert(
    property(array(integer({ min: 0, max: 50 }), { maxLength: 3_000 }), (times) => {
      const queue = new EventQueue();
      for (const [code, atMs] of times.entries()) queue.push(atMs, code);
      const expected = [...times.entries()].sort(([, one], [, other]) => one - other).map(([code]) => code);
      const popped = times.map(() => queue.pop());
      expect(popped).toEqual(expected);
      expect(queue.size).toBe(0);
    }),
  );
});
