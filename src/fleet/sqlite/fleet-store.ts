/** The embedded fleet store: SQLite behind the port. It keeps and classifies; it concludes nothing. */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import type { InstalledSoftware } from "../../openc2/profiles/x-swup/model.ts";
import { type CohortReport, type CohortRequest, LEFT_OUT_REASONS, type LeftOutReason } from "../cohort.ts";
import { parseCohortQuery } from "../cohort-query.ts";
import type { Device, DeviceFacts } from "../device.ts";
import type { Evidence } from "../evidence.ts";
import { ORDINALS_PER_READ } from "../limits.ts";
import type { FleetStore } from "../store.ts";
import type { StoredVerdict, VerdictName } from "../verdict.ts";
import { migrate } from "./database.ts";
import { toSql } from "./query-sql.ts";
import { FLEET_SCHEMA } from "./schema.ts";

interface DeviceRow {
  readonly ordinal: number;
  readonly id: string;
  readonly tenant: string;
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly hardware: string;
  readonly region: string;
  readonly subscribed: number;
  readonly opted_out: number;
  readonly last_seen_ms: number;
}

const UPSERT = `
  INSERT INTO device (ordinal, id, tenant, vendor, name, version, hardware, region, subscribed, opted_out)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, vendor = excluded.vendor, name = excluded.name, version = excluded.version,
    hardware = excluded.hardware, region = excluded.region, subscribed = excluded.subscribed, opted_out = excluded.opted_out`;

