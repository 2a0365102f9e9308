/** An order held against its permit, rule by rule: what is sent, and what is refused with which code. */
import { describe, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { SendOrder } from "../../../src/channel/backplane/port.ts";
import { checkOrder, readBitmap } from "../../../src/channel/gateway/order-check.ts";
import { type Permit, permitPayload } from "../../../src/trust/permit.ts";
import type { Signer } from "../../../src/trust/sign/index.ts";
import { sha256Hex, verifyPermit } from "../../../src/trust/verify/index.ts";
import { directorOf, frameOf, makeParty } from "../../trust/people.ts";

const isp = await makeParty("isp.example");
const director = await directorOf(isp);
const nowMs = Date.now();
const both = [isp.author, isp.approver];
const bytes = (text: string) => new TextEncoder().encode(text);
const bitmap = (...ordinals: readonly number[]) => new RoaringBitmap32(ordinals).serialize("portable");
const update = bytes("the update");
const cohort = bitmap(1, 2, 3);

async function permitOf(change: Partial<Permit> = {}, signers: readonly Signer[] = both): Promise<Uint8Array> {
  const permit: Permit = {
    campaign_id: "wc17",
    tenant: "isp",
    commands: [await sha256Hex(bytes("another")), await sha256Hex(update)],
    cohort_sha256: await sha256Hex(cohort),
    count_max: 3,
    rate_max_per_second: 1,
    not_before: nowMs,
    not_after: nowMs + 1_000,
    halt: { failed_share_max: 0, missing_share_max: 0 },
    ...change,
  };
  return frameOf(permitPayload(permit), "permit", signers);
}

const good: SendOrder = {
  kind: "send",
  seq: 1,
  campaignId: "wc17",
  commandId: "wc17",
  frame: await frameOf(update, "command", both),
  permit: await permitOf(),
  cohort,
  targets: bitmap(1, 2),
  sent: bitmap(),
  answers: false,
  repeats: true,
  notAfterMs: nowMs + 1_000,
  ratePerSecond: 1,
};
const terms = { director, nowMs, reached: new RoaringBitmap32(), licence: undefined };
const check = (change: Partial<SendOrder>, other: Partial<Parameters<typeof checkOrder>[1]> = {}) =>
  checkOrder({ ...good, ...change }, { ...terms, ...other });
const refusedWith = (code: string) => expect.objectContaining({ code });

describe("an order is sent", () => {
  test("to its targets, under its permit, and does not stop anything", async () => {
    const { permit, targets, sent, isStopping } = await check({ sent: bitmap(2) });
    expect([permit.campaign_id, targets.toArray(), sent.toArray(), isStopping]).toEqual(["wc17", [1, 2], [2], false]);
  });

  test("to exactly as many as the permit allows, over all orders of the campaign, each counted once", async () => {
    const permit = await permitOf({ count_max: 3 });
    await check({ permit, targets: bitmap(1, 2), sent: bitmap(1) }, { reached: new RoaringBitmap32([2, 3]) });
  });

  test("by one person's word when it stops things, although no permit names it", async () => {
    const frame = await frameOf(bytes("cancel it"), "stopping-command", [isp.approver]);
    expect((await check({ frame })).isStopping).toBe(true);
  });
});

describe("an order is refused", () => {
  test("whose permit is for another campaign", async () => {
    await expect(check({ campaignId: "wc18" })).rejects.toEqual(refusedWith("ERR_CHANNEL_ORDER"));
  });

  test("whose permit one person signed", async () => {
    await expect(check({ permit: await permitOf({}, [isp.author]) })).rejects.toEqual(refusedWith("ERR_TRUST_THRESHOLD"));
  });

  test("before the permit begins, and from its end", async () => {
    await expect(check({}, { nowMs: nowMs - 1 })).rejects.toEqual(refusedWith("ERR_TRUST_NOT_YET"));
    await expect(check({}, { nowMs: nowMs + 1_000 })).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
  });

  test("whose command the permit does not name", async () => {
    const frame = await frameOf(bytes("another update"), "command", both);
    await expect(check({ frame })).rejects.toEqual(refusedWith("ERR_CHANNEL_COMMAND"));
  });

  test("whose cohort is not the one that was signed, be it smaller", async () => {
    await expect(check({ cohort: bitmap(1, 2) })).rejects.toEqual(refusedWith("ERR_CHANNEL_WIDENED"));
  });

  test("that reaches outside the cohort", async () => {
    await expect(check({ targets: bitmap(1, 4) })).rejects.toEqual(refusedWith("ERR_CHANNEL_WIDENED"));
  });

  test.each([
    ["by its targets", { targets: bitmap(1, 2, 3) }, []],
    ["with those who were sent to before a restart", { targets: bitmap(1, 2), sent: bitmap(3) }, []],
    ["with those whom other orders reached", { targets: bitmap(1, 2) }, [3]],
  ] as const)("for one device more than the permit allows, %s", async (_, order, reached) => {
    const permit = await permitOf({ count_max: 2 });
    await expect(check({ ...order, permit }, { reached: new RoaringBitmap32([...reached]) })).rejects.toEqual(
      refusedWith("ERR_CHANNEL_WIDENED"),
    );
  });

  test.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a payload that is no text", '{"payload":1}'],
    ["a payload that is no base64url", '{"payload":"%%"}'],
  ])("whose frame is %s", async (_, frame) => {
    await expect(check({ frame: bytes(frame) })).rejects.toEqual(refusedWith("ERR_CHANNEL_ORDER"));
  });

  test.each(["targets", "sent"] as const)("whose set of %s cannot be read", async (name) => {
    await expect(check({ [name]: bytes("no bitmap") })).rejects.toEqual(refusedWith("ERR_CHANNEL_ORDER"));
    expect(() => readBitmap(bytes("no bitmap"))).toThrow(refusedWith("ERR_CHANNEL_ORDER"));
  });
});

