/** Devices that appear later join a campaign on a real store: once, with an order and a line of the ledger, and what people do holds for them too. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import { criteriaOf, membersOf, newcomersRequest } from "../../src/campaign/newcomers.ts";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import { DriverWorld, failingAt } from "./driver-world.ts";
import { approver, author, BASE_ID, cancelFrame, draftOf, hold } from "./people.ts";

let world: DriverWorld;
beforeEach(async () => {
  world = new DriverWorld();
  await world.draft(200, { newcomersMax: 30 });
  await world.approve();
});
afterEach(() => world.close());

const joined = () => [...world.store.ledger()].filter(({ act }) => act === "campaign.joined").map(({ detail }) => detail);
const targetsOf = (wave: number) =>
  world.store
    .ordersAfter(0)
    .filter((order) => order.wave === wave)
    .flatMap(({ targets }) => (targets === undefined ? [] : RoaringBitmap32.deserialize("portable", targets).toArray()));

/** All waves of the ladder are well. */
function finish(on = world): void {
  on.driver.tick();
  for (let wave = 0; on.campaign.state !== "done"; wave += 1) {
    expect(wave).toBeLessThan(on.campaign.waves.length);
    on.see(wave);
    on.driver.tick();
    on.nowMs += 1_000;
    if (on.campaign.state === "soaking") on.driver.tick();
  }
}

function appear(...ordinals: readonly number[]): void {
  world.appeared.addMany(ordinals);
  world.nowMs += 1_000;
  world.driver.tick();
}

test("whoever appears when it is done joins with a wave of their own: kept, ordered with the mass command, and told to the ledger", async () => {
  const { permit } = world.campaign;
  finish();
  world.appeared = RoaringBitmap32.fromRange(150, 205);
  world.driver.tick();
  const { targeted, waves, wave, state } = world.campaign;
  expect([targeted, waves.at(-1), wave, state]).toEqual([205, { index: 3, count: 5, isJoined: true }, 3, "sending"]);
  expect(world.store.ordersAfter(0).at(-1)).toMatchObject({ kind: "send", message: "mass", commandId: BASE_ID, wave: 3 });
  expect(targetsOf(3)).toEqual([200, 201, 202, 203, 204]);
  expect(joined()).toEqual([{ wave: 3, devices: 5, joined: 5, joinedMax: 30 }]);
  expect(membersOf(world.store, world.campaign).size).toBe(205);
  expect(await sha256Hex(world.store.cohort(BASE_ID).serialize("portable"))).toBe(permit.cohort_sha256);
  world.see(3);
  world.driver.tick();
  expect(world.campaign).toMatchObject({ state: "done", wave: 3 });
  expect(world.campaign.permit).toEqual(permit);
});

test("nobody joins while it climbs, and nobody one that people did not sign it for", async () => {
  world.appeared = RoaringBitmap32.fromRange(0, 300);
  world.driver.tick();
  world.climb(0);
  expect(joined()).toEqual([]);
  const other = new DriverWorld();
  await other.draft(20);
  await other.approve();
  other.appeared = RoaringBitmap32.fromRange(0, 300);
  finish(other);
  other.driver.tick();
  expect([other.campaign.state, other.campaign.targeted]).toEqual(["done", 20]);
  other.close();
});

test("a crash at any call of the turn in which they join leaves it undone or done once", () => {
  finish();
  world.appeared = RoaringBitmap32.fromRange(200, 204);
  let crashes = 0;
  for (let nth = 1; world.campaign.state === "done"; nth += 1) {
    expect(nth).toBeLessThan(100);
    world.nowMs += 1_000;
    try {
      world.driverOn(failingAt(world.store, nth)).tick();
    } catch {
      crashes += 1;
      world.crash();
      expect([world.campaign.state, world.campaign.targeted, world.campaign.waves.length, joined()]).toEqual(["done", 200, 3, []]);
      expect(() => world.store.wave(BASE_ID, 3)).toThrow();
    }
  }
  expect(crashes).toBeGreaterThan(5);
  expect(targetsOf(3)).toEqual([200, 201, 202, 203]);
  expect([world.campaign.targeted, joined().length, verifyLedger(world.store.ledger()).ok]).toEqual([204, 1, true]);
});

