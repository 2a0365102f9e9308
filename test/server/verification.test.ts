/** Verifying by asking some: a real database, real orders, and answers as a gateway tells them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { readState } from "../../src/server/state-directory.ts";
import { openTenant } from "../../src/server/tenant.ts";
import type { VerificationView } from "../../src/server/verification.ts";
import { clock, log, Side } from "./tenancy/world.ts";

const ID = "wc17";
/** Of 200 devices these have a channel and said after the decision that they run the old version; the others were never seen. */
const STANDING = 120;
const directory = mkdtempSync(join(tmpdir(), "edict-verification-"));
let side: Side;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  await side.import(Array.from({ length: 200 }, (_, index) => `urn:dev:ops:32473-cam-${index}`));
  await side.draft(ID);
  await side.approve(ID);
  side.tenant.driver.tick();
  stand(1);
}, 60_000);

/** They have a channel, and say what they run. */
function stand(boot: number): void {
  const atMs = Date.now();
  for (let ordinal = 0; ordinal < STANDING; ordinal += 1) {
    const checkIn = { software: softwareOf("1.2.3"), boot, slot: "a", seen: [] } as const;
    side.tenant.intake.commit([
      { kind: "connected", ordinal, atMs },
      { kind: "check-in", ordinal, atMs, checkIn },
    ]);
  }
}

/** What a kill leaves: the state directory. */
async function crash(): Promise<void> {
  side.tenant.database.close();
  side = new Side(await openTenant(readState(side.tenant.state.paths.directory), clock, log));
  stand(2);
}

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

const softwareOf = (version: string) => ({ vendor: "famousMaker", name: "famousModel", version });
const verification = (method: "GET" | "POST", rest = "", body?: object) =>
  side.done(method, `/campaigns/${ID}/verification${rest}`, body) as Promise<VerificationView>;

/** Whom the newest query was ordered for. */
function asked(): readonly number[] {
  const order = side.tenant.intake.ordersAfter(0).at(-1);
  if (order?.kind !== "send") throw new Error("the newest order sends nothing");
  return RoaringBitmap32.deserialize("portable", order.targets).toArray();
}

function answer(ordinals: readonly number[], version: string): void {
  const response = { status: 200, results: { "x-swup": { software: softwareOf(version) } } } as const;
  const atMs = Date.now();
  side.tenant.intake.commit(ordinals.map((ordinal) => ({ kind: "response", ordinal, atMs, requestId: `${ID}-q`, response })));
}

describe("a verification", () => {
  test("that was not begun is not looked at", async () => {
    for (const [method, rest] of [
      ["GET", ""],
      ["POST", "/asks"],
    ] as const) {
      const { status, text } = await side.call(method, `/campaigns/${ID}/verification${rest}`, method === "POST" ? {} : undefined);
      expect([status, JSON.parse(text).error.code]).toEqual([400, "ERR_SERVER_VERIFICATION"]);
    }
  });

  test("refuses a wish that cannot be", async () => {
    for (const within of [0, 1, -0.1]) expect((await side.call("POST", `/campaigns/${ID}/verification`, { within })).status).toBe(400);
  });

  test("tried dry says whom it would ask, asks nobody, and is not begun", async () => {
    const orders = side.tenant.intake.ordersAfter(0).length;
    const view = await verification("POST", "", { within: 0.05, dryRun: true });
    expect(view).toMatchObject({
      plan: { frame: { targeted: 200, certainlyExposed: 80, uncertain: STANDING } },
      connected: STANDING,
      estimate: { asked: 0, bounds: { low: 0.4, high: 1 } },
    });
    expect(side.tenant.intake.ordersAfter(0)).toHaveLength(orders);
    expect((await side.call("GET", `/campaigns/${ID}/verification`)).status).toBe(400);
  });

  test("asks part by part, takes silence for what it is, and ends when the bounds are as narrow as wished", async () => {
    const begun = await verification("POST", "", { within: 0.05 });
    const [first = 0, second = 0] = begun.plan.looks;
    expect(begun.next).toBe(first);
    await verification("POST", "/asks", {});
    const one = asked();
    expect(one).toHaveLength(first);
    expect(one.every((ordinal) => ordinal < STANDING)).toBe(true);

    // A third of them say that they run the new version, the others nothing at all.
    answer(one.slice(0, Math.floor(first / 3)), "2.3.4");
    const look = await verification("GET");
    expect(look.estimate).toMatchObject({ asked: first, answered: Math.floor(first / 3), exposed: 0, isEnough: false });
    expect(look.estimate.worstBounds.high).toBeGreaterThan(look.estimate.bounds.low);

    answer(one.slice(Math.floor(first / 3)), "1.2.3");
    await verification("POST", "/asks", { ratePerSecond: 50 });
    const two = asked();
    expect(two).toHaveLength(second - first);
    expect(two.filter((ordinal) => one.includes(ordinal))).toEqual([]);
    answer(two, "1.2.3");

    let view = await verification("GET");
    while (view.next > 0 && !view.estimate.isEnough) {
      await verification("POST", "/asks", {});
      answer(asked(), "1.2.3");
      view = await verification("GET");
    }
    const { share, bounds, isEnough, asked: inAll, exposed } = view.estimate;
    expect([isEnough, inAll - exposed]).toEqual([true, Math.floor(first / 3)]);
    expect((bounds.high - bounds.low) / 2).toBeLessThanOrEqual(0.05);
    // All but those few are exposed: 80 that were never seen, and nearly all of the others.
    const truth = (200 - Math.floor(first / 3)) / 200;
    expect([bounds.low <= truth, bounds.high >= truth, share > 0.8]).toEqual([true, true, true]);
  });

  test("cut off by a crash in the middle of its asking goes on with the same wish, and asks nobody twice", async () => {
    const wish = { within: 0.04 };
    const begun = await verification("POST", "", wish);
    const [first = 0, second = 0] = begun.plan.looks;
    await verification("POST", "/asks", {});
    const one = asked();
    await crash();
    answer(one, "1.2.3");
    expect(await verification("GET")).toMatchObject({
      plan: begun.plan,
      begunMs: begun.begunMs,
      estimate: { asked: first, answered: first },
    });
    expect(await verification("POST", "", { ...wish, dryRun: true })).toMatchObject({ estimate: { asked: 0 } });
    expect(await verification("POST", "", wish)).toMatchObject({
      begunMs: begun.begunMs,
      next: second - first,
      estimate: { asked: first },
    });
    await verification("POST", "/asks", {});
    const two = asked();
    expect([two.length, two.filter((ordinal) => one.includes(ordinal))]).toEqual([second - first, []]);

    expect(await verification("POST", "", { ...wish, confidence: 0.9 })).toMatchObject({ estimate: { asked: 0 } });
    await verification("POST", "/asks", {});
    expect((await verification("POST", "", { ...wish, confidence: 0.9 })).estimate.asked).toBeGreaterThan(0);
    expect(await verification("POST", "", { ...wish, confidence: 0.9, anew: true })).toMatchObject({ estimate: { asked: 0 } });
  });

  test("that cannot keep whom it asks asks nobody, and what is not ordered is not kept as asked", async () => {
    const { database, intake } = side.tenant;
    const orders = intake.ordersAfter(0).length;
    database.run("CREATE TRIGGER full BEFORE INSERT ON verification BEGIN SELECT raise(ABORT, 'the disk is full'); END");
    expect((await side.call("POST", `/campaigns/${ID}/verification/asks`, {})).status).toBe(500);
    database.run("DROP TRIGGER full");
    expect(intake.ordersAfter(0)).toHaveLength(orders);
  });
});
