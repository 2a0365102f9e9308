/** Imports as rows: how far each is kept commits together with the devices. */
import type { Database } from "bun:sqlite";
import type { DeviceFacts } from "../device.ts";
import type { FleetErrorCode } from "../errors.ts";
import type { Position } from "../import/blocks.ts";
import type { ImportJob, ImportState, ImportStore } from "../import/import-job.ts";
import type { ImportFormat } from "../import/reader.ts";
import type { FleetStore } from "../store.ts";

interface Row {
  readonly id: string;
  readonly format: ImportFormat;
  readonly who: string;
  readonly bytes: number;
  readonly started_ms: number;
  readonly state: ImportState;
  readonly offset: number;
  readonly lines: number;
  readonly added: number;
  readonly updated: number;
  readonly ended_ms: number | null;
  readonly code: FleetErrorCode | null;
  readonly message: string | null;
}

export class SqliteImportStore implements ImportStore {
  readonly #database: Database;
  readonly #fleet: FleetStore;

  /** On the database of the fleet's store, which has made the table. */
  constructor(database: Database, fleet: FleetStore) {
    this.#database = database;
    this.#fleet = fleet;
  }

  openImport({ id, format, who, bytes, startedMs }: Pick<ImportJob, "id" | "format" | "who" | "bytes" | "startedMs">): ImportJob {
    const sql = "INSERT INTO device_import (id, format, who, bytes, started_ms, state) VALUES (?, ?, ?, ?, ?, 'checking') RETURNING *";
    const row = this.#database.query<Row, [string, string, string, number, number]>(sql).get(id, format, who, bytes, startedMs);
    if (row === null) throw new Error("the database returned no row for what it inserted");
    return toJob(row);
  }

  import(id: string): ImportJob | undefined {
    const row = this.#database.query<Row, [string]>("SELECT * FROM device_import WHERE id = ?").get(id);
    return row === null ? undefined : toJob(row);
  }

  unfinishedImports(): readonly ImportJob[] {
    return this.#database.query<Row, []>("SELECT * FROM device_import WHERE ended_ms IS NULL ORDER BY rowid").all().map(toJob);
  }

  startKeeping(id: string): void {
    this.#database.query("UPDATE device_import SET state = 'keeping' WHERE id = ? AND state = 'checking'").run(id);
  }

  keepBlock({ id, who, startedMs }: ImportJob, devices: readonly DeviceFacts[], end: Position): void {
    this.#database.transaction(() => {
      const { added, updated } = this.#fleet.upsert(devices, { source: "import", who, atMs: startedMs });
      this.#database
        .query("UPDATE device_import SET offset = ?, lines = ?, added = added + ?, updated = updated + ? WHERE id = ?")
        .run(end.offset, end.lines, added, updated, id);
    })();
  }

  endImport(id: string, endedMs: number, error?: ImportJob["error"]): void {
    this.#database
      .query("UPDATE device_import SET state = ?, ended_ms = ?, code = ?, message = ? WHERE id = ? AND ended_ms IS NULL")
      .run(error === undefined ? "kept" : "refused", endedMs, error?.code ?? null, error?.message ?? null, id);
  }
}

function toJob({ started_ms, ended_ms, offset, lines, code, message, ...row }: Row): ImportJob {
  return {
    ...row,
    startedMs: started_ms,
    position: { offset, lines },
    ...(ended_ms !== null && { endedMs: ended_ms }),
    ...(code !== null && { error: { code, message: message ?? "" } }),
  };
}
