/** What a database administrator can do to a running manager: change the row of a campaign. */
import { Database } from "bun:sqlite";
import type { Campaign } from "../../../src/campaign/campaign.ts";

export function rewriteCampaign(file: string, id: string, change: (campaign: Campaign) => Campaign): void {
  const database = new Database(file);
  try {
    database.run("PRAGMA busy_timeout = 5000");
    const rewrite = database.transaction(() => {
      const row = database.query<{ document: string }, [string]>("SELECT document FROM campaign WHERE id = ?").get(id);
      if (row === null) throw new Error(`there is no campaign ${id}`);
      const document = JSON.stringify(change(JSON.parse(row.document) as Campaign));
      database.run("UPDATE campaign SET document = ? WHERE id = ?", [document, id]);
    });
    rewrite.immediate();
  } finally {
    database.close();
  }
}
