/** The SQLite store under the contract of every campaign store, and what only SQL could try. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { campaignStoreContract } from "../store.contract.ts";
import { T0 } from "../world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-campaign-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function open() {
  const path = join(directory, `${++files}.sqlite`);
  let database = openDatabase(path);
  return {
    store: new SqliteCampaignStore(database),
    reopen: () => {
      database.close();
      database = openDatabase(path);
      return new SqliteCampaignStore(database);
    },
    path,
  };
}

describe("the SQLite campaign store", () => {
  campaignStoreContract(open);

  test("refuses to change or delete orders and ledger lines, even when asked in SQL", () => {
    const { store, path } = open();
    store.addOrder({ campaignId: "x", kind: "stop", statement: "{}", atMs: T0 });
    store.appendLedger({ atMs: T0, actor: "a", act: "b" });
    const database = openDatabase(path);
    for (const table of ["campaign_order", "campaign_ledger"]) {
      expect(() => database.run(`DELETE FROM ${table}`)).toThrow(/never deleted/);
      expect(() => database.run(`UPDATE ${table} SET seq = 7`)).toThrow(/never changed/);
    }
    database.close();
  });
});
