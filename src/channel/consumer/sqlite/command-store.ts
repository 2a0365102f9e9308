/**
 * Accepted commands in an SQLite file. What is written in one turn of the event loop is one transaction with one sync, so that a
 * hundred commands that arrive together cost one; reads see it at once. A transaction that fails is undone as a whole, and all
 * who wait for it are told.
 */
import { Database, type SQLQueryBindings } from "bun:sqlite";
import type { CommandStore, Kept } from "../../../openc2/consumer/index.ts";
import { SCHEMA } from "./schema.ts";

interface Row {
  readonly seq: number;
  readonly document: string;
}

export class SqliteCommandStore implements CommandStore {
  readonly #database: Database;
  /** Of the transaction that is open. */
  #sync: PromiseWithResolvers<void> | undefined;

  /** Opens or makes the file; one process at a time may have it. `pagesMax` bounds the file, 4 KiB a page; default: no bound. */
  constructor(path: string, { pagesMax }: { readonly pagesMax?: number } = {}) {
    this.#database = new Database(path, { create: true, strict: true });
    // Before WAL: in this mode the file is locked from the first use until it is closed. Two processes would do each command twice.
    this.#database.run("PRAGMA locking_mode = EXCLUSIVE");
    this.#database.run("PRAGMA journal_mode = WAL");
    this.#database.run("PRAGMA synchronous = FULL");
    this.#database.run(SCHEMA);
    if (pagesMax !== undefined) this.#database.run(`PRAGMA max_page_count = ${pagesMax}`);
  }

  add(kept: Omit<Kept, "seq">): Kept {
    const values = [kept.peer, kept.id ?? null, kept.state, kept.startMs, kept.finishedMs ?? null, JSON.stringify(kept)];
    const sql = "INSERT INTO consumer_command (peer, id, state, start_ms, finished_ms, document) VALUES (?, ?, ?, ?, ?, ?)";
    return { ...kept, seq: Number(this.#write(sql, values)) };
  }

  update({ seq, ...kept }: Kept): void {
    const sql = "UPDATE consumer_command SET state = ?, start_ms = ?, finished_ms = ?, document = ? WHERE seq = ?";
    this.#write(sql, [kept.state, kept.startMs, kept.finishedMs ?? null, JSON.stringify(kept), seq]);
  }

  get(seq: number): Kept | undefined {
    return this.#read("seq = ?", [seq])[0];
  }

  byId(id: string): readonly Kept[] {
    return this.#read("id = ? ORDER BY seq", [id]);
  }

  due(nowMs: number): Kept | undefined {
    return this.#read("state = 'waiting' AND start_ms <= ? ORDER BY start_ms, seq LIMIT 1", [nowMs])[0];
  }

  nextDueMs(): number | undefined {
    return this.#read("state = 'waiting' ORDER BY start_ms, seq LIMIT 1")[0]?.startMs;
  }

  running(): readonly Kept[] {
    return this.#read("finished_ms IS NULL AND state = 'running' ORDER BY seq");
  }

  unfinished(peer?: string): number {
    const sql = "SELECT count(*) AS count FROM consumer_command WHERE finished_ms IS NULL";
    const query = this.#database.query<{ count: number }, SQLQueryBindings[]>(peer === undefined ? sql : `${sql} AND peer = ?`);
    return (peer === undefined ? query.get() : query.get(peer))?.count ?? 0;
  }

  forgetFinishedBefore(atMs: number): void {
    this.#write("DELETE FROM consumer_command WHERE finished_ms < ?", [atMs]);
  }

  forgetAllBut(newest: number, peer: string): void {
    const last = "SELECT seq FROM consumer_command WHERE peer = ?1 AND finished_ms IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?2";
    this.#write(`DELETE FROM consumer_command WHERE peer = ?1 AND finished_ms IS NOT NULL AND seq <= (${last})`, [peer, newest]);
  }

  synced(): Promise<void> {
    return this.#sync?.promise ?? Promise.resolve();
  }

  /** Commits what is open and lets go of the file. */
  close(): void {
    this.#commit();
    this.#database.close();
  }

  #read(where: string, values: SQLQueryBindings[] = []): readonly Kept[] {
    const rows = this.#database.query<Row, SQLQueryBindings[]>(`SELECT seq, document FROM consumer_command WHERE ${where}`).all(...values);
    return rows.map(({ seq, document }) => ({ ...JSON.parse(document), seq }));
  }

  #write(sql: string, values: SQLQueryBindings[]): number | bigint {
    if (this.#sync === undefined) {
      this.#database.run("BEGIN IMMEDIATE");
      this.#sync = Promise.withResolvers();
      // Nobody has to wait for it.
      this.#sync.promise.catch(() => undefined);
      setImmediate(() => this.#commit());
    }
    try {
      return this.#database.query(sql).run(...values).lastInsertRowid;
    } catch (cause) {
      this.#undo(cause);
      throw cause;
    }
  }

  #commit(): void {
    if (this.#sync === undefined) return;
    try {
      this.#database.run("COMMIT");
      this.#sync.resolve();
      this.#sync = undefined;
    } catch (cause) {
      this.#undo(cause);
    }
  }

  #undo(cause: unknown): void {
    this.#sync?.reject(cause);
    this.#sync = undefined;
    // After a full disk SQLite has undone it by itself.
    if (this.#database.inTransaction) this.#database.run("ROLLBACK");
  }
}
