/** Immutable once landed: later changes are later files. What charts of long and of many series are read from. */
import type { Migration } from './migration.ts';

export const migration0005: Migration = {
  version: 5,
  name: 'rollups',
  sql: `
-- Derived from point, and valid as explore/packed-series.ts says; emptying both tables loses nothing.
-- The first n points of a series, in the order of point's key, are packed; the rest of the row is the last of them.
-- in_time: their timestamps ascend as well.
CREATE TABLE rollup_head(series_id INTEGER PRIMARY KEY, n INTEGER NOT NULL, last_step INTEGER NOT NULL, last_ts INTEGER NOT NULL,
  last_val REAL NOT NULL, last_nan INTEGER NOT NULL, in_time INTEGER NOT NULL);
-- id is series_id * 2^24 + level * 2^20 + chunk. Level 0 has points, the levels above summaries of 16, 64, 256, ... points.
-- last_step and last_ts are of the chunk's last point.
CREATE TABLE rollup(id INTEGER PRIMARY KEY, last_step INTEGER NOT NULL, last_ts INTEGER NOT NULL, data BLOB NOT NULL);
-- With it the last values of a metric over all runs are read from the index alone.
DROP INDEX series_last;
CREATE INDEX series_last ON series(key_id, last_val, run_id, last_nan);
CREATE TRIGGER rollup_goes_with_series AFTER DELETE ON series BEGIN
  DELETE FROM rollup WHERE id >= OLD.id * 16777216 AND id < (OLD.id + 1) * 16777216;
  DELETE FROM rollup_head WHERE series_id = OLD.id;
END;
`,
};
