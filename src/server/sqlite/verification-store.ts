/** Verifications under way, in the manager's database: one row for each campaign, the newest. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import { migrate } from "../../fleet/sqlite/database.ts";
import type { Verification, VerificationStore } from "../verification.ts";

const SCHEMA = [
  `CREATE TABLE verification (
     campaign_id TEXT PRIMARY KEY,
     document TEXT NOT NULL,
     asking_order BLOB NOT NULL,
     uncertain BLOB NOT NULL
   ) STRICT`,
];

interface Row {
  readonly document: string;
  readonly asking_order: Uint8Array;
  readonly uncertain: Uint8Array;
}

export class SqliteVerificationStore implements VerificationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    migrate(database, "verification", SCHEMA);
  }

  put(campaignId: string, { order, uncertain, ...document }: Verification): void {
    this.#database
      .query("INSERT OR REPLACE INTO verification (campaign_id, document, asking_order, uncertain) VALUES (?, ?, ?, ?)")
      .run(
        campaignId,
        JSON.stringify(document),
        new Uint8Array(order.buffer, order.byteOffset, order.byteLength),
        uncertain.serialize("portable"),
      );
  }

  get(campaignId: string): Verification | undefined {
    const row = this.#database.query<Row, [string]>("SELECT * FROM verification WHERE campaign_id = ?").get(campaignId);
    if (row === null) return undefined;
    return {
      ...JSON.parse(row.document),
      order: new Uint32Array(row.asking_order.slice().buffer),
      uncertain: RoaringBitmap32.deserialize("portable", row.uncertain),
    };
  }
}
