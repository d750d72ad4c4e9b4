/** Immutable once landed: later changes are later files. Bins of minutes too, and of many windows in one row. */
import type { Migration } from './migration.ts';

export const migration0017: Migration = {
  version: 17,
  name: 'bin-plans',
  sql: `
-- Which features' bins a window has, in which order (bins.rules.ts): one for each set of grids that was watched.
CREATE TABLE bin_plan(id INTEGER PRIMARY KEY, layout BLOB UNIQUE NOT NULL);
-- Windows that follow one another, of one arm and version. Made again from the panes (bins-backlog.ts), which are read until then.
DROP TABLE window_bins;
CREATE TABLE bin_chunk(endpoint_id INTEGER NOT NULL, level INTEGER NOT NULL, chunk_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, bins BLOB NOT NULL, PRIMARY KEY(endpoint_id, level, chunk_ms, arm, version));

-- Rows of minutes stand with those of hours and days, as level 0; and their panes some features to a blob (minutes.store.ts),
-- of which one that is there already has all of them.
INSERT INTO window_rows SELECT endpoint_id, 0, window_ms, arm, version, rows, skewed, unlogged FROM minute_pane;
ALTER TABLE minute_pane RENAME TO minute_pane_before;
CREATE TABLE minute_pane(endpoint_id INTEGER NOT NULL, part INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, panes BLOB NOT NULL, PRIMARY KEY(endpoint_id, part, window_ms, arm, version)) WITHOUT ROWID;
INSERT INTO minute_pane SELECT endpoint_id, -1, window_ms, arm, version, panes FROM minute_pane_before;
DROP TABLE minute_pane_before;
`,
};