export class SqliteFleetStore implements FleetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    migrate(database, "fleet", FLEET_SCHEMA);
  }

  upsert(devices: Iterable<DeviceFacts>): { added: number; updated: number } {
    const statement = this.#database.query(UPSERT);
    return this.#database.transaction(() => {
      const before = this.count();
      let next = this.#first<{ next: number }>("SELECT coalesce(max(ordinal) + 1, 0) AS next FROM device", [])?.next ?? 0;
      let given = 0;
      for (const device of devices) {
        // A device that is known keeps its ordinal; the number tried here is then used for the next one.
        const isNew = this.byId(device.id) === undefined;
        statement.run(next, ...columnsOf(device));
        if (isNew) next += 1;
        given += 1;
      }
      const added = this.count() - before;
      return { added, updated: given - added };
    })();
  }

  byId(id: string): Device | undefined {
    const row = this.#first<DeviceRow>("SELECT * FROM device WHERE id = ?", [id]);
    return row && toDevice(row);
  }

  byOrdinal(ordinal: number): Device | undefined {
    const row = this.#first<DeviceRow>("SELECT * FROM device WHERE ordinal = ?", [ordinal]);
    return row && toDevice(row);
  }

  count(tenant?: string): number {
    const sql = "SELECT count(*) AS count FROM device WHERE ?1 IS NULL OR tenant = ?1";
    return this.#first<{ count: number }>(sql, [tenant ?? null])?.count ?? 0;
  }

  *devices(set: RoaringBitmap32): Iterable<Device> {
    for (const ordinals of slicesOf(set)) {
      const marks = ordinals.map(() => "?").join();
      yield* this.#all<DeviceRow>(`SELECT * FROM device WHERE ordinal IN (${marks}) ORDER BY ordinal`, ordinals).map(toDevice);
    }
  }

  select(request: CohortRequest): CohortReport {
    const { tenant, vendor, name, newVersion, oldVersion, query, optOutOverride } = request;
    const condition = query === undefined ? { sql: "1", values: [] } : toSql(parseCohortQuery(query));
    // One pass; the tests stand in the order of LEFT_OUT_REASONS, and NULL means selected.
    const sql = `SELECT ordinal, CASE
        WHEN tenant <> ? THEN 0 WHEN NOT (vendor = ? AND name = ?) THEN 1 WHEN version = ? THEN 2
        WHEN ? IS NOT NULL AND version <> ? THEN 3 WHEN NOT ${condition.sql} THEN 4
        WHEN subscribed = 0 THEN 5 WHEN opted_out = 1 AND ? = 0 THEN 6 END AS reason
      FROM device ORDER BY ordinal`;
    const old = oldVersion ?? null;
    const values = [tenant, vendor, name, newVersion, old, old, ...condition.values, optOutOverride === undefined ? 0 : 1];
    const selected: number[] = [];
    const counts = LEFT_OUT_REASONS.map(() => 0);
    for (const [ordinal, reason] of this.#database.query(sql).values(...values) as [number, number | null][]) {
      if (reason === null) selected.push(ordinal);
      else counts[reason] = (counts[reason] ?? 0) + 1;
    }
    const leftOut = Object.fromEntries(LEFT_OUT_REASONS.map((reason, index) => [reason, counts[index] ?? 0]));
    return { selected: RoaringBitmap32.from(selected), leftOut: leftOut as { [reason in LeftOutReason]: number } };
  }

  observe(ordinal: number, software: InstalledSoftware | undefined, atMs: number): void {
    this.#run("UPDATE device SET version = coalesce(?, version), last_seen_ms = max(last_seen_ms, ?) WHERE ordinal = ?", [
      software?.version ?? null,
      atMs,
      ordinal,
    ]);
  }

  addEvidence(evidence: Iterable<Evidence>): void {
    const statement = this.#database.query("INSERT INTO evidence (ordinal, at_ms, document) VALUES (?, ?, ?)");
    this.#database.transaction(() => {
      for (const { ordinal, atMs, ...rest } of evidence) statement.run(ordinal, atMs, JSON.stringify(rest));
    })();
  }

  *evidence(set: RoaringBitmap32, sinceMs: number): Iterable<Evidence> {
    for (const ordinals of slicesOf(set)) {
      const marks = ordinals.map(() => "?").join();
      const rows = this.#all<{ ordinal: number; at_ms: number; document: string }>(
        `SELECT ordinal, at_ms, document FROM evidence WHERE ordinal IN (${marks}) AND at_ms >= ? ORDER BY ordinal, seq`,
        [...ordinals, sinceMs],
      );
      for (const { ordinal, at_ms: atMs, document } of rows) yield { ...JSON.parse(document), ordinal, atMs };
    }
  }

  putVerdicts(campaignId: string, verdicts: Iterable<StoredVerdict>): void {
    const statement = this.#database.query(
      `INSERT INTO verdict (campaign_id, ordinal, verdict, because, evidence_at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (campaign_id, ordinal)
       DO UPDATE SET verdict = excluded.verdict, because = excluded.because, evidence_at_ms = excluded.evidence_at_ms`,
    );
    this.#database.transaction(() => {
      for (const { ordinal, verdict, because, evidenceAtMs } of verdicts)
        statement.run(campaignId, ordinal, verdict, because, evidenceAtMs ?? null);
    })();
  }

  verdicts(campaignId: string): readonly StoredVerdict[] {
    const sql = "SELECT ordinal, verdict, because, evidence_at_ms FROM verdict WHERE campaign_id = ? ORDER BY ordinal";
    return this.#all<{ ordinal: number; verdict: VerdictName; because: string; evidence_at_ms: number | null }>(sql, [campaignId]).map(
      ({ evidence_at_ms: evidenceAtMs, ...verdict }) => ({ ...verdict, ...(evidenceAtMs !== null && { evidenceAtMs }) }),
    );
  }

  #first<T>(sql: string, values: SQLQueryBindings[]): T | undefined {
    return this.#database.query<T, SQLQueryBindings[]>(sql).get(...values) ?? undefined;
  }

  #all<T>(sql: string, values: SQLQueryBindings[]): T[] {
    return this.#database.query<T, SQLQueryBindings[]>(sql).all(...values);
  }

  #run(sql: string, values: SQLQueryBindings[]): void {
    this.#database.query(sql).run(...values);
  }
}

function columnsOf({ id, tenant, vendor, name, version, hardware, region, subscribed, optedOut }: DeviceFacts): SQLQueryBindings[] {
  return [id, tenant, vendor, name, version, hardware, region, subscribed ? 1 : 0, optedOut ? 1 : 0];
}

function toDevice({ subscribed, opted_out: optedOut, last_seen_ms: lastSeenMs, ...row }: DeviceRow): Device {
  return { ...row, subscribed: subscribed === 1, optedOut: optedOut === 1, lastSeenMs };
}

function* slicesOf(set: RoaringBitmap32): Iterable<number[]> {
  const ordinals = set.toArray();
  for (let start = 0; start < ordinals.length; start += ORDINALS_PER_READ) yield ordinals.slice(start, start + ORDINALS_PER_READ);
}
