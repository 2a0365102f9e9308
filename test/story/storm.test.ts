/**
 * kill -9 of one of two gateway workers, with nothing being sent: its devices come back within their jitter window and not all at
 * once, the other worker's devices notice nothing, and the manager serves on. `npm run bench:storm` has the same with thousands.
 */
import { afterAll, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { RECONNECT_MIN_MS } from "../../src/agent/limits.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { ServedField } from "./served-field.ts";

const DEVICES = 120;
/** A quarter of the window in which first attempts fall (decorrelated jitter: once to three times the least wait). */
const MOMENT_MS = RECONNECT_MIN_MS / 2;
/** In one moment, of those that were lost: a quarter is what jitter gives, all is a herd. */
const MOMENT_SHARE_MAX = 0.7;
let served: ServedField | undefined;

afterAll(() => served?.end());

test("a killed worker's devices come back spread over their jitter window; the others' channels stand", async () => {
  served = await ServedField.make(DEVICES, "--no-gateway");
  const { field: running } = served;
  const gateway = await served.startWorkers(2);
  await running.connect(running.specs);
  const database = openDatabase(running.world.state.paths.database);
  const store = new SqliteFleetStore(database);
  const everybody = RoaringBitmap32.fromRange(0, DEVICES);
  const seenSince = (sinceMs: number): readonly Evidence[] => [...store.evidence(everybody, sinceMs)];

  const killedMs = Date.now();
  process.kill(gateway.workers[0] ?? 0, "SIGKILL");
  const backMs = () => seenSince(killedMs).flatMap((seen) => (seen.kind === "connected" ? [seen.atMs - killedMs] : []));
  const lost = () => new Set(seenSince(killedMs).flatMap((seen) => (seen.kind === "disconnected" ? [seen.ordinal] : [])));
  await running.until(async () => lost().size > 0 && backMs().length >= lost().size, 60_000);
  expect((await running.client().status()).connected).toBe(DEVICES);
  // The kernel shares devices out between two workers; neither has all of them.
  expect(lost().size).toBeGreaterThan(0);
  expect(lost().size).toBeLessThan(DEVICES);

  const back = backMs().toSorted((a, b) => a - b);
  expect(back).toHaveLength(lost().size);
  expect(back[0]).toBeGreaterThanOrEqual(RECONNECT_MIN_MS);
  const crowd = Math.max(...back.map((atMs) => back.filter((other) => other >= atMs && other < atMs + MOMENT_MS).length));
  expect(crowd / back.length).toBeLessThan(MOMENT_SHARE_MAX);
  database.close();
}, 180_000);
