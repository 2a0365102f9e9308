/** What marks would cost if the whole set of an order were read and written anew with each report. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";

export class Rewritten {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.run("CREATE TABLE rewritten (seq INTEGER PRIMARY KEY, ordinals BLOB NOT NULL) STRICT");
  }

  markSent(seq: number, ordinals: RoaringBitmap32): void {
    const mark = () => {
      const row = this.#database.query<{ ordinals: Uint8Array }, [number]>("SELECT ordinals FROM rewritten WHERE seq = ?").get(seq);
      const all = row === null ? ordinals : RoaringBitmap32.or(RoaringBitmap32.deserialize("portable", row.ordinals), ordinals);
      this.#database.query("INSERT OR REPLACE INTO rewritten (seq, ordinals) VALUES (?, ?)").run(seq, all.serialize("portable"));
    };
    this.#database.transaction(mark).immediate();
  }
}