test("after so many as were signed nobody joins any more", () => {
  finish();
  const sizes: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    appear(...RoaringBitmap32.fromRange(1_000, 1_500).toArray());
    if (world.campaign.state !== "sending") continue;
    sizes.push(world.campaign.waves.at(-1)?.count ?? 0);
    world.see(world.campaign.wave);
    world.driver.tick();
    world.nowMs += 120_000;
  }
  expect(sizes).toEqual([10, 20]);
  expect(world.campaign).toMatchObject({ state: "done", targeted: 230 });
  expect(joined().at(-1)).toEqual({ wave: 4, devices: 20, joined: 30, joinedMax: 30 });
});

test("a halt of theirs holds the gateways, and nobody joins before two people let it go on", async () => {
  finish();
  appear(...RoaringBitmap32.fromRange(500, 510).toArray());
  world.see(3, { failed: 3 });
  world.driver.tick();
  expect(world.campaign).toMatchObject({ state: "halted", reason: "wave 3: 3 of 10 (30 %) failed, the permit allows 10 %" });
  expect(world.store.ordersAfter(0).at(-1)).toMatchObject({ kind: "pause" });
  appear(600);
  expect(joined()).toHaveLength(1);
  await world.driver.resume(BASE_ID, await hold("resume", world.nowMs, [author, approver]));
  world.driver.tick();
  expect(world.campaign.state).toBe("done");
  world.nowMs += 120_000;
  appear();
  expect(targetsOf(4)).toEqual([600]);
});

test.each(["pause", "stop", "cancel"] as const)("a %s ends joining like everything else", async (act) => {
  finish();
  appear(500);
  world.see(3);
  world.driver.tick();
  if (act === "pause") world.driver.pause(BASE_ID, author.person, "lunch");
  else if (act === "stop") await world.driver.stop(BASE_ID, await hold("stop", world.nowMs, [approver]));
  else await world.driver.cancel(BASE_ID, await hold("stop", world.nowMs, [approver]), await cancelFrame(world.nowMs));
  world.nowMs += 120_000;
  appear(501);
  expect(joined()).toHaveLength(1);
  // Whoever joined is called off with the cohort.
  const called = world.store.ordersAfter(0).find(({ message }) => message === "cancel")?.targets;
  if (act === "cancel") expect(RoaringBitmap32.deserialize("portable", called ?? new Uint8Array()).has(500)).toBe(true);
});

test("whoever joined is asked like everybody else, and nobody who did not", () => {
  finish();
  appear(500);
  expect(world.driver.sendQuery(BASE_ID, RoaringBitmap32.from([3, 500]), 10)).toMatchObject({ message: "query" });
  expect(() => world.driver.sendQuery(BASE_ID, RoaringBitmap32.from([501]), 10)).toThrow(
    expect.objectContaining({ code: "ERR_CAMPAIGN_TARGETS" }),
  );
});

test("what people sign is the request of the cohort, and it selects again whom they signed for", async () => {
  const request = {
    tenant: "isp",
    vendor: "famousMaker",
    name: "famousModel",
    oldVersion: "1.2.3",
    newVersion: "2.3.4",
    query: "version=lt=2.3.4",
    counters: { "1.2.3": 2, "2.3.4": 3 },
    optOutOverride: "the Cyber Resilience Act",
  };
  const { campaign } = await draftOf(20, { request, newcomersMax: 5 });
  const { newcomers } = campaign.permit;
  if (newcomers === undefined) throw new Error("nobody may join");
  expect(newcomers).toEqual({
    count_max: 5,
    criteria: {
      vendor: "famousMaker",
      name: "famousModel",
      new_version: "2.3.4",
      old_version: "1.2.3",
      query: "version=lt=2.3.4",
      opt_out_basis: "the Cyber Resilience Act",
    },
  });
  expect(newcomersRequest(campaign, newcomers)).toEqual(request);
  const { tenant, vendor, name, newVersion } = request;
  const plain = { tenant, vendor, name, newVersion };
  expect(newcomersRequest({ tenant, request: plain }, { count_max: 1, criteria: criteriaOf(plain) })).toEqual(plain);
});
