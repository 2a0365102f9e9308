/** What every store of commands must do. Run on the one in memory and on SQLite. */
import { expect, test } from "bun:test";
import type { CommandStore, Kept } from "../../../src/openc2/consumer/index.ts";
import { T0 } from "./world.ts";

export interface StoreUnderTest {
  readonly store: CommandStore;
  /** The same data, through a new store where that is possible, as after a restart. */
  reopen(): CommandStore;
}

const waiting = (given: Partial<Kept> = {}): Omit<Kept, "seq"> => ({
  peer: "isp",
  id: "a",
  command: '{"action":"scan"}',
  receivedMs: T0,
  startMs: T0,
  state: "waiting",
  attempts: 0,
  ...given,
});
const finished = (given: Partial<Kept> = {}) => waiting({ state: "done", response: { status: 200 }, finishedMs: T0, ...given });

export function commandStoreContract(open: () => StoreUnderTest): void {
  test("gives back what was added and updated, whole, also after a restart", async () => {
    const { store, reopen } = open();
    const whole = store.add(waiting({ requestId: "r1", stopMs: T0 + 9 }));
    const nameless = store.add({ peer: "isp", receivedMs: T0, startMs: T0, state: "running", attempts: 1 });
    const done: Kept = { ...whole, state: "done", attempts: 2, response: { status: 200, status_text: "é" }, finishedMs: T0 + 5 };
    store.update(done);
    await store.synced();
    const again = reopen();
    expect(again.byId("a")).toEqual([done]);
    expect(again.running()).toEqual([nameless]);
    expect(again.add(waiting()).seq).toBeGreaterThan(nameless.seq);
  });

  test("finds an id of every peer, in order of acceptance", () => {
    const { store } = open();
    const all = ["isp", "maker", "isp"].map((peer, index) => store.add(waiting({ peer, id: index < 2 ? "a" : "b" })));
    expect(store.byId("a")).toEqual(all.slice(0, 2));
    expect(store.byId("c")).toEqual([]);
  });

  test("gives what is due, the earliest first, and among those of one time the first that came", () => {
    const { store } = open();
    const [late, first, second] = [T0 + 2, T0 + 1, T0 + 1].map((startMs) => store.add(waiting({ startMs })));
    expect([store.due(T0), store.nextDueMs()]).toEqual([undefined, T0 + 1]);
    expect(store.due(T0 + 5)).toEqual(first);
    store.update({ ...first!, state: "running" });
    expect(store.due(T0 + 5)).toEqual(second);
    store.update({ ...second!, state: "cancelled", finishedMs: T0 });
    expect([store.due(T0 + 1), store.due(T0 + 2), store.nextDueMs()]).toEqual([undefined, late, T0 + 2]);
  });

  test("counts what is not finished, of all and of one peer", () => {
    const { store } = open();
    for (const peer of ["isp", "isp", "maker"]) store.add(waiting({ peer }));
    store.add(waiting({ state: "running" }));
    store.add(finished());
    expect([store.unfinished(), store.unfinished("isp"), store.unfinished("nobody")]).toEqual([4, 3, 0]);
  });

  test("forgets what finished long ago, and never what is not finished", async () => {
    const { store, reopen } = open();
    const kept = [waiting({ startMs: 0 }), waiting({ state: "running" }), finished({ finishedMs: T0 })].map((given) => store.add(given));
    store.add(finished({ finishedMs: T0 - 1 }));
    store.forgetFinishedBefore(T0);
    await store.synced();
    expect(reopen().byId("a")).toEqual(kept);
  });

  test("forgets all but the newest finished ones of a peer, and none of another's", () => {
    const { store } = open();
    const other = store.add(finished({ peer: "maker" }));
    const open_ = store.add(waiting());
    const own = [1, 2, 3].map(() => store.add(finished()));
    store.forgetAllBut(2, "isp");
    expect(store.byId("a")).toEqual([other, open_, ...own.slice(1)]);
    store.forgetAllBut(2, "isp");
    expect(store.byId("a").length).toBe(4);
  });

  test("syncs with nothing to sync, and many at once", async () => {
    const { store, reopen } = open();
    await store.synced();
    const syncs = Array.from({ length: 100 }, () => {
      store.add(waiting());
      return store.synced();
    });
    await Promise.all(syncs);
    expect(reopen().unfinished()).toBe(100);
  });
}
