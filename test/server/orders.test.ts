/** What the manager tells gateways of an order beside the signed texts: what it makes of a device, and when it may be sent. */
import { expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { Driver } from "../../src/campaign/driver.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import type { Order } from "../../src/channel/backplane/port.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { Intake } from "../../src/server/intake.ts";
import { LiveView } from "../../src/server/live-view.ts";
import { Quarantine } from "../../src/server/quarantine.ts";
import { DirectorHistory } from "../../src/trust/verify/index.ts";
import { approver, author, BASE_ID, director, draftOf, signed } from "../campaign/people.ts";
import { T0 } from "../campaign/world.ts";

test("an update says which release it makes and in which hours; a query, a pause and a stop say neither", async () => {
  const database = openDatabase(":memory:");
  const fleet = new SqliteFleetStore(database);
  const store = new SqliteCampaignStore(database);
  const clock = { nowMs: () => T0 };
  const live = new LiveView(fleet, store, clock);
  const driver = new Driver({
    store,
    observer: { planFacts: (campaign, all) => live.planFacts(campaign, all) },
    directors: new DirectorHistory(director),
    clock,
    onOrder: () => {},
  });
  const intake = new Intake({
    fleet,
    campaigns: store,
    tenant: "isp",
    quarantine: new Quarantine(store.ledger()),
    onCommitted: () => {},
    onStanding: () => {},
  });
  const draft = await draftOf(200, { hours: { from: 60, to: 300, zone: "UTC" }, notAfterMs: T0 + 172_800_000 });
  keepDraft(store, draft);
  await driver.sign(BASE_ID, await signed(draft.campaign, [author, approver]));
  driver.tick();
  driver.sendQuery(BASE_ID, RoaringBitmap32.from([3]), 10);
  driver.pause(BASE_ID, author.person, "lunch");

  const [update, query, pause] = intake.ordersAfter(0);
  expect<Partial<Order> | undefined>(update).toMatchObject({
    kind: "send",
    repeats: true,
    makes: { vendor: "famousMaker", name: "famousModel", version: "2.3.4", counter: 3 },
    window: { lengthMs: 4 * 3_600_000 },
  });
  expect(query).toMatchObject({ kind: "send", repeats: false });
  expect(query).not.toHaveProperty("makes");
  expect(query).not.toHaveProperty("window");
  expect(pause).toEqual({ seq: 3, campaignId: BASE_ID, kind: "pause" });

  const stop = {
    action: "stop",
    target: { process: { name: "dvrHelper" } },
    args: { response_requested: "none" },
    command_id: "stop-1",
  } as const;
  const stopping = await draftOf(200, { command: stop, request: { tenant: "isp", query: "name==famousModel" } });
  keepDraft(store, stopping);
  await driver.sign("stop-1", await signed(stopping.campaign, [author, approver]));
  driver.tick();
  const [order] = intake.ordersAfter(3);
  expect(order).toMatchObject({ kind: "send", campaignId: "stop-1", answers: true, repeats: true });
  expect(order).not.toHaveProperty("makes");
  database.close();
});
