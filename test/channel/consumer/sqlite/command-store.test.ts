/** The SQLite store under the contract of every store, and what only a file can do: be shared, be full, be cut off. */
import { afterAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteCommandStore } from "../../../../src/channel/consumer/sqlite/command-store.ts";
import { commandStoreContract } from "../../../openc2/consumer/store.contract.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-consumer-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function open() {
  const path = join(directory, `${++files}.sqlite`);
  let store = new SqliteCommandStore(path);
  const reopen = () => {
    store.close();
    store = new SqliteCommandStore(path);
    return store;
  };
  return { store, reopen, path };
}

const command = { peer: "isp", id: "a", receivedMs: 0, startMs: 0, state: "waiting", attempts: 0 } as const;

describe("the SQLite store", () => {
  commandStoreContract(open);

  test("writes a turn's commands with one commit, and is on disk only then", async () => {
    const { store, path } = open();
    store.add(command);
    store.add(command);
    const isSynced = store.synced();
    expect(store.unfinished()).toBe(2);
    await isSynced;
    store.close();
    const database = new Database(path, { readonly: true });
    expect(database.query("SELECT count(*) AS count FROM consumer_command").get()).toEqual({ count: 2 });
    database.close();
  });

  test("a file that another process has is not opened: each command would be done twice", async () => {
    const { store, path } = open();
    store.add(command);
    await store.synced();
    expect(() => new SqliteCommandStore(path)).toThrow(/locked/);
  });

  test("a full disk undoes the whole turn and tells all who wait; then it goes on", async () => {
    const { store, path } = open();
    store.add(command);
    await store.synced();
    store.close();
    const database = new Database(path);
    const { page_count } = database.query<{ page_count: number }, []>("PRAGMA page_count").get()!;
    database.close();
    const full = new SqliteCommandStore(path, { pagesMax: page_count });
    full.add({ ...command, id: "small" });
    const small = full.synced();
    expect(() => full.add({ ...command, id: "large", command: "x".repeat(100_000) })).toThrow(/full/);
    await expect(small).rejects.toThrow(/full/);
    expect(full.unfinished()).toBe(1);
    full.add({ ...command, id: "small" });
    await full.synced();
    expect(full.byId("small").length).toBe(1);
  });
});
