/** Immutable once landed: later changes are later files. CohortSums by the hour and by slice, and the history of labels. */
import type { Migration } from './migration.ts';

export const migration0011: Migration = {
  version: 11,
  name: 'quality',
  sql: `
-- slices: a bit for each slice that the row belongs to. truth_ms is when a label was observed, truth_received_ms when it came.
-- truth_by: 0 by id, 1 by entity. entity_ms: the time that the entity label named which joined this row; none joins twice.
ALTER TABLE prediction ADD COLUMN slices INTEGER NOT NULL DEFAULT 0;
ALTER TABLE prediction ADD COLUMN truth_received_ms INTEGER;
ALTER TABLE prediction ADD COLUMN truth_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE prediction ADD COLUMN truth_source TEXT;
ALTER TABLE prediction ADD COLUMN entity_ms INTEGER;
CREATE INDEX prediction_unit ON prediction(endpoint_id, unit, event_ms) WHERE unit IS NOT NULL;

-- Labels that another one took the place of; the present one is in the prediction.
CREATE TABLE label_revision(seq INTEGER PRIMARY KEY, prediction_seq INTEGER NOT NULL, endpoint_id INTEGER NOT NULL, label TEXT NOT NULL,
  labelled_ms INTEGER NOT NULL, received_ms INTEGER, truth_by INTEGER NOT NULL, source TEXT);
CREATE INDEX label_revision_prediction ON label_revision(prediction_seq);
CREATE INDEX label_revision_endpoint ON label_revision(endpoint_id);
CREATE TRIGGER prediction_leaves AFTER DELETE ON prediction BEGIN
  DELETE FROM label_revision WHERE prediction_seq = old.seq;
END;

ALTER TABLE cohort RENAME TO cohort_day;
-- Sums over the predictions of one hour. slice 0: all of them; -1: of a whole day, as older versions counted it, until its
-- rows are counted by the hour. judged and right: rows whose prediction could be called right or wrong.
CREATE TABLE cohort(endpoint_id INTEGER NOT NULL, slice INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL, version INTEGER NOT NULL,
  predictions INTEGER NOT NULL DEFAULT 0, labelled INTEGER NOT NULL DEFAULT 0, by_entity INTEGER NOT NULL DEFAULT 0,
  judged INTEGER NOT NULL DEFAULT 0, "right" INTEGER NOT NULL DEFAULT 0, tp INTEGER NOT NULL DEFAULT 0, fp INTEGER NOT NULL DEFAULT 0,
  fn INTEGER NOT NULL DEFAULT 0, tn INTEGER NOT NULL DEFAULT 0, scored INTEGER NOT NULL DEFAULT 0, log_loss REAL NOT NULL DEFAULT 0,
  log_loss_squares REAL NOT NULL DEFAULT 0, brier REAL NOT NULL DEFAULT 0, brier_squares REAL NOT NULL DEFAULT 0,
  PRIMARY KEY(endpoint_id, slice, window_ms, arm, version)) WITHOUT ROWID;
-- The larger parts of the same (cohorts.rules.ts), by the hour and again by the day, as size_ms says: histograms of delays (by
-- the hour) and of scores, sums of errors.
CREATE TABLE cohort_detail(endpoint_id INTEGER NOT NULL, slice INTEGER NOT NULL, size_ms INTEGER NOT NULL, window_ms INTEGER NOT NULL,
  arm TEXT NOT NULL, version INTEGER NOT NULL, delays BLOB, errors BLOB, scores BLOB,
  UNIQUE(endpoint_id, slice, window_ms, arm, version, size_ms));
INSERT INTO cohort(endpoint_id, slice, window_ms, arm, version, predictions, labelled, judged, "right", tp, fp, fn, tn, scored, log_loss)
  SELECT endpoint_id, -1, window_ms, arm, version, predictions, labelled, tp + fp + fn + tn, tp + tn, tp, fp, fn, tn,
    tp + fp + fn + tn, log_loss FROM cohort_day;
DROP TABLE cohort_day;
-- Rows up to end_seq were logged before; those up to next_seq are counted by the hour now.
CREATE TABLE cohort_carry(id INTEGER PRIMARY KEY CHECK(id = 1), next_seq INTEGER NOT NULL, end_seq INTEGER NOT NULL);
INSERT INTO cohort_carry SELECT 1, 0, coalesce(max(seq), 0) FROM prediction;

-- number: what its sums are kept under, never used again. bit: free again when the slice is gone.
-- Rows up to next_seq of those up to end_seq are sorted in (state filling) or out (state leaving).
CREATE TABLE slice(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, endpoint_id INTEGER NOT NULL, bit INTEGER NOT NULL,
  name TEXT NOT NULL, conditions TEXT NOT NULL, created_ms INTEGER NOT NULL, state TEXT NOT NULL, next_seq INTEGER NOT NULL,
  end_seq INTEGER NOT NULL, UNIQUE(endpoint_id, bit));
`,
};
