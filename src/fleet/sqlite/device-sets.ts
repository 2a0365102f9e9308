/** What a cohort query asks of the store: sets per fact, and the two facts that have an index instead, ids and postponements. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import type { FactSets } from "../cohort-sets.ts";
import type { SetField } from "../facts.ts";
import type { OrdinalSets } from "./ordinal-sets.ts";

export class DeviceSets implements FactSets {
  readonly #database: Database;
  readonly #sets: OrdinalSets;

  constructor(database: Database, sets: OrdinalSets) {
    this.#database = database;
    this.#sets = sets;
  }

  /** Devices in the store. Ordinals are dense and no device is ever taken out. */
  size(): number {
    return this.#database.query<{ size: number }, []>("SELECT coalesce(max(ordinal) + 1, 0) AS size FROM device").get()?.size ?? 0;
  }

  everybody(): RoaringBitmap32 {
    return RoaringBitmap32.fromRange(0, this.size());
  }

  holding(field: SetField, value: string): RoaringBitmap32 {
    return this.#sets.read(field, value);
  }

  values(field: SetField): readonly string[] {
    return this.#sets.values(field);
  }

  withId(pattern: string): RoaringBitmap32 {
    // GLOB matches case and knows *; its other wildcards are made literal by brackets.
    return pattern.includes("*")
      ? this.#ordinals("SELECT ordinal FROM device WHERE id GLOB ?", pattern.replaceAll(/[?[]/g, "[$&]"))
      : this.#ordinals("SELECT ordinal FROM device WHERE id = ?", pattern);
  }

  postponedAt(nowMs: number): RoaringBitmap32 {
    return this.#ordinals("SELECT ordinal FROM device WHERE postponed_until_ms > ?", nowMs);
  }

  #ordinals(sql: string, value: string | number): RoaringBitmap32 {
    const rows = this.#database.query(sql).values(value) as [number][];
    return RoaringBitmap32.from(Uint32Array.from(rows, ([ordinal]) => ordinal));
  }
}
