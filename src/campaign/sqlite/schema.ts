/**
 * The tables of the campaign room. Campaigns are JSON documents, because they are read whole; sets of devices are portable
 * roaring blobs. Orders and ledger lines are written once: triggers refuse what our own code never does.
 */
export const CAMPAIGN_SCHEMA: readonly string[] = [
  `CREATE TABLE campaign (
     id TEXT PRIMARY KEY,
     tenant TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     document TEXT NOT NULL,
     cohort BLOB
   ) STRICT;
   CREATE INDEX campaign_by_tenant ON campaign (tenant, created_ms);

   CREATE TABLE campaign_wave (
     campaign_id TEXT NOT NULL,
     wave INTEGER NOT NULL,
     ordinals BLOB NOT NULL,
     PRIMARY KEY (campaign_id, wave)
   ) STRICT;

   CREATE TABLE campaign_order (
     seq INTEGER PRIMARY KEY,
     document TEXT NOT NULL,
     targets BLOB
   ) STRICT;
   CREATE TABLE campaign_order_sent (
     seq INTEGER PRIMARY KEY,
     ordinals BLOB NOT NULL
   ) STRICT;

   CREATE TABLE campaign_ledger (
     seq INTEGER PRIMARY KEY,
     entry TEXT NOT NULL
   ) STRICT;

   CREATE TRIGGER campaign_order_kept BEFORE UPDATE ON campaign_order
     BEGIN SELECT raise(ABORT, 'orders are never changed'); END;
   CREATE TRIGGER campaign_order_stays BEFORE DELETE ON campaign_order
     BEGIN SELECT raise(ABORT, 'orders are never deleted'); END;
   CREATE TRIGGER campaign_ledger_kept BEFORE UPDATE ON campaign_ledger
     BEGIN SELECT raise(ABORT, 'the ledger is never changed'); END;
   CREATE TRIGGER campaign_ledger_stays BEFORE DELETE ON campaign_ledger
     BEGIN SELECT raise(ABORT, 'the ledger is never deleted from'); END;`,
  // What came since the set was last written whole.
  `CREATE TABLE campaign_order_sent_part (
     seq INTEGER NOT NULL,
     part INTEGER NOT NULL,
     ordinals BLOB NOT NULL,
     PRIMARY KEY (seq, part)
   ) STRICT`,
];