describe("newcomers", () => {
  const criteria = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" };
  const openTo = (most: number) => permitOf({ newcomers: { count_max: most, criteria } });

  test("are sent to, and called off, beside the cohort, as many as were signed, each counted once over all orders", async () => {
    const permit = await openTo(2);
    const reached = new RoaringBitmap32([1, 2, 3, 7]);
    expect((await check({ permit, targets: bitmap(7, 8), sent: bitmap(8) }, { reached })).targets.toArray()).toEqual([7, 8]);
    const frame = await frameOf(bytes("cancel it"), "stopping-command", [isp.approver]);
    expect((await check({ permit, frame, targets: bitmap(1, 7, 8) }, { reached })).isStopping).toBe(true);
  });

  test.each([
    ["by its targets", { targets: bitmap(7, 8, 9) }, []],
    ["with those who were sent to before a restart", { targets: bitmap(7), sent: bitmap(8, 9) }, []],
    ["with those whom other orders reached", { targets: bitmap(7) }, [1, 8, 9]],
  ] as const)("attack: one more than were signed, %s", async (_, order, reached) => {
    await expect(check({ ...order, permit: await openTo(2) }, { reached: new RoaringBitmap32([...reached]) })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_CHANNEL_WIDENED", message: "3 newcomers, the permit allows 2" }),
    );
  });

  test("attack: under a permit that has none, the first is one too many", async () => {
    await expect(check({ targets: bitmap(7) })).rejects.toEqual(
      expect.objectContaining({ code: "ERR_CHANNEL_WIDENED", message: "the order is for devices outside the cohort" }),
    );
  });

  test("do not make room for more of the cohort, nor the cohort for more of them", async () => {
    const narrow = { count_max: 2, newcomers: { count_max: 2, criteria } };
    const permit = await permitOf(narrow);
    await check({ permit, targets: bitmap(1, 2, 7, 8) });
    await expect(check({ permit, targets: bitmap(1, 2, 3) })).rejects.toEqual(refusedWith("ERR_CHANNEL_WIDENED"));
    await expect(check({ permit, targets: bitmap(7, 8, 9) })).rejects.toEqual(refusedWith("ERR_CHANNEL_WIDENED"));
  });
});

describe("when the permit has ended", () => {
  const late = { nowMs: nowMs + 2_000 };
  const cancel = frameOf(bytes("cancel it"), "stopping-command", [isp.author]);

  test("its own campaign is called off all the same, by the licence of its first order", async () => {
    const licence = await verifyPermit(good.permit, { director, nowMs });
    const { permit, isStopping } = await check({ frame: await cancel }, { ...late, licence });
    expect([permit, isStopping]).toEqual([licence, true]);
  });

  test("nothing else is sent, and it says that the permit has ended", async () => {
    const licence = await verifyPermit(good.permit, { director, nowMs });
    await expect(check({}, { ...late, licence })).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
    await expect(check({ frame: await cancel }, late)).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
  });
});
