/** The SQLite store under the contract of every fleet store, and what only it can show: transactions, and databases from before. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { parseCohortQuery } from "../../../src/fleet/cohort-query.ts";
import { migrate, openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import { FLEET_SCHEMA } from "../../../src/fleet/sqlite/schema.ts";
import { fleetStoreContract } from "../store.contract.ts";
import { camera, SAID, T0 } from "../world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-fleet-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const newPath = () => join(directory, `${++files}.sqlite`);

/** Synchronisation is the kernel's work and not what these tests look at. */
function openQuickly(path: string) {
  const database = openDatabase(path);
  database.run("PRAGMA synchronous = OFF");
  return database;
}

function open() {
  const path = newPath();
  let database = openQuickly(path);
  return {
    store: new SqliteFleetStore(database),
    reopen: () => {
      database.close();
      database = openQuickly(path);
      return new SqliteFleetStore(database);
    },
  };
}

describe("the SQLite fleet store", () => {
  fleetStoreContract(open);

  test("takes its sets back with the transaction that it is called in", () => {
    const database = openQuickly(newPath());
    const store = new SqliteFleetStore(database);
    store.upsert([camera(1), camera(2)], SAID);
    const fail = database.transaction(() => {
      store.upsert([camera(1, { region: "south" }), camera(3)], SAID);
      store.addEvidence([{ kind: "connected", ordinal: 0, atMs: T0 }]);
      throw new Error("the power fails");
    });
    expect(fail).toThrow("the power fails");
    expect(store.count()).toBe(2);
    expect(store.find(parseCohortQuery("region==north")).toArray()).toEqual([0, 1]);
    expect(store.find(parseCohortQuery("region==south")).toArray()).toEqual([]);
    expect([...store.evidence(RoaringBitmap32.of(0), 0)]).toEqual([]);
  });

  test("forgets a value that no device has any more, so that a device that makes up versions fills nothing", () => {
    const database = openQuickly(newPath());
    const store = new SqliteFleetStore(database);
    store.upsert([camera(1)], SAID);
    const names = () => database.query<{ n: number }, []>("SELECT count(*) AS n FROM ordinal_set_name").get()?.n;
    const before = names();
    for (let index = 1; index <= 50; index += 1) {
      store.observe([{ ordinal: 0, atMs: T0 + index, software: { vendor: "v", name: "n", version: `made-up-${index}` } }]);
    }
    expect(names()).toBe(before);
  });

  test("makes the sets of a database from before there were any, and keeps what it held", () => {
    const database = openQuickly(newPath());
    migrate(database, "fleet", FLEET_SCHEMA.slice(0, 4));
    const insert = database.query(
      "INSERT INTO device VALUES (?, ?, 'isp.example', 'famousMaker', 'famousModel', '1.2.3', 'r1', 'north', 1, 0, 0)",
    );
    for (let index = 0; index < 3; index += 1) insert.run(index, camera(index).id);
    database.run(`INSERT INTO evidence (ordinal, at_ms, document) VALUES (1, ${T0}, '{"kind":"sent","commandId":"c"}')`);
    database.run("INSERT INTO verdict VALUES ('a', 1, 'stale', 'so', NULL)");
    const store = new SqliteFleetStore(database);
    expect(store.find(parseCohortQuery("region==north;subscribed==true")).toArray()).toEqual([0, 1, 2]);
    expect(store.byOrdinal(1)).toEqual({ ordinal: 1, ...camera(1) });
    expect(store.provenance(1)?.others).toEqual({ source: "unknown", atMs: 0 });
    expect([...store.evidence(RoaringBitmap32.of(1), 0)]).toEqual([{ kind: "sent", ordinal: 1, atMs: T0, commandId: "c" }]);
    expect(store.verdictCounts("a").stale).toBe(1);
    store.addEvidence([{ kind: "connected", ordinal: 1, atMs: T0 + 1 }]);
    expect([...store.evidence(RoaringBitmap32.of(1), 0)].map(({ kind }) => kind)).toEqual(["sent", "connected"]);
  });
});
