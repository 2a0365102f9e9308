/** What every campaign store does, whatever keeps it. `open` gives a store on the same data each time; it may be a new process's. */
import { expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import { SENT_PARTS_MAX } from "../../src/campaign/limits.ts";
import type { CampaignStore, OrderRow } from "../../src/campaign/ports.ts";
import { campaignOf, T0 } from "./world.ts";

export interface StoreUnderTest {
  readonly store: CampaignStore;
  /** The same data through a new store, as after a restart. */
  reopen(): CampaignStore;
}

const order: Omit<OrderRow, "seq"> = { campaignId: "wc17_9674309", kind: "send", message: "mass", wave: 1, statement: "{}", atMs: T0 };

export function campaignStoreContract(open: () => StoreUnderTest): void {
  test("keeps campaigns, replaces them by id, and lists them by tenant in order of creation", () => {
    const { store, reopen } = open();
    store.put(campaignOf({ id: "b", createdMs: T0 + 1 }));
    store.put(campaignOf({ id: "a", createdMs: T0 }));
    store.put(campaignOf({ id: "c", createdMs: T0 + 2, tenant: "other" }));
    store.put(campaignOf({ id: "b", createdMs: T0 + 1, state: "halted", reason: "ill" }));
    const again = reopen();
    expect(again.get("b")).toEqual(campaignOf({ id: "b", createdMs: T0 + 1, state: "halted", reason: "ill" }));
    expect(again.list().map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(again.list("isp").map(({ id }) => id)).toEqual(["a", "b"]);
    expect(again.get("unknown")).toBeUndefined();
  });

  test("keeps cohort and waves byte for byte: the permit holds the digest of these bytes", () => {
    const { store, reopen } = open();
    const cohort = RoaringBitmap32.from([...Array(70_000).keys(), 1_000_000, 4_000_000_000]);
    const bytes = cohort.serialize("portable");
    store.put(campaignOf());
    store.putCohort("wc17_9674309", cohort);
    store.putWaves("wc17_9674309", [RoaringBitmap32.from([1]), RoaringBitmap32.from([2, 3])]);
    store.put(campaignOf({ state: "canary" }));
    const again = reopen();
    expect(again.cohort("wc17_9674309").serialize("portable")).toEqual(bytes);
    expect(again.wave("wc17_9674309", 1).toArray()).toEqual([2, 3]);
    expect(() => again.wave("wc17_9674309", 2)).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_NOT_FOUND" }));
    expect(() => again.cohort("unknown")).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_NOT_FOUND" }));
  });

  test("keeps one more wave without a change to the cohort or the others, and undoes it with its transaction", () => {
    const { store, reopen } = open();
    store.put(campaignOf());
    store.putCohort("wc17_9674309", RoaringBitmap32.from([1, 2]));
    store.putWaves("wc17_9674309", [RoaringBitmap32.from([1]), RoaringBitmap32.from([2])]);
    expect(() =>
      store.atomically(() => {
        store.addWave("wc17_9674309", 2, RoaringBitmap32.from([7]));
        throw new Error("the power fails");
      }),
    ).toThrow("the power fails");
    store.addWave("wc17_9674309", 2, RoaringBitmap32.from([8, 9]));
    const again = reopen();
    expect([0, 1, 2].map((index) => again.wave("wc17_9674309", index).toArray())).toEqual([[1], [2], [8, 9]]);
    expect(again.cohort("wc17_9674309").toArray()).toEqual([1, 2]);
    expect(() => again.addWave("wc17_9674309", 2, RoaringBitmap32.from([10]))).toThrow();
  });

  test("numbers orders from 1 without gaps, also after a failed transaction", () => {
    const { store, reopen } = open();
    const targets = RoaringBitmap32.from([5, 9]).serialize("portable");
    expect(store.addOrder({ ...order, targets }).seq).toBe(1);
    expect(() =>
      store.atomically(() => {
        store.addOrder(order);
        throw new Error("the power fails");
      }),
    ).toThrow("the power fails");
    expect(store.addOrder({ ...order, kind: "stop" }).seq).toBe(2);
    const again = reopen();
    expect(again.ordersAfter(0).map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, "send"],
      [2, "stop"],
    ]);
    expect(again.ordersAfter(1).map(({ seq }) => seq)).toEqual([2]);
    expect(again.order(1)).toEqual({ ...order, seq: 1, targets });
    expect(again.order(3)).toBeUndefined();
  });

  test("adds up who was sent to; a report that comes twice changes nothing", () => {
    const { store, reopen } = open();
    const { seq } = store.addOrder(order);
    expect(store.sent(seq).size).toBe(0);
    store.markSent(seq, RoaringBitmap32.from([1, 2]));
    store.markSent(seq, RoaringBitmap32.from([2, 3]));
    store.markSent(seq, RoaringBitmap32.from([2, 3]));
    expect(reopen().sent(seq).toArray()).toEqual([1, 2, 3]);
  });

  test("keeps the set whole over very many reports, each of which may come twice and each order's for itself", () => {
    const { store, reopen } = open();
    const [seq, other] = [store.addOrder(order).seq, store.addOrder(order).seq];
    const reports = Array.from({ length: 3 * SENT_PARTS_MAX + 1 }, (_, report) => RoaringBitmap32.from([report, 100_000 + report]));
    for (const ordinals of reports) for (const marked of [seq, seq]) store.markSent(marked, ordinals);
    store.markSent(other, RoaringBitmap32.from([7]));
    const again = reopen();
    expect(again.sent(seq).isEqual(RoaringBitmap32.orMany(reports))).toBe(true);
    expect(again.sent(other).toArray()).toEqual([7]);
  });

  test("undoes a mark with its transaction", () => {
    const { store } = open();
    const { seq } = store.addOrder(order);
    for (let report = 0; report <= SENT_PARTS_MAX + 1; report += 1) {
      const marking = () =>
        store.atomically(() => {
          store.markSent(seq, RoaringBitmap32.from([report]));
          throw new Error("the power fails");
        });
      expect(marking).toThrow();
      expect(store.sent(seq).has(report)).toBe(false);
      store.markSent(seq, RoaringBitmap32.from([report]));
    }
    expect(store.sent(seq).size).toBe(SENT_PARTS_MAX + 2);
  });

  test("chains the ledger over transactions and restarts, and undoes it with them", () => {
    const { store, reopen } = open();
    const first = store.appendLedger({ atMs: T0, actor: "author@isp.example", act: "campaign.drafted", detail: { targeted: 3 } });
    expect(() =>
      store.atomically(() => {
        store.appendLedger({ atMs: T0, actor: "planner", act: "order.sent" });
        throw new Error("the power fails");
      }),
    ).toThrow();
    const again = reopen();
    const second = again.appendLedger({ atMs: T0 + 1, actor: "approver@isp.example", act: "campaign.approved", campaignId: "wc17" });
    expect(second.previous).toBe(first.hash);
    expect([...again.ledger()]).toEqual([first, second]);
    expect(verifyLedger(again.ledger(), [second]).ok).toBe(true);
  });

  test("reads a ledger of thousands of lines, also while more are written", () => {
    const { store } = open();
    store.atomically(() => {
      for (let index = 0; index < 2_000; index++) store.appendLedger({ atMs: T0, actor: "planner", act: "order.sent", detail: { index } });
    });
    let count = 0;
    for (const entry of store.ledger()) {
      if (entry.seq === 10) store.appendLedger({ atMs: T0, actor: "planner", act: "campaign.done" });
      count += 1;
    }
    expect(count).toBe(2_001);
  });

  test("an inner transaction belongs to the outer one", () => {
    const { store } = open();
    expect(() =>
      store.atomically(() => {
        store.atomically(() => store.put(campaignOf()));
        throw new Error("later");
      }),
    ).toThrow("later");
    expect(store.list()).toEqual([]);
  });
}
