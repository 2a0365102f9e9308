/** Makes the sets of a database that has devices and verdicts from before there were sets. It runs once, when the store is opened. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import { eachSet } from "../facts.ts";
import { ORDINALS_PER_BLOCK } from "../limits.ts";
import { SetChanges } from "../set-changes.ts";
import { type DeviceRow, toDevice } from "./device-rows.ts";
import type { OrdinalSets } from "./ordinal-sets.ts";

export function rebuildSets(database: Database, sets: OrdinalSets): void {
  const hasSets = database.query("SELECT 1 FROM ordinal_set LIMIT 1").get() !== null;
  if (hasSets) return;
  database.transaction(() => {
    rebuildFacts(database, sets);
    rebuildVerdicts(database, sets);
  })();
}

function rebuildFacts(database: Database, sets: OrdinalSets): void {
  const block = database.query<DeviceRow, [number, number]>("SELECT * FROM device WHERE ordinal >= ? ORDER BY ordinal LIMIT ?");
  for (let from = 0; ; from += ORDINALS_PER_BLOCK) {
    const rows = block.all(from, ORDINALS_PER_BLOCK);
    const changes = new SetChanges();
    for (const row of rows) eachSet(toDevice(row), (field, value) => changes.add(field, value, row.ordinal));
    sets.apply(changes);
    if (rows.length < ORDINALS_PER_BLOCK) return;
  }
}

function rebuildVerdicts(database: Database, sets: OrdinalSets): void {
  const campaigns = database.query("SELECT DISTINCT campaign_id, verdict FROM verdict").values() as [string, string][];
  const ordinals = database.query("SELECT ordinal FROM verdict WHERE campaign_id = ? AND verdict = ?");
  for (const [campaignId, verdict] of campaigns) {
    const rows = ordinals.values(campaignId, verdict) as [number][];
    sets.move(`verdict ${campaignId}`, new Map([[verdict, RoaringBitmap32.from(rows.map(([ordinal]) => ordinal))]]));
  }
}
