/** What a database administrator can do to a running manager: write an order of a campaign, for whatever devices there are. */
import { RoaringBitmap32 } from "roaring-wasm";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";

export function writeOrder(file: string, id: string, deviceIds: readonly string[]): void {
  const database = openDatabase(file);
  try {
    const [campaigns, fleet] = [new SqliteCampaignStore(database), new SqliteFleetStore(database)];
    const campaign = campaigns.get(id);
    if (campaign === undefined) throw new Error(`there is no campaign ${id}`);
    const targets = RoaringBitmap32.from(deviceIds.map((deviceId) => fleet.byId(deviceId)?.ordinal ?? -1));
    campaigns.addOrder({
      campaignId: id,
      kind: "send",
      message: "mass",
      commandId: campaign.commandIds.mass,
      statement: campaign.signed.mass,
      targets: targets.serialize("portable"),
      ratePerSecond: campaign.permit.rate_max_per_second,
      notAfterMs: campaign.permit.not_after,
      atMs: Date.now(),
    });
  } finally {
    database.close();
  }
}
