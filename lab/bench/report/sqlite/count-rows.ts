/** What counting verdicts takes without sets of them: one look at every row. */
import type { Database } from "bun:sqlite";

export function countRows(database: Database, campaignId: string): readonly unknown[] {
  return database.query("SELECT verdict, count(*) FROM verdict WHERE campaign_id = ? GROUP BY verdict").values(campaignId);
}
