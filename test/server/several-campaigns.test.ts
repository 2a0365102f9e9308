/** Campaigns beside one another on a real store with the live view that the manager plans from. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { type DraftInput, draftCampaign } from "../../src/campaign/draft.ts";
import { Driver } from "../../src/campaign/driver.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { waitsFor } from "../../src/campaign/plan.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { assignWaves } from "../../src/campaign/wave-order.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { LiveView } from "../../src/server/live-view.ts";
import { DirectorHistory } from "../../src/trust/verify/index.ts";
import { approver, author, director, draftInput, hold, namedTo, signed } from "../campaign/people.ts";
import { T0 } from "../campaign/world.ts";

let nowMs = T0;
let problem: string | undefined;
const clock = { nowMs: () => nowMs };
let database = openDatabase(":memory:");
let store: SqliteCampaignStore;
let live: LiveView;
let driver: Driver;

beforeEach(() => {
  nowMs = T0;
  problem = undefined;
  database = openDatabase(":memory:");
  store = new SqliteCampaignStore(database);
  live = new LiveView(new SqliteFleetStore(database), store, clock, () => problem);
  driver = new Driver({
    store,
    observer: { planFacts: (campaign, all) => live.planFacts(campaign, all) },
    directors: new DirectorHistory(director),
    clock,
    onOrder: () => {},
  });
});

afterEach(() => database.close());

/** Devices from..to-1, signed by both. */
async function approve(id: string, releaseCounter: number, from: number, to: number, change: Partial<DraftInput> = {}): Promise<void> {
  const { command, ...input } = draftInput(to);
  const waves = assignWaves(namedTo(to).slice(from), id, input.ladder);
  const draft = await draftCampaign({ ...input, command: { ...command, command_id: id }, waves, releaseCounter, nowMs, ...change });
  keepDraft(store, draft);
  await driver.sign(id, await signed(draft.campaign, [author, approver]));
}

const stateOf = (id: string) => store.get(id)?.state;
const orders = () => store.ordersAfter(0).map(({ kind, campaignId }) => `${kind} ${campaignId}`);
const waits = (id: string) => {
  const campaign = store.get(id);
  return campaign && waitsFor(campaign, live.planFacts(campaign, store.list()), nowMs);
};

test("a newer release ends the older campaign at every gateway, for good", async () => {
  await approve("older", 3, 0, 100);
  driver.tick();
  await approve("newer", 4, 0, 120);
  driver.tick();
  expect(orders()).toEqual(["send older", "pause older", "send newer"]);
  expect(store.get("older")).toMatchObject({ state: "cancelled", reason: "superseded by newer" });
  expect([...store.ledger()].filter(({ act }) => act === "campaign.superseded")).toMatchObject([
    { campaignId: "older", actor: "planner", detail: { by: "newer", wave: 0 } },
  ]);
  const resume = await hold("resume", nowMs, [author, approver], "older");
  await expect(driver.resume("older", resume)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATE" });
});

test("an older campaign with devices that the newer has not goes on with them when the newer is over", async () => {
  await approve("older", 3, 0, 100);
  await approve("newer", 4, 50, 150);
  driver.tick();
  expect(orders()).toEqual(["send newer"]);
  expect(stateOf("older")).toBe("approved");
  expect(waits("older")).toBe("campaign newer goes first: 50 devices are in both");
  driver.pause("newer", "author@isp.example", "lunch");
  driver.tick();
  expect(orders()).toEqual(["send newer", "pause newer", "send older"]);
});

test("campaigns without a device in common do not wait for one another", async () => {
  await approve("north", 3, 0, 100);
  await approve("south", 3, 100, 200);
  driver.tick();
  expect(orders()).toEqual(["send north", "send south"]);
});

test("a campaign that comes after another begins when that one is done, and says until then what it waits for", async () => {
  await approve("first", 3, 0, 100);
  await approve("second", 3, 100, 200, { after: "first" });
  driver.tick();
  expect(orders()).toEqual(["send first"]);
  expect(waits("second")).toBe("campaign first has to be done first, and it is canary");
  const first = store.get("first");
  if (first !== undefined) store.put({ ...first, state: "done" });
  driver.tick();
  expect(orders()).toEqual(["send first", "send second"]);
});

test("no wave begins when what devices come back with ends before the wave would, and a renewal lets it begin", async () => {
  problem = "the certificate authority ends today";
  await approve("only", 3, 0, 100);
  driver.tick();
  expect(orders()).toEqual([]);
  expect(waits("only")).toBe(problem);
  problem = undefined;
  driver.tick();
  expect(orders()).toEqual(["send only"]);
});
