/** Immutable once landed: later changes are later files. Feedback, and what A/B tests are computed from. */
import type { Migration } from './migration.ts';

export const migration0008: Migration = {
  version: 8,
  name: 'ab tests',
  sql: `
-- revision: the endpoint's, by whose route the row was answered. input_unit: what the split took for
-- the unit where the client named none. apart: it says nothing about the split. Null for rows that were logged before.
ALTER TABLE prediction ADD COLUMN revision INTEGER;
ALTER TABLE prediction ADD COLUMN input_unit TEXT;
ALTER TABLE prediction ADD COLUMN apart INTEGER NOT NULL DEFAULT 0;

-- Rewards as they came, never changed: of one prediction the last row holds, and replaced is what it took the place of.
CREATE TABLE reward(seq INTEGER PRIMARY KEY, prediction_id TEXT NOT NULL, endpoint_id INTEGER NOT NULL, reward REAL NOT NULL,
  at_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, replaced REAL);
CREATE INDEX reward_prediction ON reward(prediction_id, seq);
CREATE INDEX reward_endpoint ON reward(endpoint_id, seq);
CREATE INDEX reward_received ON reward(received_ms);

-- Feedback whose prediction is not known yet.
CREATE TABLE feedback_pending(prediction_id TEXT PRIMARY KEY, reward REAL, reward_ms INTEGER, label TEXT, label_ms INTEGER,
  received_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX feedback_pending_received ON feedback_pending(received_ms);
-- How many wait, and how many waited in vain since the workspace was made.
CREATE TABLE feedback_count(id INTEGER PRIMARY KEY CHECK(id = 1), pending INTEGER NOT NULL, expired INTEGER NOT NULL);
INSERT INTO feedback_count VALUES (1, 0, 0);
CREATE TRIGGER feedback_waits AFTER INSERT ON feedback_pending BEGIN UPDATE feedback_count SET pending = pending + 1; END;
CREATE TRIGGER feedback_leaves AFTER DELETE ON feedback_pending BEGIN UPDATE feedback_count SET pending = pending - 1; END;

-- Counted from prediction and reward, in the same transactions. since names the test, period a stretch of it with the
-- same weights: both are revisions of the endpoint. back: an earlier
-- period had met the unit. For each metric n values with the total y.
CREATE TABLE ab_unit(endpoint_id INTEGER NOT NULL, since INTEGER NOT NULL, unit TEXT NOT NULL, period INTEGER NOT NULL, arm TEXT NOT NULL,
  back INTEGER NOT NULL, traffic_n INTEGER NOT NULL, rate_n INTEGER NOT NULL, rate_y REAL NOT NULL, score_n INTEGER NOT NULL, score_y REAL NOT NULL,
  accuracy_n INTEGER NOT NULL, accuracy_y REAL NOT NULL, reward_n INTEGER NOT NULL, reward_y REAL NOT NULL,
  PRIMARY KEY(endpoint_id, since, unit, period, arm)) WITHOUT ROWID;
-- slot: a piece of the test's time, short at its beginning and longer later. Sums over units; see moments.rules.ts.
CREATE TABLE ab_sum(endpoint_id INTEGER NOT NULL, since INTEGER NOT NULL, metric TEXT NOT NULL, slot INTEGER NOT NULL, period INTEGER NOT NULL,
  arm TEXT NOT NULL, units INTEGER NOT NULL, back INTEGER NOT NULL, n INTEGER NOT NULL, y REAL NOT NULL, yy REAL NOT NULL,
  nn REAL NOT NULL, yn REAL NOT NULL, PRIMARY KEY(endpoint_id, since, metric, slot, period, arm)) WITHOUT ROWID;
-- kind: 'answer' (a value for each row) or 'model' (time per row, a value for each batch). counts: a packed histogram.
CREATE TABLE ab_latency(endpoint_id INTEGER NOT NULL, since INTEGER NOT NULL, arm TEXT NOT NULL, kind TEXT NOT NULL, counts TEXT NOT NULL,
  PRIMARY KEY(endpoint_id, since, arm, kind)) WITHOUT ROWID;
CREATE TABLE ab_plan(endpoint_id INTEGER NOT NULL, since INTEGER NOT NULL, metric TEXT NOT NULL, baseline TEXT NOT NULL, min_effect REAL,
  updated_ms INTEGER NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY(endpoint_id, since)) WITHOUT ROWID;
`,
};
