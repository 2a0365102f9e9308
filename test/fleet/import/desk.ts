/** An import desk on a database of its own. */
import { join } from "node:path";
import { ImportDesk } from "../../../src/fleet/import/import-desk.ts";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import { SqliteImportStore } from "../../../src/fleet/sqlite/import-rows.ts";
import { T0 } from "../world.ts";

export function openDesk(directory: string, name: string = crypto.randomUUID(), onFault: (error: unknown) => void = rethrow) {
  const database = openDatabase(join(directory, `${name}.db`));
  const fleet = new SqliteFleetStore(database);
  const folder = join(directory, name);
  const store = new SqliteImportStore(database, fleet);
  const desk = new ImportDesk({
    store,
    directory: folder,
    tenant: "isp.example",
    nowMs: () => T0,
    onFault,
  });
  return { desk, fleet, store, folder, database };
}

function rethrow(error: unknown): never {
  throw error;
}
