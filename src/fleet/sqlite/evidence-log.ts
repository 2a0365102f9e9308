/**
 * What was observed, in order of arrival, kept by blocks of neighbouring devices. That a command was sent is told of many devices at
 * once (ADR 23) and kept so; whoever reads sees it as evidence about each of them.
 */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Evidence, SentBatch } from "../evidence.ts";
import { EVIDENCE_BLOCK_BITS, EVIDENCE_DEVICES_PER_READ } from "../limits.ts";
import { rowsOf } from "./pages.ts";

const BLOCK = 2 ** EVIDENCE_BLOCK_BITS;

interface Seen {
  readonly seq: number;
  readonly item: Evidence;
}

export class EvidenceLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * In the caller's transaction. What was sent comes first, as the live counts have it: whoever goes away with the command is counted only if
   * it is known to have been sent.
   */
  add(evidence: Iterable<Evidence>, sent: readonly SentBatch[] = []): void {
    let seq = this.#next();
    const insertSent = this.#database.query("INSERT INTO evidence_sent (block, seq, at_ms, command_id, ordinals) VALUES (?, ?, ?, ?, ?)");
    for (const { commandId, atMs, ordinals } of sent) {
      for (const [block, part] of partsOf(ordinals)) {
        insertSent.run(block, seq, atMs, commandId, RoaringBitmap32.from(part).serialize("portable"));
      }
      seq += 1;
    }
    const insert = this.#database.query("INSERT INTO evidence_log (block, seq, ordinal, at_ms, document) VALUES (?, ?, ?, ?, ?)");
    for (const { ordinal, atMs, ...rest } of evidence) insert.run(blockOf(ordinal), seq++, ordinal, atMs, JSON.stringify(rest));
    this.#database.query("UPDATE evidence_next SET seq = ?").run(seq);
  }

  /** About the devices of the set since `sinceMs`, in order of ordinal, then of arrival. That of some devices at a time is in memory. */
  *read(set: RoaringBitmap32, sinceMs: number): Iterable<Evidence> {
    for (const [block, all] of partsOf(set)) {
      for (let from = 0; from < all.length; from += EVIDENCE_DEVICES_PER_READ) {
        const ordinals = all.subarray(from, from + EVIDENCE_DEVICES_PER_READ);
        const some = RoaringBitmap32.from(ordinals);
        const seen = [...this.#rows(block, ordinals, some, sinceMs), ...this.#sent(block, some, sinceMs)];
        some.dispose();
        seen.sort((one, other) => one.item.ordinal - other.item.ordinal || one.seq - other.seq);
        for (const { item } of seen) yield item;
      }
    }
  }

  *#rows(block: number, ordinals: Uint32Array, set: RoaringBitmap32, sinceMs: number): Iterable<Seen> {
    const { condition, values } = rowsOf(ordinals);
    const rows = this.#database
      .query(`SELECT ordinal, seq, at_ms, document FROM evidence_log WHERE block = ? AND at_ms >= ? AND ${condition}`)
      .values(block, sinceMs, ...values) as [number, number, number, string][];
    for (const [ordinal, seq, atMs, document] of rows) {
      if (set.has(ordinal)) yield { seq, item: { ...JSON.parse(document), ordinal, atMs } };
    }
  }

  *#sent(block: number, set: RoaringBitmap32, sinceMs: number): Iterable<Seen> {
    const rows = this.#database
      .query("SELECT seq, at_ms, command_id, ordinals FROM evidence_sent WHERE block = ? AND at_ms >= ?")
      .values(block, sinceMs) as [number, number, string, Uint8Array][];
    for (const [seq, atMs, commandId, bytes] of rows) {
      const ordinals = RoaringBitmap32.deserialize("portable", bytes);
      for (const ordinal of RoaringBitmap32.and(ordinals, set).toArray()) yield { seq, item: { kind: "sent", ordinal, atMs, commandId } };
    }
  }

  #next(): number {
    return this.#database.query<{ seq: number }, []>("SELECT seq FROM evidence_next").get()?.seq ?? 1;
  }
}

function blockOf(ordinal: number): number {
  return Math.floor(ordinal / BLOCK);
}

/** The set, cut at the borders of blocks; blocks in which there is nobody are left out. */
function* partsOf(set: RoaringBitmap32): Iterable<[number, Uint32Array]> {
  if (set.isEmpty) return;
  for (let block = blockOf(set.minimum()); block <= blockOf(set.maximum()); block += 1) {
    const part = set.rangeUint32Array(block * BLOCK, (block + 1) * BLOCK);
    if (part.length > 0) yield [block, part];
  }
}
