/** A stop of a process seen by its channels: who kept one is settled, who lost one is lost, and canaries settle by their own words alone. */
import { expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { LastCommand } from "../../src/openc2/profiles/x-iot/model.ts";
import { Progress } from "../../src/server/progress.ts";
import { campaignOf, T0 } from "../campaign/world.ts";

const ID = "wc17_9674309";
const CANARY = RoaringBitmap32.from([0, 1]);
const MASS = RoaringBitmap32.from([2, 3, 4]);
const COHORT = RoaringBitmap32.from([0, 1, 2, 3, 4, 5]);
const LOST_MS = 30_000;

function commanded(spread = 0): Progress {
  const args = { response_requested: "none", "x-iot": { not_after: T0 + 3_600_000, spread } } as const;
  const command = { action: "stop", target: { process: { name: "dvrHelper" } }, args, command_id: ID } as const;
  const progress = new Progress(campaignOf({ command, request: { tenant: "isp", query: "name==x" } }));
  progress.join(COHORT, COHORT);
  progress.noteSent({ commandId: `${ID}-c`, atMs: T0, ordinals: CANARY });
  progress.noteSent({ commandId: ID, atMs: T0, ordinals: MASS });
  return progress;
}

const facts = (progress: Progress, afterMs: number) => progress.waveFacts([CANARY, MASS], COHORT, T0 + afterMs);
const answer = (ordinal: number, status: number, lastCommand?: LastCommand): Evidence => ({
  kind: "response",
  ordinal,
  atMs: T0 + 1_000,
  requestId: `${ID}-c`,
  status,
  ...(lastCommand && { lastCommand }),
});
const last = (state: LastCommand["state"]): LastCommand => ({ command_id: ID, action: "stop", state });
const checkIn = (ordinal: number, lastCommand?: LastCommand): Evidence => ({
  kind: "check-in",
  ordinal,
  atMs: T0 + 2_000,
  boot: 1,
  software: { vendor: "famousMaker", name: "famousModel", version: "1.2.3" },
  ...(lastCommand && { lastCommand }),
});

test("whoever keeps its channel for as long as makes a lost device is settled, and not before", () => {
  const progress = commanded();
  expect(facts(progress, LOST_MS - 1)[1]).toMatchObject({ sent: 3, settled: 0, watched: 0 });
  expect(facts(progress, LOST_MS * 1.25)[1]).toMatchObject({ sent: 3, settled: 3, updated: 0, watched: 3 });
});

test("with a spread that time counts from the last start", () => {
  const progress = commanded(60_000);
  expect(facts(progress, LOST_MS * 1.25)[1]?.settled).toBe(0);
  expect(facts(progress, 60_000 + LOST_MS * 1.25)[1]?.settled).toBe(3);
});

test("whoever goes away is not settled but lost, and settled again when it is back", () => {
  const progress = commanded();
  progress.note({ kind: "disconnected", ordinal: 2, atMs: T0 + 5_000, reason: "device-gone" });
  expect(facts(progress, LOST_MS * 2)[1]).toMatchObject({ settled: 2, lost: 1, watched: 3, away: 1 });
  progress.note({ kind: "connected", ordinal: 2, atMs: T0 + LOST_MS * 2 });
  expect(facts(progress, LOST_MS * 2)[1]).toMatchObject({ settled: 3, lost: 0, away: 0 });
});

test("a canary that says nothing is never settled, however long it stands", () => {
  const progress = commanded();
  expect(facts(progress, 10 * LOST_MS)[0]).toMatchObject({ sent: 2, settled: 0 });
  progress.note(answer(0, 200));
  progress.note(answer(1, 500));
  expect(facts(progress, 10 * LOST_MS)[0]).toMatchObject({ settled: 2, updated: 1, failed: 1 });
  expect(progress.counts(T0)).toMatchObject({ updated: 1, failed: 1, fetched: 0 });
});

test("a canary that has answered, and went away with what it stopped, is not settled but lost", () => {
  const progress = commanded();
  progress.note(answer(0, 200));
  progress.note(answer(1, 200));
  progress.note({ kind: "disconnected", ordinal: 1, atMs: T0 + 2_000, reason: "device-gone" });
  expect(facts(progress, 3_000)[0]).toMatchObject({ settled: 0, away: 1, lost: 0 });
  expect(facts(progress, 2 * LOST_MS)[0]).toMatchObject({ settled: 1, away: 1, lost: 1, watched: 2 });
});

test("what it says of ours is counted, and a failure settles it at once; an acceptance, or another command, says nothing", () => {
  const progress = commanded();
  progress.note(answer(0, 102));
  progress.note(checkIn(2, last("done")));
  progress.note(checkIn(3, last("failed")));
  progress.note(checkIn(4, { ...last("done"), command_id: "other" }));
  progress.note(checkIn(5));
  expect(facts(progress, 3_000)).toMatchObject([{ settled: 0 }, { settled: 1, updated: 1, failed: 1 }]);
  progress.note(checkIn(3, last("done")));
  expect(facts(progress, 3_000)[1]).toMatchObject({ updated: 2, failed: 0 });
});

test("times are kept to an eighth of what makes a lost device, and never to its favour", () => {
  const progress = commanded();
  progress.noteSent({ commandId: ID, atMs: T0 + 1, ordinals: RoaringBitmap32.from([5]) });
  const settled = (afterMs: number) => progress.waveFacts([RoaringBitmap32.from([5])], COHORT, T0 + afterMs)[0]?.settled;
  expect([settled(LOST_MS * 1.125 - 1), settled(LOST_MS * 1.125)]).toEqual([0, 1]);
});

test("newer words replace older ones, whichever of the two commands they name", () => {
  const progress = commanded();
  const counts = () => progress.counts(T0);
  progress.note(checkIn(2, last("done")));
  progress.note(checkIn(2, last("cancelled")));
  expect(counts()).toMatchObject({ updated: 0, failed: 1 });
  progress.note(checkIn(0, { ...last("done"), command_id: `${ID}-c` }));
  progress.note(checkIn(3, last("queued")));
  expect(counts()).toMatchObject({ updated: 1, failed: 1 });
});

test("an answer to our question settles nothing by its status, and a command that was not understood has failed", () => {
  const progress = commanded();
  progress.note({ ...answer(0, 200), requestId: `${ID}-q` } as Evidence);
  progress.note(answer(1, 400));
  expect(progress.counts(T0)).toMatchObject({ updated: 0, failed: 1 });
});
