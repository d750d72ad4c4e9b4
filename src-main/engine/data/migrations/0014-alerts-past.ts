/** Immutable once landed: later changes are later files. Breaches that were over before they were seen. */
import type { Migration } from './migration.ts';

const BEFORE = `seq, id, rule_id, epoch, subject, endpoint_id, endpoint, severity, title, text, series, per, arm, slice, version,
  opened_ms, window_ms, resolved_ms`;
const AFTER = `value, limit_value, n, ack_ms, ack_note, snoozed_ms, explained_by, noticed, evidence`;

export const migration0014: Migration = {
  version: 14,
  name: 'past alerts',
  sql: `
-- known_ms: up to where a series was judged at first sight; of breaches that were over by then nothing is told.
ALTER TABLE alert_state ADD COLUMN known_ms INTEGER;
UPDATE alert_state SET known_ms = judged_to_ms;

-- over_ms: event time of the window that ended it; null where no window did. was: it was over before it was seen.
-- evidence stays last: a column behind it is read by way of all of its pages.
CREATE TABLE alert_next(seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, rule_id TEXT NOT NULL, epoch INTEGER NOT NULL, subject TEXT NOT NULL,
  endpoint_id INTEGER NOT NULL, endpoint TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, series TEXT NOT NULL,
  per TEXT NOT NULL, arm TEXT, slice TEXT, version TEXT, opened_ms INTEGER NOT NULL, window_ms INTEGER NOT NULL, resolved_ms INTEGER,
  over_ms INTEGER, was INTEGER NOT NULL DEFAULT 0, value REAL, limit_value REAL, n INTEGER NOT NULL, ack_ms INTEGER, ack_note TEXT,
  snoozed_ms INTEGER, explained_by TEXT, noticed INTEGER NOT NULL DEFAULT 0, evidence TEXT NOT NULL);
INSERT INTO alert_next(${BEFORE}, ${AFTER}) SELECT ${BEFORE}, ${AFTER} FROM alert;
DROP TABLE alert;
ALTER TABLE alert_next RENAME TO alert;
CREATE UNIQUE INDEX alert_open ON alert(rule_id, subject) WHERE resolved_ms IS NULL;
CREATE UNIQUE INDEX alert_breach ON alert(rule_id, epoch, subject, window_ms);
CREATE INDEX alert_endpoint ON alert(endpoint_id, seq);
CREATE INDEX alert_was ON alert(endpoint_id, seq) WHERE was = 1 AND noticed = 0;
`,
};
