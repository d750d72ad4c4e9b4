/** Immutable once landed: later changes are later files. Counts per minute, hour and day, and what of the tap is in them. */
import type { Migration } from './migration.ts';

export const migration0009: Migration = {
  version: 9,
  name: 'panes',
  sql: `
-- level: 1 hours, 2 days. One row per feature: charts read one feature over a range of windows. form: how counts is to be
-- read, 0 as before (u32 for each cell), 1 sparse (pane.rules.ts). Moments are of the finite numbers; null where they were
-- not kept, or where there are none.
CREATE TABLE window_pane(endpoint_id INTEGER NOT NULL, level INTEGER NOT NULL, feature TEXT NOT NULL, window_ms INTEGER NOT NULL,
  arm TEXT NOT NULL, version INTEGER NOT NULL, sum REAL NOT NULL, squares REAL, min REAL, max REAL, form INTEGER NOT NULL, counts BLOB NOT NULL,
  PRIMARY KEY(endpoint_id, level, feature, window_ms, arm, version)) WITHOUT ROWID;
INSERT INTO window_pane SELECT endpoint_id, 2, feature, window_ms, arm, version, sum, NULL, NULL, NULL, 0, counts FROM pane;
DROP TABLE pane;

-- Rows of a window: rows were counted, skewed of them at their arrival as their own time lay after it, and unlogged of
-- them are not in the log.
CREATE TABLE window_rows(endpoint_id INTEGER NOT NULL, level INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, rows INTEGER NOT NULL, skewed INTEGER NOT NULL, unlogged INTEGER NOT NULL,
  PRIMARY KEY(endpoint_id, level, window_ms, arm, version)) WITHOUT ROWID;
INSERT INTO window_rows SELECT endpoint_id, 2, window_ms, arm, version, predictions, 0, 0 FROM cohort;

-- Minutes are many and short-lived: all features of one in one blob, after the numbers, so that these are read without it.
CREATE TABLE minute_pane(endpoint_id INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL, version INTEGER NOT NULL,
  rows INTEGER NOT NULL, skewed INTEGER NOT NULL, unlogged INTEGER NOT NULL, panes BLOB NOT NULL,
  PRIMARY KEY(endpoint_id, window_ms, arm, version)) WITHOUT ROWID;
-- Names of features in such blobs.
CREATE TABLE pane_feature(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);

-- What each transaction of ingest counted, by minute, until it is added to the above.
CREATE TABLE pane_pending(seq INTEGER PRIMARY KEY, endpoint_id INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, rows INTEGER NOT NULL, skewed INTEGER NOT NULL, unlogged INTEGER NOT NULL, panes BLOB NOT NULL);

-- The newest event and arrival of what was counted.
CREATE TABLE watched(endpoint_id INTEGER PRIMARY KEY, last_event_ms INTEGER NOT NULL, last_received_ms INTEGER NOT NULL);
INSERT INTO watched SELECT endpoint_id,
  max(max(window_ms), coalesce((SELECT max(event_ms) FROM prediction p WHERE p.endpoint_id = cohort.endpoint_id), 0)),
  coalesce((SELECT max(received_ms) FROM prediction), max(window_ms)) FROM cohort GROUP BY endpoint_id;

-- How far the tap of a gateway's life is in: all chunks before seq, and of this one the first done rows.
CREATE TABLE tap_cursor(instance TEXT PRIMARY KEY, seq INTEGER NOT NULL, done INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
`,
};
