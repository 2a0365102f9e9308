/** What the channel shows by itself: who is lost, and who starts again and again. */
import { describe, expect, test } from "bun:test";
import { LOOP_BOOTS, LOOP_MS } from "../../src/campaign/limits.ts";
import { Absence } from "../../src/server/absence.ts";
import { BootLoops } from "../../src/server/boot-loops.ts";

const T0 = 1_800_000_000_000;

describe("a device without a channel", () => {
  test("is lost after the time given, to an eighth of it, and not before", () => {
    const absence = new Absence(8_000);
    absence.leave(7, T0);
    expect(absence.away.toArray()).toEqual([7]);
    expect(absence.longer(T0 + 8_000).toArray()).toEqual([]);
    expect(absence.longer(T0 + 9_001).toArray()).toEqual([7]);
  });

  test("is not when it comes back, and its time begins anew when it leaves again", () => {
    const absence = new Absence(8_000);
    absence.leave(7, T0);
    absence.comeBack(7);
    absence.leave(7, T0 + 7_000);
    expect(absence.longer(T0 + 10_000).toArray()).toEqual([]);
    expect(absence.longer(T0 + 16_001).toArray()).toEqual([7]);
    absence.comeBack(7);
    expect([absence.away.size, absence.longer(T0 + 60_000).size]).toEqual([0, 0]);
  });

  test("that is said to have left twice left the first time", () => {
    const absence = new Absence(8_000);
    absence.leave(7, T0);
    absence.leave(7, T0 + 8_000);
    expect(absence.longer(T0 + 9_001).toArray()).toEqual([7]);
  });
});

describe("a boot loop", () => {
  test("is so many starts within the time, one less is none", () => {
    const loops = new BootLoops();
    loops.note(3, 10, T0);
    loops.note(3, 10 + LOOP_BOOTS - 1, T0 + 1_000);
    expect(loops.ordinals.has(3)).toBe(false);
    loops.note(3, 10 + LOOP_BOOTS, T0 + 2_000);
    expect(loops.ordinals.toArray()).toEqual([3]);
  });

  test("is not what a device does in days, nor what it did before it was sent the command", () => {
    const loops = new BootLoops();
    for (let day = 0; day < 9; day += 1) loops.note(3, day, T0 + day * (LOOP_MS + 1_000));
    expect(loops.ordinals.size).toBe(0);
    loops.note(5_000, 1, T0);
    loops.note(5_000, 1 + LOOP_BOOTS, T0 + 1);
    loops.forget(5_000);
    expect(loops.ordinals.size).toBe(0);
    loops.note(5_000, 2 + LOOP_BOOTS, T0 + 2);
    expect(loops.ordinals.size).toBe(0);
  });
});
