/**
 * The embedded campaign store: SQLite, in the same database file as the fleet, so that evidence and what follows from it
 * commit together. It keeps what it is given and decides nothing.
 */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import { migrate } from "../../fleet/sqlite/database.ts";
import type { Campaign } from "../campaign.ts";
import { CampaignError } from "../errors.ts";
import { chain } from "../ledger.ts";
import { LEDGER_PAGE, SENT_PARTS_MAX } from "../limits.ts";
import type { CampaignStore, LedgerAct, LedgerEntry, OrderRow } from "../ports.ts";
import { CAMPAIGN_SCHEMA } from "./schema.ts";

interface StoredOrder {
  readonly seq: number;
  readonly document: string;
  readonly targets: Uint8Array | null;
}
interface Blob {
  readonly ordinals: Uint8Array;
}

export class SqliteCampaignStore implements CampaignStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    migrate(database, "campaign", CAMPAIGN_SCHEMA);
  }

  /** Takes the write lock at once, so that what is read inside is what is written upon. */
  atomically<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }

  put(campaign: Campaign): void {
    this.#run(
      `INSERT INTO campaign (id, tenant, created_ms, document) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
      [campaign.id, campaign.tenant, campaign.createdMs, JSON.stringify(campaign)],
    );
  }

  get(id: string): Campaign | undefined {
    const row = this.#first<{ document: string }>("SELECT document FROM campaign WHERE id = ?", [id]);
    return row && JSON.parse(row.document);
  }

  list(tenant?: string): readonly Campaign[] {
    const rows = this.#all<{ document: string }>(
      "SELECT document FROM campaign WHERE ?1 IS NULL OR tenant = ?1 ORDER BY created_ms, rowid",
      [tenant ?? null],
    );
    return rows.map((row) => JSON.parse(row.document));
  }

  putCohort(id: string, cohort: RoaringBitmap32): void {
    this.#run("UPDATE campaign SET cohort = ? WHERE id = ?", [cohort.serialize("portable"), id]);
  }

  cohort(id: string): RoaringBitmap32 {
    return bitmap(
      this.#first<Blob>("SELECT cohort AS ordinals FROM campaign WHERE id = ? AND cohort IS NOT NULL", [id]),
      `cohort of ${id}`,
    );
  }

  putWaves(id: string, waves: readonly RoaringBitmap32[]): void {
    this.atomically(() => {
      this.#run("DELETE FROM campaign_wave WHERE campaign_id = ?", [id]);
      for (const [index, wave] of waves.entries()) this.addWave(id, index, wave);
    });
  }

  addWave(id: string, index: number, wave: RoaringBitmap32): void {
    this.#run("INSERT INTO campaign_wave (campaign_id, wave, ordinals) VALUES (?, ?, ?)", [id, index, wave.serialize("portable")]);
  }

  wave(id: string, index: number): RoaringBitmap32 {
    const row = this.#first<Blob>("SELECT ordinals FROM campaign_wave WHERE campaign_id = ? AND wave = ?", [id, index]);
    return bitmap(row, `wave ${index} of ${id}`);
  }

  addOrder(order: Omit<OrderRow, "seq">): OrderRow {
    return this.atomically(() => {
      const { targets, ...rest } = order;
      const seq = (this.#first<{ last: number | null }>("SELECT max(seq) AS last FROM campaign_order")?.last ?? 0) + 1;
      const document = JSON.stringify(rest);
      this.#run("INSERT INTO campaign_order (seq, document, targets) VALUES (?, ?, ?)", [seq, document, targets ?? null]);
      return { ...order, seq };
    });
  }

  ordersAfter(seq: number): readonly OrderRow[] {
    return this.#all<StoredOrder>("SELECT * FROM campaign_order WHERE seq > ? ORDER BY seq", [seq]).map(orderRow);
  }

  newestOrders(count: number): readonly OrderRow[] {
    return this.#all<StoredOrder>("SELECT * FROM campaign_order ORDER BY seq DESC LIMIT ?", [count]).map(orderRow);
  }

  order(seq: number): OrderRow | undefined {
    const row = this.#first<StoredOrder>("SELECT * FROM campaign_order WHERE seq = ?", [seq]);
    return row && orderRow(row);
  }

  /** Appended as it comes, and united with the whole set now and then: that is written anew, however little is added to it. */
  markSent(seq: number, ordinals: RoaringBitmap32): void {
    this.atomically(() => {
      const last = this.#first<{ part: number | null }>("SELECT max(part) AS part FROM campaign_order_sent_part WHERE seq = ?", [seq]);
      const part = (last?.part ?? 0) + 1;
      if (part <= SENT_PARTS_MAX) {
        const given = [seq, part, ordinals.serialize("portable")];
        this.#run("INSERT INTO campaign_order_sent_part (seq, part, ordinals) VALUES (?, ?, ?)", given);
        return;
      }
      const all = RoaringBitmap32.or(this.sent(seq), ordinals);
      this.#run("DELETE FROM campaign_order_sent_part WHERE seq = ?", [seq]);
      this.#run(
        "INSERT INTO campaign_order_sent (seq, ordinals) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET ordinals = excluded.ordinals",
        [seq, all.serialize("portable")],
      );
    });
  }

  sent(seq: number): RoaringBitmap32 {
    const rows = this.#all<Blob>(
      "SELECT ordinals FROM campaign_order_sent WHERE seq = ?1 UNION ALL SELECT ordinals FROM campaign_order_sent_part WHERE seq = ?1",
      [seq],
    );
    const parts = rows.map((row) => bitmap(row, `sent of order ${seq}`));
    const all = RoaringBitmap32.orMany(parts);
    // Asked for every second by whoever watches: their memory is given back at once.
    for (const part of parts) part.dispose();
    return all;
  }

  appendLedger(act: LedgerAct): LedgerEntry {
    return this.atomically(() => {
      const last = this.#first<{ entry: string }>("SELECT entry FROM campaign_ledger ORDER BY seq DESC LIMIT 1");
      const entry = chain(last && JSON.parse(last.entry), act);
      this.#run("INSERT INTO campaign_ledger (seq, entry) VALUES (?, ?)", [entry.seq, JSON.stringify(entry)]);
      return entry;
    });
  }

  /** In pages, so that no statement stays open while the reader does something else. */
  *ledger(): Iterable<LedgerEntry> {
    for (let seq = 0; ; ) {
      const page = this.#all<{ entry: string }>("SELECT entry FROM campaign_ledger WHERE seq > ? ORDER BY seq LIMIT ?", [seq, LEDGER_PAGE]);
      for (const row of page) yield JSON.parse(row.entry);
      if (page.length < LEDGER_PAGE) return;
      seq += page.length;
    }
  }

  #run(sql: string, values: SQLQueryBindings[]): void {
    this.#database.query(sql).run(...values);
  }

  #first<Row>(sql: string, values: SQLQueryBindings[] = []): Row | undefined {
    return this.#database.query<Row, SQLQueryBindings[]>(sql).get(...values) ?? undefined;
  }

  #all<Row>(sql: string, values: SQLQueryBindings[]): readonly Row[] {
    return this.#database.query<Row, SQLQueryBindings[]>(sql).all(...values);
  }
}

function bitmap(row: Blob | undefined, what: string): RoaringBitmap32 {
  if (row === undefined) throw new CampaignError("ERR_CAMPAIGN_NOT_FOUND", `the store has no ${what}`);
  return RoaringBitmap32.deserialize("portable", row.ordinals);
}

function orderRow({ seq, document, targets }: StoredOrder): OrderRow {
  return { ...JSON.parse(document), seq, ...(targets === null ? {} : { targets }) };
}
