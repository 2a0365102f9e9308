/** What every fleet store does, whatever keeps it. `open` gives a store on fresh data each time. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import { LEFT_OUT_REASONS, type LeftOutReason } from "../../src/fleet/cohort.ts";
import { matches, parseCohortQuery } from "../../src/fleet/cohort-query.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { EVIDENCE_DEVICES_PER_READ } from "../../src/fleet/limits.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import { VERDICTS } from "../../src/fleet/verdict.ts";
import { anyFacts, anyQuery, camera, COUNTERS, deviceOf, SAID, T0 } from "./world.ts";

export interface StoreUnderTest {
  readonly store: FleetStore;
  /** The same data through a new store, as after a restart. */
  reopen(): FleetStore;
}

const REQUEST = { tenant: "isp.example", vendor: "famousMaker", name: "famousModel", newVersion: "2.3.4" } as const;
const software = { vendor: "famousMaker", name: "famousModel", version: "2.3.4" } as const;

export function fleetStoreContract(open: () => StoreUnderTest): void {
  test("gives ordinals in order of arrival, and a device that is known keeps its own", () => {
    const { store, reopen } = open();
    expect(store.upsert([camera(1), camera(2)], SAID)).toEqual({ added: 2, updated: 0 });
    expect(store.upsert([camera(2, { region: "south" }), camera(3), camera(3, { tags: ["twice"] })], SAID)).toEqual({
      added: 1,
      updated: 2,
    });
    const again = reopen();
    expect([1, 2, 3].map((index) => again.byId(camera(index).id)?.ordinal)).toEqual([0, 1, 2]);
    expect(again.byOrdinal(2)).toEqual({ ordinal: 2, ...camera(3, { tags: ["twice"] }) });
    expect(again.byId("urn:dev:ops:32473-cam-9")).toBeUndefined();
    expect([again.count(), again.count("isp.example"), again.count("other.example")]).toEqual([3, 3, 0]);
  });

  test("gives back every fact, and says who said it and when", () => {
    const { store, reopen } = open();
    const facts = deviceOf({
      counter: 7,
      sha256: "ab".repeat(32),
      components: [{ name: "modem", version: "11", counter: 3, sha256: "cd".repeat(32) }],
      timeZone: "Europe/Amsterdam",
      tags: ["vip"],
      postponedUntilMs: T0 + 5,
    });
    store.upsert([facts], SAID);
    store.observe([{ ordinal: 0, atMs: T0 + 9, software }]);
    const { counter: _old, sha256: _olds, ...rest } = facts;
    const again = reopen();
    expect(again.byOrdinal(0)).toEqual({ ordinal: 0, ...rest, version: "2.3.4" });
    expect(again.provenance(0)).toEqual({ software: { source: "check-in", atMs: T0 + 9 }, others: SAID });
  });

  test("does not let an older word on the software replace a newer one", () => {
    const { store } = open();
    store.upsert([camera(1)], SAID);
    store.observe([{ ordinal: 0, atMs: T0 + 9, software }]);
    store.observe([
      { ordinal: 0, atMs: T0 + 8, software: { ...software, version: "1.2.3" } },
      { ordinal: 77, atMs: T0, software },
    ]);
    expect(store.byOrdinal(0)?.version).toBe("2.3.4");
    expect(store.find(parseCohortQuery("version==2.3.4")).toArray()).toEqual([0]);
    expect(store.find(parseCohortQuery("version==1.2.3")).toArray()).toEqual([]);
  });

  test("counts each device under the first reason that leaves it out", () => {
    const { store } = open();
    const out: Readonly<Record<LeftOutReason, Partial<DeviceFacts>>> = {
      "other tenant": { tenant: "other.example" },
      "wrong model": { name: "famousModelPro" },
      "already current": { version: "2.3.4" },
      "other version": { version: "1.10.0" },
      "outside the query": { region: "south" },
      "not subscribed": { subscribed: false },
      "opted out": { optedOut: true },
      postponed: { postponedUntilMs: T0 + 1 },
    };
    // Device N is left out for the reasons N and after: it counts under N.
    const devices = LEFT_OUT_REASONS.map((_, from) =>
      camera(
        from,
        Object.assign(
          {},
          ...LEFT_OUT_REASONS.slice(from)
            .toReversed()
            .map((reason) => out[reason]),
        ),
      ),
    );
    store.upsert([...devices, camera(98), camera(99, { postponedUntilMs: T0 })], SAID);
    const request = { ...REQUEST, oldVersion: "1.2.3", query: "region==north" };
    const { selected, leftOut } = store.select(request, T0);
    const each = Object.fromEntries(LEFT_OUT_REASONS.map((reason) => [reason, 1]));
    // Of 2.3.4 and 1.10.0 a device can have only one.
    expect(leftOut).toEqual({ ...each, "already current": 1, "other version": 1 } as typeof leftOut);
    expect(selected.toArray()).toEqual([8, 9]);
    const forced = store.select({ ...request, optOutOverride: "a court's order" }, T0);
    expect(forced.leftOut["opted out"] + forced.leftOut.postponed).toBe(0);
    expect(forced.selected.size).toBe(4);
  });

  test("selects anybody's devices of whatever model and version when the request names none", () => {
    const { store } = open();
    store.upsert(
      [{}, { vendor: "otherMaker" }, { name: "otherModel" }, { version: "9.9.9" }, { optedOut: true }].map((facts, index) =>
        camera(index, facts),
      ),
      SAID,
    );
    const { selected, leftOut } = store.select({ tenant: REQUEST.tenant, query: "id==*" }, T0);
    expect(selected.toArray()).toEqual([0, 1, 2, 3]);
    expect(leftOut).toMatchObject({ "wrong model": 0, "already current": 0, "opted out": 1 });
    expect(store.select({ tenant: REQUEST.tenant, name: "otherModel" }, T0).selected.toArray()).toEqual([2]);
    expect(store.parts(selected, "name").map(({ value, devices }) => [value, devices.size])).toContainEqual(["otherModel", 1]);
  });

  test("keeps what devices say of stops as they said it", () => {
    const { store, reopen } = open();
    const last = { command_id: "c", action: "stop", state: "failed", error: "ERR_X" } as const;
    const said: readonly Evidence[] = [
      { kind: "check-in", ordinal: 1, atMs: T0, boot: 1, software, lastCommand: last },
      { kind: "response", ordinal: 1, atMs: T0 + 1, requestId: "c-q", status: 200, lastCommand: last, processes: 0 },
    ];
    store.addEvidence(said);
    expect([...reopen().evidence(RoaringBitmap32.from([1]), 0)]).toEqual([...said]);
  });

  test("selects what `matches` says, whatever the query, the devices, and what was changed about them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyFacts, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
        anyQuery,
        (imports, query) => {
          const { store } = open();
          // Each import renames nobody: the same devices get other facts.
          for (const facts of imports)
            store.upsert(
              facts.map((fact, index) => ({ id: camera(index).id, ...fact })),
              SAID,
            );
          const parsed = parseCohortQuery(query, COUNTERS);
          const everybody = RoaringBitmap32.fromRange(0, store.count());
          const expected = [...store.devices(everybody)].filter((device) => matches(parsed, device)).map(({ ordinal }) => ordinal);
          expect(store.find(parsed).toArray()).toEqual(expected);
          const { selected, leftOut } = store.select({ ...REQUEST, query, counters: COUNTERS }, T0);
          expect(selected.size + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).toBe(store.count());
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test("cuts any set by a fact: every device of it is in one part, as its facts say", () => {
    const { store } = open();
    const fleet = Array.from({ length: 60 }, (_, index) =>
      camera(index, {
        hardware: `r${index % 3}`,
        region: index % 2 === 0 ? "north" : "south",
        ...(index % 4 === 0 && { timeZone: "Asia/Tokyo" }),
      }),
    );
    store.upsert(fleet, SAID);
    const set = RoaringBitmap32.fromRange(10, 50);
    for (const field of ["hardware", "region", "timeZone"] as const) {
      const parts = store.parts(set, field);
      for (const { value, devices } of parts) for (const ordinal of devices) expect(fleet[ordinal]?.[field] ?? "").toBe(value);
      expect(RoaringBitmap32.orMany(parts.map(({ devices }) => devices)).isEqual(set)).toBe(true);
      expect(parts.reduce((sum, { devices }) => sum + devices.size, 0)).toBe(set.size);
    }
    expect(
      store
        .parts(set, "timeZone")
        .map(({ value }) => value)
        .toSorted(),
    ).toEqual(["", "Asia/Tokyo"]);
    expect(store.parts(new RoaringBitmap32(), "region")).toEqual([]);
  });

  test("cuts a set by a fact into parts that hold each of its devices once", () => {
    const { store } = open();
    store.upsert(
      ["south", "north", "south", "west"].map((region, index) => camera(index, { region })),
      SAID,
    );
    const parts = store.parts(RoaringBitmap32.from([0, 1, 2, 9]), "region").map(({ value, devices }) => [value, devices.toArray()]);
    expect(parts.toSorted()).toEqual([
      ["north", [1]],
      ["south", [0, 2]],
    ]);
    store.observe([{ ordinal: 2, atMs: T0 + 9, software }]);
    const versions = store.parts(RoaringBitmap32.from([0, 2]), "version").map(({ devices }) => devices.toArray());
    expect(versions.toSorted()).toEqual([[0], [2]]);
  });

  test("reads devices and ids of any set in order, also across wide gaps", () => {
    const { store } = open();
    const count = 9_000;
    store.upsert(
      Array.from({ length: count }, (_, index) => camera(index)),
      SAID,
    );
    for (const ordinals of [[], [0], [3, 4_099, 8_999], [5, 3_000], [...Array(count).keys()], [8_999, 70_000]]) {
      const set = RoaringBitmap32.from(ordinals);
      const expected = ordinals.filter((ordinal) => ordinal < count);
      expect([...store.devices(set)].map(({ ordinal }) => ordinal)).toEqual(expected);
      expect([...store.ids(set)]).toEqual(expected.map((ordinal) => ({ ordinal, id: camera(ordinal).id })));
    }
  });

  test("gives evidence in order of ordinal, then of arrival, with what was sent to many as evidence about each, first of its batch", () => {
    const { store, reopen } = open();
    const connected = (ordinal: number, atMs: number): Evidence => ({ kind: "connected", ordinal, atMs });
    store.addEvidence([connected(40_000, T0), connected(7, T0 + 1)]);
    store.addEvidence([connected(7, T0 + 5)], [{ commandId: "c", atMs: T0 + 3, ordinals: RoaringBitmap32.from([7, 8, 40_000]) }]);
    store.addEvidence([connected(7, T0 + 2), connected(9_000, T0)]);
    const sent = (ordinal: number): Evidence => ({ kind: "sent", ordinal, atMs: T0 + 3, commandId: "c" });
    const all = [connected(7, T0 + 1), sent(7), connected(7, T0 + 5), connected(7, T0 + 2), sent(8), connected(40_000, T0), sent(40_000)];
    const again = reopen();
    expect([...again.evidence(RoaringBitmap32.from([7, 8, 40_000]), 0)]).toEqual(all);
    expect([...again.evidence(RoaringBitmap32.from([7]), T0 + 3)]).toEqual([sent(7), connected(7, T0 + 5)]);
    expect([...again.evidence(RoaringBitmap32.from([9, 16_390]), 0)]).toEqual([]);
    // Few of many, between whom others lie.
    expect([...again.evidence(RoaringBitmap32.from([7, 16_000, 40_000]), 0)]).toEqual(all.filter(({ ordinal }) => ordinal !== 8));
  });

  test("gives the evidence about very many neighbours in the same order", () => {
    const { store } = open();
    const count = 2 * EVIDENCE_DEVICES_PER_READ + 3;
    const connected = Array.from({ length: count }, (_, ordinal): Evidence => ({ kind: "connected", ordinal, atMs: T0 }));
    store.addEvidence(connected.toReversed(), [{ commandId: "c", atMs: T0, ordinals: RoaringBitmap32.fromRange(0, count) }]);
    const expected = connected.flatMap((item) => [{ kind: "sent", ordinal: item.ordinal, atMs: T0, commandId: "c" }, item]);
    expect([...store.evidence(RoaringBitmap32.fromRange(0, count), 0)]).toEqual(expected as Evidence[]);
  });

  test("keeps one verdict for each device of a campaign, and counts them", () => {
    const { store, reopen } = open();
    const verdict = (ordinal: number, name: (typeof VERDICTS)[number]) => ({ ordinal, verdict: name, because: "so" }) as const;
    store.putVerdicts("a", [verdict(1, "unknown"), verdict(70_000, "unknown"), { ...verdict(2, "verified"), evidenceAtMs: T0 }]);
    store.putVerdicts("a", [verdict(70_000, "failed")]);
    store.putVerdicts("b", [verdict(1, "stale")]);
    const again = reopen();
    expect([...again.verdicts("a")]).toEqual([
      verdict(1, "unknown"),
      { ...verdict(2, "verified"), evidenceAtMs: T0 },
      verdict(70_000, "failed"),
    ]);
    expect(again.verdictCounts("a")).toEqual({ ...none(), unknown: 1, verified: 1, failed: 1 });
    expect(again.devicesWith("a", "failed").toArray()).toEqual([70_000]);
    expect(again.verdictCounts("c")).toEqual(none());
  });
}

function none() {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<(typeof VERDICTS)[number], number>;
}
