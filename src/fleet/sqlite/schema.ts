/**
 * The tables of the fleet room, as steps that are only ever appended. What grows with every device and every check-in is kept by blocks
 * of neighbouring ordinals: a batch about devices from everywhere then touches a page or two per block rather than one per device.
 */
export const FLEET_SCHEMA: readonly string[] = [
  `CREATE TABLE device (
     ordinal INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     tenant TEXT NOT NULL,
     vendor TEXT NOT NULL,
     name TEXT NOT NULL,
     version TEXT NOT NULL,
     hardware TEXT NOT NULL,
     region TEXT NOT NULL,
     subscribed INTEGER NOT NULL,
     opted_out INTEGER NOT NULL,
     last_seen_ms INTEGER NOT NULL DEFAULT 0
   ) STRICT`,
  "CREATE TABLE evidence (seq INTEGER PRIMARY KEY, ordinal INTEGER NOT NULL, at_ms INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
  "CREATE INDEX evidence_by_device ON evidence (ordinal, seq)",
  `CREATE TABLE verdict (
     campaign_id TEXT NOT NULL,
     ordinal INTEGER NOT NULL,
     verdict TEXT NOT NULL,
     because TEXT NOT NULL,
     evidence_at_ms INTEGER,
     PRIMARY KEY (campaign_id, ordinal)
   ) STRICT`,
  // More facts, and who said them when. `last_seen_ms` was never read: evidence says it.
  `ALTER TABLE device DROP COLUMN last_seen_ms;
   ALTER TABLE device ADD COLUMN counter INTEGER;
   ALTER TABLE device ADD COLUMN sha256 TEXT;
   ALTER TABLE device ADD COLUMN components TEXT;
   ALTER TABLE device ADD COLUMN time_zone TEXT;
   ALTER TABLE device ADD COLUMN tags TEXT;
   ALTER TABLE device ADD COLUMN postponed_until_ms INTEGER;
   ALTER TABLE device ADD COLUMN said_by TEXT;
   ALTER TABLE device ADD COLUMN said_at_ms INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE device ADD COLUMN software_by TEXT;
   ALTER TABLE device ADD COLUMN software_at_ms INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX device_postponed ON device (postponed_until_ms) WHERE postponed_until_ms IS NOT NULL`,
  // Sets of devices: one name per family and value, one row per block of 65,536 ordinals of it, its key being name * 65,536 + block.
  `CREATE TABLE ordinal_set_name (
     id INTEGER PRIMARY KEY,
     family TEXT NOT NULL,
     value TEXT NOT NULL,
     UNIQUE (family, value)
   ) STRICT;
   CREATE TABLE ordinal_set (key INTEGER PRIMARY KEY, count INTEGER NOT NULL, ordinals BLOB NOT NULL) STRICT`,
  // `seq` is the order of arrival, of both tables together. A row of `sent` is many devices at once.
  `CREATE TABLE evidence_log (
     block INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     ordinal INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     document TEXT NOT NULL,
     PRIMARY KEY (block, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE evidence_sent (
     block INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     command_id TEXT NOT NULL,
     ordinals BLOB NOT NULL,
     PRIMARY KEY (block, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE evidence_next (id INTEGER PRIMARY KEY CHECK (id = 0), seq INTEGER NOT NULL) STRICT;
   INSERT INTO evidence_log (block, seq, ordinal, at_ms, document) SELECT ordinal >> 14, seq, ordinal, at_ms, document FROM evidence;
   INSERT INTO evidence_next (id, seq) SELECT 0, coalesce(max(seq) + 1, 1) FROM evidence;
   DROP TABLE evidence`,
  `CREATE TABLE device_import (
     id TEXT PRIMARY KEY,
     format TEXT NOT NULL,
     who TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     started_ms INTEGER NOT NULL,
     state TEXT NOT NULL,
     offset INTEGER NOT NULL DEFAULT 0,
     lines INTEGER NOT NULL DEFAULT 0,
     added INTEGER NOT NULL DEFAULT 0,
     updated INTEGER NOT NULL DEFAULT 0,
     ended_ms INTEGER,
     code TEXT,
     message TEXT
   ) STRICT`,
];
