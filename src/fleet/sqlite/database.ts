/** The one embedded database of a manager. Each room keeps its own tables in it, with its own numbered migrations. */
import { Database } from "bun:sqlite";

/** Opens or makes the file. WAL with full synchronisation: what was committed survives a power cut. */
export function openDatabase(path: string): Database {
  const database = new Database(path, { create: true, strict: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("PRAGMA foreign_keys = ON");
  database.run("PRAGMA busy_timeout = 5000");
  database.run("CREATE TABLE IF NOT EXISTS edict_migration (room TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT");
  return database;
}

/** Brings a room's tables up to date; steps are only ever appended. Each runs once, in its own transaction. */
export function migrate(database: Database, room: string, steps: readonly string[]): void {
  const row = database.query<{ version: number }, [string]>("SELECT version FROM edict_migration WHERE room = ?").get(room);
  for (const [index, step] of steps.entries()) {
    if (index < (row?.version ?? 0)) continue;
    database.transaction(() => {
      database.run(step);
      database.run(
        "INSERT INTO edict_migration (room, version) VALUES (?, ?) ON CONFLICT (room) DO UPDATE SET version = excluded.version",
        [room, index + 1],
      );
    })();
  }
}
