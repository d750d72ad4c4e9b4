/** Immutable once landed: later changes are later files. Named set-ups of an experiment's page. */
import type { Migration } from './migration.ts';

export const migration0004: Migration = {
  version: 4,
  name: 'saved views',
  sql: `
-- state is the page's own JSON. A deleted view keeps its row for the undo, and its name is free.
CREATE TABLE saved_view(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, exp_id INTEGER NOT NULL REFERENCES experiment(id) ON DELETE CASCADE,
  name TEXT NOT NULL, state TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER,
  rev INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX saved_view_name ON saved_view(exp_id, name) WHERE deleted_ms IS NULL;
`,
};
