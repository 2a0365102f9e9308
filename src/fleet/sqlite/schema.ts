/** The tables of the fleet room, as steps that are only ever appended. */
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
];
