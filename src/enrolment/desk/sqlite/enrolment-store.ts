/** The embedded store of enrolment: SQLite, in the manager's one database file. It keeps and decides nothing. */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import { migrate } from "../../../fleet/sqlite/database.ts";
import type { Expected, WaitingRequest, WaitReason } from "../../claim.ts";
import type { IdentityRecord, IssuedCertificate } from "../decide.ts";
import type { EnrolmentStore } from "../store.ts";
import { ENROLMENT_SCHEMA } from "./schema.ts";

interface IdentityRow {
  readonly id: string;
  readonly current_key: string | null;
  readonly certificate: string | null;
  readonly not_before_ms: number | null;
  readonly not_after_ms: number | null;
}

interface RequestRow {
  readonly id: string;
  readonly request: string;
  readonly reason: WaitReason;
  readonly at_ms: number;
}

const PUT_CERTIFICATE = `
  INSERT INTO enrolment_identity (id, current_key, certificate, not_before_ms, not_after_ms) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (id) DO UPDATE SET current_key = ?2, certificate = ?3, not_before_ms = ?4, not_after_ms = ?5`;

export class SqliteEnrolmentStore implements EnrolmentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    migrate(database, "enrolment", ENROLMENT_SCHEMA);
  }

  /** Takes the write lock at once, so that what is read inside is what is written upon. */
  atomically<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }

  expect({ id, vendor, serial }: Expected): boolean {
    const sql = `INSERT INTO enrolment_identity (id, vendor, serial) VALUES (?1, ?2, ?3)
      ON CONFLICT (id) DO UPDATE SET vendor = ?2, serial = ?3 WHERE vendor IS NULL OR (vendor = ?2 AND serial = ?3)
      ON CONFLICT (vendor, serial) DO NOTHING RETURNING id`;
    return this.#first<{ id: string }>(sql, [id, vendor, serial]) !== undefined;
  }

  byFactory(vendor: string, serial: string): IdentityRecord | undefined {
    return toRecord(this.#first<IdentityRow>("SELECT * FROM enrolment_identity WHERE vendor = ? AND serial = ?", [vendor, serial]));
  }

  byId(id: string): IdentityRecord | undefined {
    return toRecord(this.#first<IdentityRow>("SELECT * FROM enrolment_identity WHERE id = ?", [id]));
  }

  keyOwner(keySha256: string): string | undefined {
    return this.#first<{ id: string }>("SELECT id FROM enrolment_key WHERE key = ?", [keySha256])?.id;
  }

  putCertificate(id: string, keySha256: string, { der, notBeforeMs, notAfterMs }: IssuedCertificate): void {
    this.#run("INSERT INTO enrolment_key (key, id) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", [keySha256, id]);
    this.#run(PUT_CERTIFICATE, [id, keySha256, der, notBeforeMs, notAfterMs]);
  }

  word(id: string, keySha256: string): "admitted" | "refused" | undefined {
    const sql = "SELECT word FROM enrolment_request WHERE id = ? AND key = ?";
    return this.#first<{ word: "admitted" | "refused" | null }>(sql, [id, keySha256])?.word ?? undefined;
  }

  putWaiting({ id, keySha256, request, reason, atMs }: WaitingRequest & { readonly keySha256: string }): boolean {
    const sql =
      "INSERT INTO enrolment_request (id, key, request, reason, at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id";
    return this.#first<{ id: string }>(sql, [id, keySha256, request, reason, atMs]) !== undefined;
  }

  waiting(): readonly WaitingRequest[] {
    const sql = "SELECT id, request, reason, at_ms FROM enrolment_request WHERE word IS NULL ORDER BY at_ms, request";
    return this.#database.query<RequestRow, []>(sql).all().map(toRequest);
  }

  answer(request: string, word: "admitted" | "refused"): WaitingRequest | undefined {
    const sql = "UPDATE enrolment_request SET word = ? WHERE request = ? AND word IS NULL RETURNING id, request, reason, at_ms";
    const row = this.#first<RequestRow>(sql, [word, request]);
    return row && toRequest(row);
  }

  forget(id: string, keySha256: string): void {
    this.#run("DELETE FROM enrolment_request WHERE id = ? AND key = ?", [id, keySha256]);
  }

  #first<Row>(sql: string, values: SQLQueryBindings[]): Row | undefined {
    return this.#database.query<Row, SQLQueryBindings[]>(sql).get(...values) ?? undefined;
  }

  #run(sql: string, values: SQLQueryBindings[]): void {
    this.#database.query<unknown, SQLQueryBindings[]>(sql).run(...values);
  }
}

function toRecord(row: IdentityRow | undefined): IdentityRecord | undefined {
  if (row === undefined) return undefined;
  const { id, current_key: currentKey, certificate, not_before_ms, not_after_ms } = row;
  return {
    id,
    ...(currentKey !== null && { currentKey }),
    ...(certificate !== null && { certificate: { der: certificate, notBeforeMs: not_before_ms ?? 0, notAfterMs: not_after_ms ?? 0 } }),
  };
}

function toRequest({ id, request, reason, at_ms: atMs }: RequestRow): WaitingRequest {
  return { id, request, reason, atMs };
}
