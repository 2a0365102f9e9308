/** Everything that is measured at one size, on one database: import, questions, freeze, lookups, check-ins, marks and verdicts. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { assignWaves, defaultLadder } from "../../../src/campaign/wave-order.ts";
import { parseCohortQuery } from "../../../src/fleet/cohort-query.ts";
import { ImportDesk } from "../../../src/fleet/import/import-desk.ts";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import { SqliteImportStore } from "../../../src/fleet/sqlite/import-rows.ts";
import type { FleetStore } from "../../../src/fleet/store.ts";
import { type StoredVerdict, VERDICTS } from "../../../src/fleet/verdict.ts";
import { median, round } from "../support/statistics.ts";
import { idOf, mix, TENANT, VERSIONS, writeFleet } from "./devices.ts";
import { IntakeLoad } from "./intake-load.ts";
import { clock, rates, spentOn } from "./spent.ts";
import { scan } from "./sqlite/scan.ts";

/** What operators ask: a model in two regions, old versions, a tag with a wildcard, and nearly everybody. */
export const QUERIES = {
  model: "vendor==maker-7;name==model-27;version==1.1.0;region=in=(region-3,region-4)",
  older: "vendor==maker-7;version=lt=1.10.0;subscribed==true;optedOut==false",
  tag: "tag==tag-7;region!=region-3;timeZone==Europe/*",
  most: "subscribed==true;optedOut==false;hardware!=r2",
} as const;
const COUNTERS = Object.fromEntries(VERSIONS.map((version, index) => [version, index + 1]));
const ROUNDS = 5;
const LOOKUPS = 100_000;

export async function measure(directory: string, devices: number) {
  const database = openDatabase(join(directory, "edict.db"));
  const fleet = new SqliteFleetStore(database);
  const imported = await importFleet(directory, devices, fleet, new SqliteImportStore(database, fleet));
  const questions = Object.entries(QUERIES).map(([name, text]) => {
    const query = parseCohortQuery(text, COUNTERS);
    const sets = timed(ROUNDS, () => fleet.find(query).size);
    const rows = timed(1, () => scan(database, query));
    return { query: name, found: sets.value, sameAsScan: sets.value === rows.value, setsMs: sets.ms, scanMs: rows.ms };
  });
  const counts = countThings(fleet);
  const frozen = freeze(fleet);
  const lookups = lookUp(fleet, devices);
  const writeBack = () => database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const load = new IntakeLoad({ fleet, campaigns: new SqliteCampaignStore(database), devices, writeBack });
  const checkIns = { first: load.checkIns(), later: load.checkIns() };
  const marks = load.marks(frozen.cohort);
  const verdicts = conclude(fleet, devices);
  const sqlCount = timed(
    1,
    () => database.query("SELECT verdict, count(*) FROM verdict WHERE campaign_id = 'bench' GROUP BY verdict").values().length,
  );
  writeBack();
  database.close();
  const { cohort: _set, ...freezing } = frozen;
  return {
    devices,
    import: imported,
    questions,
    counts,
    freeze: freezing,
    lookups,
    checkIns,
    marks,
    verdicts: { ...verdicts, sqlCountMs: sqlCount.ms },
    diskMiB: round(statSync(join(directory, "edict.db")).size / 2 ** 20, 0),
  };
}

async function importFleet(directory: string, count: number, fleet: FleetStore, store: SqliteImportStore) {
  const path = join(directory, "devices.csv");
  const bytes = await writeFleet(path, count);
  const desk = new ImportDesk({
    store,
    directory: join(directory, "imports"),
    tenant: TENANT,
    nowMs: () => Date.now(),
    onFault: (error) => {
      throw error;
    },
  });
  const spent = clock();
  const { id } = await desk.receive(Bun.file(path).stream(), "csv", "bench");
  const received = spent();
  let checked = received;
  while (store.import(id)?.state === "checking") {
    await desk.wait(id, 50);
    checked = spent();
  }
  while ((await desk.wait(id, 60_000))?.endedMs === undefined);
  const ended = spent();
  if (fleet.count() !== count) throw new Error(`${fleet.count()} of ${count} devices are there`);
  const seconds = (from: number, to: number) => round((to - from) / 1_000, 1);
  return {
    fileMiB: round(bytes / 2 ** 20, 0),
    receiveS: seconds(0, received.ms),
    checkS: seconds(received.ms, checked.ms),
    keepS: seconds(checked.ms, ended.ms),
    ...rates(count, [ended]),
  };
}

function countThings(fleet: FleetStore) {
  const cohort = fleet.find(parseCohortQuery(QUERIES.most));
  const other = fleet.find(parseCohortQuery("region=in=(region-1,region-2,region-3)"));
  return {
    tenantMs: timed(ROUNDS, () => fleet.count(TENANT)).ms,
    unionMs: timed(ROUNDS, () => RoaringBitmap32.or(cohort, other).size).ms,
    differenceMs: timed(ROUNDS, () => cohort.andNotCardinality(other)).ms,
  };
}

/** Everybody who may be sent to, in waves: what approving a campaign to the whole fleet costs. */
function freeze(fleet: FleetStore) {
  const selected = timed(1, () => fleet.find(parseCohortQuery(QUERIES.most)));
  const cohort = selected.value;
  const waves = rates(cohort.size, [spentOn(() => assignWaves(fleet.ids(cohort), "bench", defaultLadder(cohort.size)))]);
  return { cohort, targeted: cohort.size, selectMs: selected.ms, waves };
}

function lookUp(fleet: FleetStore, devices: number) {
  const ids = Array.from({ length: LOOKUPS }, (_, index) => idOf(mix(index) % devices));
  return rates(LOOKUPS, [spentOn(() => ids.every((id) => fleet.byId(id) !== undefined))]);
}

function conclude(fleet: FleetStore, devices: number) {
  const verdicts = function* (): Iterable<StoredVerdict> {
    for (let ordinal = 0; ordinal < devices; ordinal += 1) {
      const verdict = VERDICTS[mix(ordinal) % VERDICTS.length] ?? "unknown";
      yield {
        ordinal,
        verdict,
        because: "it runs the new version, and started after the command",
        evidenceAtMs: 1_800_000_000_000 + ordinal,
      };
    }
  };
  const put = rates(devices, [spentOn(() => fleet.putVerdicts("bench", verdicts()))]);
  const counted = timed(ROUNDS, () => Object.values(fleet.verdictCounts("bench")).reduce((sum, count) => sum + count, 0));
  if (counted.value !== devices) throw new Error(`${counted.value} of ${devices} devices have a verdict`);
  return { put, countMs: counted.ms };
}

function timed<T>(rounds: number, work: () => T): { readonly value: T; readonly ms: number } {
  const times: number[] = [];
  let value = work1();
  for (let round = 1; round < rounds; round += 1) value = work1();
  return { value, ms: round(median(times)) };

  function work1(): T {
    const started = performance.now();
    const result = work();
    times.push(performance.now() - started);
    return result;
  }
}
