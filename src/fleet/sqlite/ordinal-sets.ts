/**
 * Named sets of devices in the database, as roaring bitmaps cut into blocks of 65,536 ordinals. They live in the same transaction as what
 * they are made of and nowhere else: nothing is cached, so a transaction that is taken back takes the sets back too.
 */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import { ORDINALS_PER_BLOCK } from "../limits.ts";
import { type BlockChange, blockOf, type SetChanges } from "../set-changes.ts";

/** Blocks of one set: 2^32 ordinals in blocks of 2^16. */
const BLOCKS = 65_536;

export class OrdinalSets {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Fresh: the caller may change it. Empty when there is no such set. */
  read(family: string, value: string): RoaringBitmap32 {
    const name = this.#nameOf(family, value);
    const whole = new RoaringBitmap32();
    if (name === undefined) return whole;
    const rows = this.#database.query("SELECT ordinals FROM ordinal_set WHERE key BETWEEN ? AND ?").values(...keysOf(name)) as [
      Uint8Array,
    ][];
    for (const [ordinals] of rows) {
      const block = RoaringBitmap32.deserialize("portable", ordinals);
      whole.orInPlace(block);
      block.dispose();
    }
    return whole;
  }

  count(family: string, value: string): number {
    const name = this.#nameOf(family, value);
    if (name === undefined) return 0;
    const sql = "SELECT total(count) AS count FROM ordinal_set WHERE key BETWEEN ? AND ?";
    return this.#database.query<{ count: number }, [number, number]>(sql).get(...keysOf(name))?.count ?? 0;
  }

  /** Every value of the family that some device has. */
  values(family: string): readonly string[] {
    const sql = "SELECT value FROM ordinal_set_name WHERE family = ?";
    return this.#database
      .query<{ value: string }, [string]>(sql)
      .all(family)
      .map(({ value }) => value);
  }

  apply(changes: SetChanges): void {
    for (const change of changes.byBlock()) this.#change(change);
  }

  /** Moves the given devices, within the family, into the sets given; where they were before, they are no more. */
  move(family: string, sets: ReadonlyMap<string, RoaringBitmap32>): void {
    const moved = RoaringBitmap32.orMany([...sets.values()]);
    for (const value of new Set([...this.values(family), ...sets.keys()])) {
      const set = this.read(family, value);
      const before = set.size;
      set.andNotInPlace(moved);
      const isUntouched = set.size === before && !sets.has(value);
      set.orInPlace(sets.get(value) ?? new RoaringBitmap32());
      if (!isUntouched) this.#write(family, value, set);
      set.dispose();
    }
    moved.dispose();
  }

  #write(family: string, value: string, set: RoaringBitmap32): void {
    this.#drop(family, value);
    if (set.isEmpty) return;
    const name = this.#nameFor(family, value);
    for (let block = blockOf(set.minimum()); block <= blockOf(set.maximum()); block += 1) {
      const start = block * ORDINALS_PER_BLOCK;
      const part = RoaringBitmap32.from(set.rangeUint32Array(start, start + ORDINALS_PER_BLOCK));
      if (!part.isEmpty) this.#put(name * BLOCKS + block, part);
      part.dispose();
    }
  }

  #change({ family, value, block, added, removed }: BlockChange): void {
    const name = this.#nameFor(family, value);
    const key = name * BLOCKS + block;
    const row = this.#database.query("SELECT ordinals FROM ordinal_set WHERE key = ?").values(key)[0] as [Uint8Array] | undefined;
    const part = row === undefined ? new RoaringBitmap32() : RoaringBitmap32.deserialize("portable", row[0]);
    if (removed.length > 0) part.removeMany(Uint32Array.from(removed));
    if (added.length > 0) part.addMany(Uint32Array.from(added));
    if (part.isEmpty) {
      this.#database.query("DELETE FROM ordinal_set WHERE key = ?").run(key);
      // A value that no device has is no value: a device could otherwise fill the table with versions that it makes up.
      if (this.#isEmpty(name)) this.#database.query("DELETE FROM ordinal_set_name WHERE id = ?").run(name);
    } else this.#put(key, part);
    part.dispose();
  }

  #put(key: number, part: RoaringBitmap32): void {
    part.runOptimize();
    this.#database
      .query(
        "INSERT INTO ordinal_set (key, count, ordinals) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET count = excluded.count, ordinals = excluded.ordinals",
      )
      .run(key, part.size, part.serialize("portable"));
  }

  #drop(family: string, value: string): void {
    const name = this.#nameOf(family, value);
    if (name === undefined) return;
    this.#database.query("DELETE FROM ordinal_set WHERE key BETWEEN ? AND ?").run(...keysOf(name));
    this.#database.query("DELETE FROM ordinal_set_name WHERE id = ?").run(name);
  }

  #isEmpty(name: number): boolean {
    return this.#database.query("SELECT 1 FROM ordinal_set WHERE key BETWEEN ? AND ? LIMIT 1").get(...keysOf(name)) === null;
  }

  #nameOf(family: string, value: string): number | undefined {
    const sql = "SELECT id FROM ordinal_set_name WHERE family = ? AND value = ?";
    return this.#database.query<{ id: number }, [string, string]>(sql).get(family, value)?.id;
  }

  #nameFor(family: string, value: string): number {
    const known = this.#nameOf(family, value);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#database.query("INSERT INTO ordinal_set_name (family, value) VALUES (?, ?)").run(family, value);
    return Number(lastInsertRowid);
  }
}

function keysOf(name: number): [number, number] {
  return [name * BLOCKS, name * BLOCKS + BLOCKS - 1];
}
