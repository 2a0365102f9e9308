/** Verdicts: one row per device and campaign for whoever asks why, and one set per verdict for whoever counts. */
import type { Database } from "bun:sqlite";
import { RoaringBitmap32 } from "roaring-wasm";
import { ROWS_PER_READ } from "../limits.ts";
import { type StoredVerdict, type VerdictCounts, type VerdictName, VERDICTS } from "../verdict.ts";
import type { OrdinalSets } from "./ordinal-sets.ts";

type Row = [number, VerdictName, string, number | null];

export class VerdictRows {
  readonly #database: Database;
  readonly #sets: OrdinalSets;

  constructor(database: Database, sets: OrdinalSets) {
    this.#database = database;
    this.#sets = sets;
  }

  put(campaignId: string, verdicts: Iterable<StoredVerdict>): void {
    const statement = this.#database.query(
      `INSERT INTO verdict (campaign_id, ordinal, verdict, because, evidence_at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (campaign_id, ordinal)
       DO UPDATE SET verdict = excluded.verdict, because = excluded.because, evidence_at_ms = excluded.evidence_at_ms`,
    );
    const sets = new Map<string, RoaringBitmap32>();
    this.#database.transaction(() => {
      for (const { ordinal, verdict, because, evidenceAtMs } of verdicts) {
        statement.run(campaignId, ordinal, verdict, because, evidenceAtMs ?? null);
        const set = sets.get(verdict);
        if (set === undefined) sets.set(verdict, RoaringBitmap32.of(ordinal));
        else set.add(ordinal);
      }
      this.#sets.move(familyOf(campaignId), sets);
    })();
  }

  /** In pages, so that no statement stays open while the reader does something else. */
  *read(campaignId: string): Iterable<StoredVerdict> {
    for (let from = -1; ; ) {
      const page = this.#database
        .query(
          "SELECT ordinal, verdict, because, evidence_at_ms FROM verdict WHERE campaign_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?",
        )
        .values(campaignId, from, ROWS_PER_READ) as Row[];
      for (const [ordinal, verdict, because, evidenceAtMs] of page) {
        yield { ordinal, verdict, because, ...(evidenceAtMs !== null && { evidenceAtMs }) };
        from = ordinal;
      }
      if (page.length < ROWS_PER_READ) return;
    }
  }

  having(campaignId: string, verdict: VerdictName): RoaringBitmap32 {
    return this.#sets.read(familyOf(campaignId), verdict);
  }

  counts(campaignId: string): VerdictCounts {
    const family = familyOf(campaignId);
    return Object.fromEntries(VERDICTS.map((verdict) => [verdict, this.#sets.count(family, verdict)])) as VerdictCounts;
  }
}

function familyOf(campaignId: string): string {
  return `verdict ${campaignId}`;
}
