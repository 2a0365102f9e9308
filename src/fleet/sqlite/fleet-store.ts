/** The embedded fleet store: SQLite behind the port. It keeps and classifies; it concludes nothing. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import type { CohortReport, CohortRequest } from "../cohort.ts";
import type { CohortQuery } from "../cohort-query.ts";
import { classify, devicesOf } from "../cohort-sets.ts";
import type { Device, DeviceFacts, Provenance, Said } from "../device.ts";
import type { Evidence, SentBatch } from "../evidence.ts";
import { eachSet } from "../facts.ts";
import { SetChanges } from "../set-changes.ts";
import type { FleetStore, Observation, Part, PartField } from "../store.ts";
import type { StoredVerdict, VerdictCounts, VerdictName } from "../verdict.ts";
import { migrate } from "./database.ts";
import { DeviceSets } from "./device-sets.ts";
import { type DeviceRow, factColumns, INSERT_DEVICE, provenanceOf, toDevice, UPDATE_DEVICE } from "./device-rows.ts";
import { EvidenceLog } from "./evidence-log.ts";
import { OrdinalSets } from "./ordinal-sets.ts";
import { pagesOf, rowsOf } from "./pages.ts";
import { rebuildSets } from "./rebuild-sets.ts";
import { FLEET_SCHEMA } from "./schema.ts";
import { VerdictRows } from "./verdict-rows.ts";

export class SqliteFleetStore implements FleetStore {
  readonly #database: Database;
  readonly #sets: OrdinalSets;
  readonly #facts: DeviceSets;
  readonly #log: EvidenceLog;
  readonly #verdicts: VerdictRows;

  constructor(database: Database) {
    this.#database = database;
    migrate(database, "fleet", FLEET_SCHEMA);
    this.#sets = new OrdinalSets(database);
    this.#facts = new DeviceSets(database, this.#sets);
    this.#log = new EvidenceLog(database);
    this.#verdicts = new VerdictRows(database, this.#sets);
    rebuildSets(database, this.#sets);
  }

  upsert(devices: Iterable<DeviceFacts>, said: Said): { added: number; updated: number } {
    const insert = this.#database.query(INSERT_DEVICE);
    const update = this.#database.query(UPDATE_DEVICE);
    const changes = new SetChanges();
    return this.#database.transaction(() => {
      const first = this.#facts.size();
      let next = first;
      let given = 0;
      for (const device of devices) {
        given += 1;
        const columns = factColumns(device, said);
        if (insert.run(next, device.id, ...columns).changes > 0) {
          const ordinal = next++;
          eachSet(device, (field, value) => changes.add(field, value, ordinal));
          continue;
        }
        const known = this.byId(device.id);
        if (known === undefined) throw new Error(`the row of ${device.id} was neither inserted nor is it there`);
        update.run(...columns, known.ordinal);
        moveSets(changes, known, device);
      }
      this.#sets.apply(changes);
      return { added: next - first, updated: given - (next - first) };
    })();
  }

  byId(id: string): Device | undefined {
    const row = this.#database.query<DeviceRow, [string]>("SELECT * FROM device WHERE id = ?").get(id);
    return row === null ? undefined : toDevice(row);
  }

  byOrdinal(ordinal: number): Device | undefined {
    const row = this.#row(ordinal);
    return row && toDevice(row);
  }

  provenance(ordinal: number): Provenance | undefined {
    const row = this.#row(ordinal);
    return row && provenanceOf(row);
  }

  count(tenant?: string): number {
    return tenant === undefined ? this.#facts.size() : this.#sets.count("tenant", tenant);
  }

  *devices(set: RoaringBitmap32): Iterable<Device> {
    for (const ordinals of pagesOf(set)) {
      const { condition, values } = rowsOf(ordinals);
      const rows = this.#database.query<DeviceRow, (number | string)[]>(`SELECT * FROM device WHERE ${condition} ORDER BY ordinal`);
      for (const row of rows.all(...values)) if (set.has(row.ordinal)) yield toDevice(row);
    }
  }

  *ids(set: RoaringBitmap32): Iterable<{ id: string; ordinal: number }> {
    for (const ordinals of pagesOf(set)) {
      const { condition, values } = rowsOf(ordinals);
      const rows = this.#database.query(`SELECT ordinal, id FROM device WHERE ${condition} ORDER BY ordinal`);
      for (const [ordinal, id] of rows.values(...values) as [number, string][]) if (set.has(ordinal)) yield { id, ordinal };
    }
  }

  find(query: CohortQuery): RoaringBitmap32 {
    return devicesOf(query, this.#facts);
  }

  parts(set: RoaringBitmap32, field: PartField): readonly Part[] {
    return this.#facts.values(field).flatMap((value) => {
      const devices = this.#facts.holding(field, value);
      devices.andInPlace(set);
      return devices.isEmpty ? [] : [{ value, devices }];
    });
  }

  select(request: CohortRequest, nowMs: number): CohortReport {
    return classify(request, this.#facts, nowMs);
  }

  observe(observations: Iterable<Observation>): void {
    const update = this.#database.query(
      "UPDATE device SET version = ?, counter = NULL, sha256 = ?, software_by = 'check-in', software_at_ms = ? WHERE ordinal = ?",
    );
    const changes = new SetChanges();
    this.#database.transaction(() => {
      for (const { ordinal, atMs, software } of observations) {
        if (software === undefined) continue;
        const row = this.#row(ordinal);
        const sha256 = software.hashes?.sha256?.toLowerCase() ?? null;
        if (row === undefined || atMs < row.software_at_ms) continue;
        if (row.version === software.version && (sha256 === null || row.sha256 === sha256)) continue;
        update.run(software.version, sha256, atMs, ordinal);
        const known = toDevice(row);
        const { counter: _unknown, ...facts } = known;
        moveSets(changes, known, { ...facts, version: software.version });
      }
      this.#sets.apply(changes);
    })();
  }

  addEvidence(evidence: Iterable<Evidence>, sent: readonly SentBatch[] = []): void {
    this.#database.transaction(() => this.#log.add(evidence, sent))();
  }

  evidence(set: RoaringBitmap32, sinceMs: number): Iterable<Evidence> {
    return this.#log.read(set, sinceMs);
  }

  putVerdicts(campaignId: string, verdicts: Iterable<StoredVerdict>): void {
    this.#verdicts.put(campaignId, verdicts);
  }

  verdicts(campaignId: string): Iterable<StoredVerdict> {
    return this.#verdicts.read(campaignId);
  }

  verdictCounts(campaignId: string): VerdictCounts {
    return this.#verdicts.counts(campaignId);
  }

  devicesWith(campaignId: string, verdict: VerdictName): RoaringBitmap32 {
    return this.#verdicts.having(campaignId, verdict);
  }

  #row(ordinal: number): DeviceRow | undefined {
    return this.#database.query<DeviceRow, [number]>("SELECT * FROM device WHERE ordinal = ?").get(ordinal) ?? undefined;
  }
}

/** Only what differs: a device that is imported again as it was touches no set. */
function moveSets(changes: SetChanges, before: Device, after: DeviceFacts): void {
  const left = new Map<string, readonly [string, string]>();
  eachSet(before, (field, value) => left.set(`${field} ${value}`, [field, value]));
  eachSet(after, (field, value) => {
    if (!left.delete(`${field} ${value}`)) changes.add(field, value, before.ordinal);
  });
  for (const [field, value] of left.values()) changes.remove(field, value, before.ordinal);
}
