/** Who joins a campaign, found in a real fleet: whoever matches what people signed, has not said no, and is in no other campaign's care. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { draftCampaign } from "../../src/campaign/draft.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { assignWaves } from "../../src/campaign/wave-order.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import type { Evidence, SentBatch } from "../../src/fleet/evidence.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { NEWCOMERS_LOOK_MS } from "../../src/server/limits.ts";
import { LiveView } from "../../src/server/live-view.ts";
import { BASE_ID, draftInput } from "../campaign/people.ts";
import { T0 } from "../campaign/world.ts";
import { camera, SAID } from "../fleet/world.ts";

const COHORT = 20;
let database = openDatabase(":memory:");
let fleet: SqliteFleetStore;
let store: SqliteCampaignStore;
let live: LiveView;
let newer: readonly string[] | undefined;
let nowMs = T0;

beforeEach(() => {
  database = openDatabase(":memory:");
  fleet = new SqliteFleetStore(database);
  store = new SqliteCampaignStore(database);
  newer = [];
  nowMs = T0;
  importCameras(0, COHORT);
  live = open();
});
afterEach(() => database.close());

const open = () =>
  new LiveView(
    fleet,
    store,
    { nowMs: () => nowMs },
    () => undefined,
    () => newer,
  );

function importCameras(first: number, end: number, change: Partial<DeviceFacts> = {}): void {
  fleet.upsert(
    Array.from({ length: end - first }, (_, place) => camera(first + place, { tenant: "isp", ...change })),
    SAID,
  );
}

/** A campaign to the devices that the fleet has from one ordinal to another; done, unless it is said otherwise. */
async function campaignTo(id: string, first: number, end: number, change: Partial<Campaign> & { readonly most?: number } = {}) {
  const { most, ...rest } = change;
  const { command, ...input } = draftInput(0);
  const ladder = { ...input.ladder, canaryCount: 10 };
  const draft = await draftCampaign({
    ...input,
    command: { ...command, command_id: id },
    waves: assignWaves(fleet.ids(RoaringBitmap32.fromRange(first, end)), id, ladder),
    releaseCounter: change.releaseCounter ?? 3,
    ...(most !== undefined && { newcomersMax: most }),
    ladder,
  });
  keepDraft(store, draft);
  const last = draft.campaign.waves.length - 1;
  const campaign: Campaign = { ...draft.campaign, state: "done", wave: last, waveAtMs: T0, ...rest };
  store.put(campaign);
  return campaign;
}

/** At the next look, when everybody stands but for those who are said to be away. */
function whoOf(campaign: Campaign, ...away: readonly number[]): readonly number[] | undefined {
  live.noteStanding(RoaringBitmap32.fromRange(0, fleet.count()));
  for (const ordinal of away) live.note([{ kind: "disconnected", ordinal, atMs: nowMs, reason: "device-gone" }], []);
  nowMs += NEWCOMERS_LOOK_MS;
  return live.planFacts(campaign, store.list()).newcomers?.toArray();
}

test("those that were imported later, were not subscribed then, or had put it off, and match", async () => {
  importCameras(20, 21, { subscribed: false });
  importCameras(21, 22, { postponedUntilMs: T0 + 3_600_000 });
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  expect(whoOf(campaign)).toEqual([]);
  importCameras(20, 21);
  importCameras(21, 22, { postponedUntilMs: T0 });
  importCameras(22, 24);
  expect(whoOf(campaign)).toEqual([20, 21, 22, 23]);
});

test.each<readonly [string, Partial<DeviceFacts>]>([
  ["opted out", { optedOut: true }],
  ["has not subscribed", { subscribed: false }],
  ["has put it off", { postponedUntilMs: T0 + 3_600_000 }],
  ["is of another model", { name: "famousModelPro" }],
  ["is another tenant's", { tenant: "other.example" }],
  ["runs the new version", { version: "2.3.4" }],
  ["runs one that is newer still", { version: "3.0.0" }],
])("nobody who %s", async (_, change) => {
  newer = ["3.0.0"];
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  importCameras(20, 22);
  importCameras(22, 25, change);
  expect(whoOf(campaign)).toEqual([20, 21]);
});

test("nobody who has no channel: a wave of them would be found well on nobody", async () => {
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  importCameras(20, 23);
  expect(whoOf(campaign, 20, 22)).toEqual([21]);
});

