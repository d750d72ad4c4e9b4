/** Immutable once landed: later changes are later files. Counts of hours and days by bin, all features together. */
import type { Migration } from './migration.ts';

export const migration0016: Migration = {
  version: 16,
  name: 'window-bins',
  sql: `
-- Beside window_pane, for what looks at all features at once: a window's panes merged to their bins (bins.rules.ts). What
-- is not here, as of windows counted before, is read from the panes. With a rowid: half a page a row would have most of
-- another page for itself.
CREATE TABLE window_bins(endpoint_id INTEGER NOT NULL, level INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, bins BLOB NOT NULL, PRIMARY KEY(endpoint_id, level, window_ms, arm, version));
`,
};
