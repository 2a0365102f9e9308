/** The table of a consumer's commands, a row each from acceptance until it is forgotten. What nothing is looked up by is in the document. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS consumer_command (
    seq INTEGER PRIMARY KEY,
    peer TEXT NOT NULL,
    id TEXT,
    state TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS consumer_command_by_id ON consumer_command (id) WHERE id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS consumer_command_waiting ON consumer_command (start_ms, seq) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS consumer_command_unfinished ON consumer_command (peer) WHERE finished_ms IS NULL;
  CREATE INDEX IF NOT EXISTS consumer_command_finished ON consumer_command (peer, seq) WHERE finished_ms IS NOT NULL;
  CREATE INDEX IF NOT EXISTS consumer_command_age ON consumer_command (finished_ms) WHERE finished_ms IS NOT NULL;
`;
