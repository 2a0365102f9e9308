/** Evidence folded into what the planner judges by: commanded devices that are gone, and those that were not commanded. */
import { expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { Progress } from "../../src/server/progress.ts";
import { campaignOf, T0 } from "../campaign/world.ts";

const COMMANDED = RoaringBitmap32.from([0, 1, 2, 3]);
const OTHERS = RoaringBitmap32.from([4, 5, 6, 7]);
const COHORT = RoaringBitmap32.or(COMMANDED, OTHERS);
const software = (version: string) => ({ vendor: "famousMaker", name: "famousModel", version });

function watched(): Progress {
  const progress = new Progress(campaignOf());
  progress.join(COHORT, RoaringBitmap32.from([0, 1, 2, 3, 4, 5, 6]));
  for (const ordinal of COMMANDED) progress.note({ kind: "sent", ordinal, atMs: T0, commandId: "wc17_9674309" });
  return progress;
}

test("a commanded device that does not come back is lost, one that does is settled, and the rest is the control group", () => {
  const progress = watched();
  progress.note({ kind: "disconnected", ordinal: 0, atMs: T0 + 1_000, reason: "device-gone" });
  progress.note({ kind: "disconnected", ordinal: 1, atMs: T0 + 1_000, reason: "device-gone" });
  progress.note({ kind: "disconnected", ordinal: 4, atMs: T0 + 1_000, reason: "device-gone" });
  progress.note({ kind: "connected", ordinal: 1, atMs: T0 + 9_000 });
  progress.note({ kind: "check-in", ordinal: 1, atMs: T0 + 9_000, boot: 2, software: software("2.3.4") });
  const at = (nowMs: number) => progress.waveFacts([COMMANDED, OTHERS], RoaringBitmap32.from([1, 2, 3, 5, 6]), nowMs);
  expect(at(T0 + 10_000)[0]).toMatchObject({ sent: 4, away: 1, lost: 0, settled: 1, updated: 1, watched: 1 });
  expect(at(T0 + 60_000)[0]).toMatchObject({ sent: 4, away: 1, lost: 1, watched: 2, looping: 0 });
  // 7 was never seen: nothing can be said of it.
  expect(progress.control(T0 + 60_000)).toEqual({ watched: 3, lost: 1, looping: 0 });
});

test("devices that are alike are counted by themselves, without the waves whose halt was overruled", () => {
  const progress = watched();
  for (const ordinal of [0, 1, 4]) progress.note({ kind: "disconnected", ordinal, atMs: T0 + 1_000, reason: "device-gone" });
  progress.note({ kind: "check-in", ordinal: 2, atMs: T0 + 9_000, boot: 2, software: software("2.3.4") });
  const kind = RoaringBitmap32.from([0, 2, 4, 5]);
  const compare = (leftOut: readonly number[]) => progress.compare([["r2", kind]], RoaringBitmap32.from([...leftOut]), T0 + 60_000)[0];
  const control = { watched: 2, lost: 1, looping: 0 };
  expect(compare([])).toEqual({ name: "r2", commanded: { watched: 2, lost: 1, looping: 0 }, control });
  expect(compare([0])).toEqual({ name: "r2", commanded: { watched: 1, lost: 0, looping: 0 }, control });
});

test("a device that starts again and again is looping, and known", () => {
  const progress = watched();
  for (let boot = 1; boot <= 6; boot += 1)
    progress.note({ kind: "check-in", ordinal: 2, atMs: T0 + boot * 1_000, boot, software: software("1.2.3") });
  expect(progress.waveFacts([COMMANDED], COMMANDED, T0 + 10_000)[0]).toMatchObject({ looping: 1, settled: 0, watched: 1 });
});

test("a device that has the new version already is not waited for", () => {
  const progress = watched();
  progress.note({ kind: "check-in", ordinal: 5, atMs: T0 + 1_000, boot: 1, software: software("2.3.4") });
  expect(progress.waveFacts([COMMANDED, OTHERS], COHORT, T0 + 2_000)[1]).toMatchObject({ sent: 0, offline: 1, updated: 0 });
});
