/** The power fails at every call that a turn of the driver makes; nothing is lost and nothing is done twice. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import { DriverWorld, failingAt } from "./driver-world.ts";

let world: DriverWorld;
beforeEach(async () => {
  world = new DriverWorld();
  await world.draft(200);
});
afterEach(() => world.close());

const orders = () => world.store.ordersAfter(0);

describe("a crash", () => {
  test("at any call of a turn leaves the turn undone or done, and the next turn does it exactly once", async () => {
    await world.approve();
    let crashes = 0;
    for (let nth = 1, turns = 0; orders().length < 3; nth++, turns++) {
      expect(turns).toBeLessThan(200);
      const before = world.campaign;
      try {
        world.driverOn(failingAt(world.store, nth)).tick();
        nth = 0;
        world.see(world.campaign.wave);
        world.nowMs += 1_000;
      } catch {
        crashes += 1;
        world.crash();
        expect([before, { ...before, wave: before.wave + 1 }].map(({ wave }) => wave)).toContain(world.campaign.wave);
        expect(world.campaign).toEqual(before);
      }
      expect(orders().length).toBe(world.campaign.wave + 1);
      expect(world.acts.filter((act) => act === "order.sent").length).toBe(orders().length);
    }
    expect(crashes).toBeGreaterThan(20);
    expect(orders().map(({ wave }) => wave)).toEqual([0, 1, 2]);
    expect(verifyLedger(world.store.ledger()).ok).toBe(true);
  });

  test("between waves changes nothing: the campaign goes on where it was", async () => {
    await world.approve();
    world.driver.tick();
    world.crash();
    world.driver.tick();
    expect(orders().length).toBe(1);
    world.climb(0);
    world.crash();
    world.driver.tick();
    expect(world.campaign).toMatchObject({ state: "sending", wave: 1 });
    expect(orders().length).toBe(2);
  });
});
