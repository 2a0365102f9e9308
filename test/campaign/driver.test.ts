/** A campaign driven on a real database, its facts fed by hand: sending, halting, stopping, cancelling, asking, denying. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import { DriverWorld } from "./driver-world.ts";
import { approver, author, BASE_ID, cancelFrame, denyList, draftOf, hold, signed } from "./people.ts";
import { T0 } from "./world.ts";

let world: DriverWorld;
beforeEach(async () => {
  world = new DriverWorld();
  await world.draft(200);
});
afterEach(() => world.close());

const orders = () => world.store.ordersAfter(0);
const sets = (bytes: Uint8Array | undefined) => RoaringBitmap32.deserialize("portable", bytes ?? new Uint8Array());

describe("a campaign from draft to done", () => {
  test("canary, waves and end, each device ordered exactly once, with the ledger to tell it", async () => {
    world.driver.tick();
    expect(orders()).toEqual([]);
    await world.driver.sign(BASE_ID, await signed(world.campaign, [author]));
    world.driver.tick();
    expect(orders()).toEqual([]);
    await world.approve();
    world.driver.tick();
    expect(world.campaign).toMatchObject({ state: "canary", wave: 0, waveAtMs: T0 });
    expect(orders()).toMatchObject([
      { seq: 1, kind: "send", message: "canary", wave: 0, commandId: `${BASE_ID}-c`, ratePerSecond: 1_000, notAfterMs: T0 + 3_600_000 },
    ]);
    expect(orders()[0]?.statement).toBe(world.campaign.signed.canary);

    for (const wave of [0, 1]) {
      world.climb(wave);
      expect(world.campaign).toMatchObject({ state: "sending", wave: wave + 1, waveAtMs: world.nowMs });
      expect(world.campaign.soakingSinceMs).toBeUndefined();
      expect(orders().at(-1)).toMatchObject({ message: "mass", wave: wave + 1, commandId: BASE_ID, statement: world.campaign.signed.mass });
    }
    world.see(2);
    world.driver.tick();
    expect(world.campaign.state).toBe("done");

    const targets = orders().map((order) => sets(order.targets));
    expect(targets.map(({ size }) => size)).toEqual([10, 40, 150]);
    expect(RoaringBitmap32.orMany(targets).isEqual(world.store.cohort(BASE_ID))).toBe(true);
    expect(world.acts.filter((act) => act === "order.sent").length).toBe(3);
    expect(world.acts.slice(0, 3)).toEqual(["campaign.drafted", "campaign.signed", "campaign.approved"]);
    expect(world.acts.at(-1)).toBe("campaign.done");
    expect(verifyLedger(world.store.ledger()).ok).toBe(true);
  });

  test("a command id is used once", async () => {
    const draft = await draftOf(20);
    expect(() => keepDraft(world.store, draft)).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_EXISTS" }));
    expect(world.campaign.targeted).toBe(200);
  });

  test("one campaign that cannot be planned does not hold up another", async () => {
    await world.approve();
    world.store.put({ ...world.campaign, id: "broken", createdMs: 0 });
    expect(() => world.driver.tick()).toThrow(AggregateError);
    expect(world.campaign.state).toBe("canary");
  });
});

describe("halting and resuming", () => {
  beforeEach(async () => {
    await world.approve();
    world.driver.tick();
  });

  test("a sick canary halts the campaign, says why, and nothing more is sent", () => {
    world.see(0, { failed: 2 });
    const { nudges } = world;
    world.driver.tick();
    expect(world.nudges).toBe(nudges + 1);
    expect(world.campaign).toMatchObject({ state: "halted", reason: "wave 0: 2 of 10 (20 %) failed, the permit allows 10 %" });
    world.nowMs += 600_000;
    world.driver.tick();
    // Gateways are told: neither the rest of the wave nor whoever returns gets it.
    expect(orders().map(({ kind }) => kind)).toEqual(["send", "pause"]);
    expect(world.acts.at(-1)).toBe("campaign.halted");
  });

  test("two people overrule a halt, and gateways hear it with their signatures", async () => {
    world.see(0, { failed: 2 });
    world.driver.tick();
    const resume = await hold("resume", world.nowMs, [author, approver]);
    await world.driver.resume(BASE_ID, resume);
    expect(orders().at(-1)).toMatchObject({ kind: "resume", statement: resume });
    expect(world.campaign).toMatchObject({ state: "canary", waivedWave: 0 });
    expect(world.campaign.reason).toBeUndefined();
    world.driver.tick();
    world.nowMs += 1_000;
    world.driver.tick();
    expect(world.campaign).toMatchObject({ state: "sending", wave: 1 });
    expect(orders().map(({ kind }) => kind)).toEqual(["send", "pause", "resume", "send"]);
  });

  test("one person cannot resume", async () => {
    world.see(0, { failed: 2 });
    world.driver.tick();
    const statement = await hold("resume", world.nowMs, [approver]);
    await expect(world.driver.resume(BASE_ID, statement)).rejects.toMatchObject({ code: "ERR_TRUST_THRESHOLD" });
  });

  test("a resume that was signed for an earlier hold, or is dated ahead, does not lift a later one", async () => {
    const early = await hold("resume", world.nowMs, [author, approver]);
    const ahead = await hold("resume", world.nowMs + 86_400_000, [author, approver]);
    world.nowMs += 1;
    await world.driver.stop(BASE_ID, await hold("stop", world.nowMs, [approver]));
    await expect(world.driver.resume(BASE_ID, early)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
    await expect(world.driver.resume(BASE_ID, ahead)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
    expect(world.campaign.state).toBe("stopped");
  });

  test("a pause holds the ladder, and gateways with it", async () => {
    world.driver.pause(BASE_ID, "author@isp.example", "lunch");
    world.see(0);
    world.nowMs += 60_000;
    world.driver.tick();
    expect(world.campaign).toMatchObject({ state: "paused", reason: "lunch" });
    await world.driver.resume(BASE_ID, await hold("resume", world.nowMs, [author, approver]));
    expect(orders().map(({ kind }) => kind)).toEqual(["send", "pause", "resume"]);
    world.climb(0);
    expect(world.campaign.wave).toBe(1);
  });
});

describe("stopping", () => {
  beforeEach(async () => {
    await world.approve();
    world.driver.tick();
  });

  test("one person's stop becomes an order at once; the resume of two lifts it", async () => {
    const stop = await hold("stop", world.nowMs, [approver]);
    await world.driver.stop(BASE_ID, stop);
    expect(orders().at(-1)).toMatchObject({ seq: 2, kind: "stop", statement: stop });
    world.climb(0);
    expect(orders().length).toBe(2);
    const resume = await hold("resume", world.nowMs, [author, approver]);
    await world.driver.resume(BASE_ID, resume);
    expect(orders().at(-1)).toMatchObject({ seq: 3, kind: "resume", statement: resume });
    expect(world.acts.slice(-2)).toEqual(["campaign.stopped", "campaign.resumed"]);
    world.climb(0);
    expect(world.campaign).toMatchObject({ state: "sending", wave: 1 });
  });

  test("a stop that comes twice is one stop", async () => {
    const stop = await hold("stop", world.nowMs, [approver]);
    await world.driver.stop(BASE_ID, stop);
    await world.driver.stop(BASE_ID, stop);
    expect(orders().length).toBe(2);
  });

  test("a stop of another campaign stops nothing", async () => {
    const other = await hold("stop", world.nowMs, [approver], "wc18");
    await expect(world.driver.stop(BASE_ID, other)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
    const unknown = await hold("stop", world.nowMs, [approver], "wc18");
    await expect(world.driver.stop("wc18", unknown)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_NOT_FOUND" });
  });

  test("a campaign that is done can be stopped: it would still reach late devices", async () => {
    world.store.put({ ...world.campaign, state: "done" });
    expect((await world.driver.stop(BASE_ID, await hold("stop", world.nowMs, [approver]))).state).toBe("stopped");
  });
});

describe("cancelling", () => {
  test("stops first, then sends the cancel to everybody who was ordered the command, and is final", async () => {
    await world.approve();
    world.driver.tick();
    world.climb(0);
    const [stop, frame] = [await hold("stop", world.nowMs, [approver]), await cancelFrame(world.nowMs)];
    await world.driver.cancel(BASE_ID, stop, frame);
    expect(orders().slice(2)).toMatchObject([
      { kind: "stop", statement: stop },
      { kind: "send", message: "cancel", commandId: `${BASE_ID}-x`, statement: frame },
    ]);
    expect(sets(orders().at(-1)?.targets).size).toBe(50);
    expect(world.campaign.state).toBe("cancelled");
    const resume = await hold("resume", world.nowMs, [author, approver]);
    await expect(world.driver.resume(BASE_ID, resume)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATE" });
  });

  test("a second cancel, of the canary's command, follows without a second stop", async () => {
    await world.approve();
    world.driver.tick();
    const stop = await hold("stop", world.nowMs, [approver]);
    await world.driver.cancel(BASE_ID, stop, await cancelFrame(world.nowMs));
    await world.driver.cancel(BASE_ID, stop, await cancelFrame(world.nowMs, `${BASE_ID}-c`));
    expect(orders().map(({ kind }) => kind)).toEqual(["send", "stop", "send", "send"]);
  });

  test("a draft is withdrawn by it: nobody was sent anything, so nobody is sent a cancel", async () => {
    await world.driver.cancel(BASE_ID, await hold("stop", world.nowMs, [approver]), await cancelFrame(world.nowMs));
    expect(orders().map(({ kind }) => kind)).toEqual(["stop"]);
    await expect(world.approve()).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATE" });
  });

  test("a cancel of some other command is refused, and nothing is stopped by it", async () => {
    await world.approve();
    world.driver.tick();
    const [stop, frame] = [await hold("stop", world.nowMs, [approver]), await cancelFrame(world.nowMs, "wc18")];
    await expect(world.driver.cancel(BASE_ID, stop, frame)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
    expect(world.campaign.state).toBe("canary");
  });

  test("a frame that is the update itself is not taken for a cancel", async () => {
    await world.approve();
    const stop = await hold("stop", world.nowMs, [approver]);
    await expect(world.driver.cancel(BASE_ID, stop, world.campaign.signed.mass)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
  });
});

describe("asking and denying", () => {
  test("a query goes to the devices named, no faster than the permit allows", async () => {
    await world.approve();
    const row = world.driver.sendQuery(BASE_ID, RoaringBitmap32.from([3, 4]), 5_000);
    expect(row).toMatchObject({
      kind: "send",
      message: "query",
      commandId: `${BASE_ID}-q`,
      statement: world.campaign.signed.query,
      ratePerSecond: 1_000,
    });
    expect(world.driver.sendQuery(BASE_ID, RoaringBitmap32.from([3]), 20).ratePerSecond).toBe(20);
    expect(sets(row.targets).toArray()).toEqual([3, 4]);
  });

  test.each([[[]], [[5_000]], [[1, 5_000]]])("a query of %j, not all of the cohort, is refused", async (ordinals) => {
    await world.approve();
    const ask = () => world.driver.sendQuery(BASE_ID, RoaringBitmap32.from(ordinals), 10);
    expect(ask).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_TARGETS" }));
  });

  test("a draft, a stopped campaign and an ended permit ask nobody", async () => {
    const ask = () => world.driver.sendQuery(BASE_ID, RoaringBitmap32.from([3]), 10);
    expect(ask).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_STATE" }));
    await world.approve();
    await world.driver.stop(BASE_ID, await hold("stop", world.nowMs, [approver]));
    expect(ask).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_STATE" }));
    world.store.put({ ...world.campaign, state: "done" });
    world.nowMs = T0 + 3_600_000;
    expect(ask).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_STATE" }));
    expect(orders().map(({ kind }) => kind)).toEqual(["stop"]);
  });

  test("a deny list replaces the one before it, never the other way round", async () => {
    expect(await world.driver.denyList()).toBeUndefined();
    await world.driver.deny(await denyList(1));
    await world.driver.deny(await denyList(3));
    await expect(world.driver.deny(await denyList(2))).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
    expect(await world.driver.denyList()).toMatchObject({ version: 3, devices: ["urn:dev:ops:32473-famousModel-1"] });
    expect(orders().map(({ kind }) => kind)).toEqual(["deny", "deny"]);
    expect(world.acts.at(-1)).toBe("deny-list.replaced");
  });
});
