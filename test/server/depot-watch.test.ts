/** The depot's own counts as facts for the planner, and that a campaign waits for a depot which turns devices away. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Figures } from "../../src/depot/figures.ts";
import { DepotWatch } from "../../src/server/depot-watch.ts";
import { DEPOT_SAMPLE_MS, DEPOT_WINDOW_MS } from "../../src/server/limits.ts";
import { Side } from "./tenancy/world.ts";

const T0 = 1_800_000_000_000;
const DEVICE = "urn:dev:ops:32473-cam-1";

function watched(accessBitsPerSecond?: { readonly [region: string]: number }) {
  const watch = new DepotWatch({ depotBitsPerSecond: 8_000, accessBitsPerSecond });
  const figures = new Figures();
  const note = (atMs: number) => watch.note(figures.current, atMs);
  note(T0);
  return { watch, figures, note };
}

/** So many requests with one outcome. */
function answered(figures: Figures, count: number, outcome: Parameters<Figures["ended"]>[0]): void {
  for (let request = 0; request < count; request += 1) {
    figures.request();
    figures.ended(outcome);
  }
}

test("of one instant alone there is nothing to say", () => {
  expect(watched().watch.facts()).toBeUndefined();
});

test("errors are the depot's own: what devices ask for in vain, cut off or are told to come back for is none", () => {
  const { watch, figures, note } = watched();
  for (const outcome of ["served", "missing", "cut", "failed"] as const) answered(figures, 5, outcome);
  note(T0 + 1_000);
  expect(watch.facts()).toEqual({ requests: 20, errors: 5, loadShare: 0 });
});

test("load is bits a second against what the depot bears", () => {
  const { watch, figures, note } = watched();
  figures.sent(6_000);
  note(T0 + 10_000);
  expect(watch.facts()?.loadShare).toBeCloseTo(0.6);
});

test("and against what a region's access network bears, where that is nearer to its limit", () => {
  const { watch, figures, note } = watched({ east: 400, west: 80_000 });
  figures.sent(6_000);
  watch.fetched("east", 1_000);
  watch.fetched("west", 5_000);
  watch.fetched("a region that bears anything", 5_000);
  note(T0 + 10_000);
  expect(watch.facts()?.loadShare).toBeCloseTo(2);
});

test("a depot that turns devices away has too much, whatever it is said to bear", () => {
  const { watch, figures, note } = watched();
  answered(figures, 30, "served");
  answered(figures, 10, "shed");
  note(T0 + 1_000);
  expect(watch.facts()).toEqual({ requests: 40, errors: 0, loadShare: 1.25 });
});

test("what lies behind the window is forgotten, and a clock that is set back begins anew", () => {
  const { watch, figures, note } = watched();
  answered(figures, 10, "failed");
  note(T0 + 1_000);
  for (let atMs = T0; atMs <= T0 + DEPOT_WINDOW_MS; atMs += DEPOT_SAMPLE_MS) note(atMs);
  expect(watch.facts()?.errors).toBe(10);
  answered(figures, 1, "failed");
  note(T0 + DEPOT_WINDOW_MS + 2 * DEPOT_SAMPLE_MS);
  expect(watch.facts()?.errors).toBe(1);
  note(T0 - 1);
  expect(watch.facts()).toBeUndefined();
});

test("no wave begins while the depot turns devices away; when it is over the campaign goes on by itself", async () => {
  const directory = mkdtempSync(join(tmpdir(), "edict-depot-watch-"));
  const side = await Side.open(directory, "isp.example");
  try {
    const { depotWatch, driver, service } = side.tenant;
    await side.import([DEVICE]);
    await side.draft("wc18");
    await side.approve("wc18");
    const figures = new Figures();
    depotWatch.note(figures.current, T0);
    answered(figures, 10, "shed");
    depotWatch.note(figures.current, T0 + DEPOT_SAMPLE_MS);
    driver.tick();
    expect(service.campaign("wc18").state).toBe("approved");
    depotWatch.note(figures.current, T0 + 2 * DEPOT_WINDOW_MS);
    depotWatch.note(figures.current, T0 + 2 * DEPOT_WINDOW_MS + 1);
    driver.tick();
    expect(service.campaign("wc18").state).toBe("canary");
  } finally {
    side.tenant.database.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