test("they are looked for once in ten seconds, not at every turn, and not when no place is left", async () => {
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  const looks = (of: Campaign) =>
    Array.from({ length: 40 }, () => {
      nowMs += NEWCOMERS_LOOK_MS / 20;
      return live.planFacts(of, store.list()).newcomers;
    }).filter((newcomers) => newcomers !== undefined).length;
  expect(looks(campaign)).toBe(2);
  store.addWave(BASE_ID, campaign.waves.length, RoaringBitmap32.from([100, 101, 102, 103, 104]));
  const waves = [...campaign.waves, { index: campaign.waves.length, count: 5, isJoined: true as const }];
  expect(looks({ ...campaign, waves })).toBe(0);
});

test("what people signed selects, whatever the row of the campaign says", async () => {
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  importCameras(20, 22, { region: "south" });
  importCameras(22, 23);
  const { permit, request } = campaign;
  const narrow = { count_max: 5, criteria: { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4", query: "region==south" } };
  expect(whoOf({ ...campaign, request: { ...request, query: "region==north" }, permit: { ...permit, newcomers: narrow } })).toEqual([
    20, 21,
  ]);
});

test("nobody without a permit for it, while it climbs, or before it is known which releases are newer", async () => {
  const [with5, without] = [await campaignTo(BASE_ID, 0, COHORT, { most: 5 }), await campaignTo("closed", 0, COHORT)];
  importCameras(20, 22);
  expect(whoOf(without)).toBeUndefined();
  expect(whoOf({ ...with5, state: "sending" })).toBeUndefined();
  newer = undefined;
  expect(whoOf(with5)).toBeUndefined();
});

test.each([
  ["a newer release", 4, "approved", [22]],
  ["a newer release that is done", 4, "done", [22]],
  ["the same release", 3, "paused", [22]],
  ["an older release", 2, "done", [20, 21, 22]],
  ["a newer release that was halted", 4, "halted", [20, 21, 22]],
  ["a newer release that was cancelled", 4, "cancelled", [20, 21, 22]],
  ["a draft", 4, "draft", [20, 21, 22]],
] as const)("nobody whom another campaign has: %s (counter %i, %s)", async (_, releaseCounter, state, expected) => {
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  importCameras(20, 23);
  await campaignTo("other", 20, 22, { releaseCounter, state });
  expect(whoOf(campaign)).toEqual([...expected]);
});

test("of two campaigns that take newcomers the newer release has them, from when it has begun until it is halted", async () => {
  const older = await campaignTo("older", 0, COHORT, { most: 5 });
  const next = await campaignTo("newer", 0, 3, { most: 5, releaseCounter: 4 });
  importCameras(20, 22);
  expect(whoOf(older)).toEqual([]);
  expect(whoOf(next)).toEqual(expect.arrayContaining([20, 21]));
  for (const state of ["approved", "halted"] as const) {
    store.put({ ...next, state });
    expect(whoOf(older)).toEqual([20, 21]);
  }
});

test("whoever joined counts from then on, with what was seen of them before, and after a restart the same", async () => {
  const campaign = await campaignTo(BASE_ID, 0, COHORT, { most: 5 });
  importCameras(20, 23);
  const record = (evidence: readonly Evidence[], sent: readonly SentBatch[] = []) => {
    fleet.addEvidence(evidence, sent);
    live.note(evidence, sent);
  };
  record([20, 21, 22].map((ordinal) => ({ kind: "connected", ordinal, atMs: T0 + 1 })));
  record([{ kind: "disconnected", ordinal: 22, atMs: T0 + 2, reason: "device-gone" }]);
  store.addWave(BASE_ID, campaign.waves.length, RoaringBitmap32.from([20, 21, 22]));
  const grown: Campaign = {
    ...campaign,
    state: "sending",
    wave: campaign.wave + 1,
    waves: [...campaign.waves, { index: campaign.wave + 1, count: 3, isJoined: true }],
    targeted: COHORT + 3,
  };
  store.put(grown);
  // Told before anybody asked for the campaign again: it is in the store, and counts.
  record([], [{ commandId: campaign.commandIds.mass, atMs: T0 + 3, ordinals: RoaringBitmap32.from([20, 21]) }]);
  const software = { vendor: "famousMaker", name: "famousModel", version: "2.3.4" };
  record([{ kind: "check-in", ordinal: 20, atMs: T0 + 4, boot: 2, software }]);
  const look = () => [live.counts(grown), live.waveFacts(grown).at(-1)];
  const seen = look();
  expect(seen).toMatchObject([
    { targeted: COHORT + 3, sent: 2, updated: 1 },
    { index: campaign.wave + 1, count: 3, sent: 2, settled: 1, updated: 1 },
  ]);
  live = open();
  expect(live.counts(grown)).toEqual(seen[0] as ReturnType<LiveView["counts"]>);
});
