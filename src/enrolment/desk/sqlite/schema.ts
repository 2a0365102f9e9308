/** The tables of the enrolment room, as steps that are only ever appended. */
export const ENROLMENT_SCHEMA: readonly string[] = [
  `CREATE TABLE enrolment_identity (
     id TEXT PRIMARY KEY,
     vendor TEXT,
     serial TEXT,
     current_key TEXT,
     certificate TEXT,
     not_before_ms INTEGER,
     not_after_ms INTEGER,
     UNIQUE (vendor, serial)
   ) STRICT`,
  // Every key that was ever certified: none is certified for a second identity.
  "CREATE TABLE enrolment_key (key TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT",
  `CREATE TABLE enrolment_request (
     id TEXT NOT NULL,
     key TEXT NOT NULL,
     request TEXT NOT NULL UNIQUE,
     reason TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     word TEXT,
     PRIMARY KEY (id, key)
   ) STRICT`,
];
