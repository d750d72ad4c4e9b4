/** Immutable once landed: later changes are later files. Rules on series, what they found, and the messages about it. */
import type { Migration } from './migration.ts';

export const migration0012: Migration = {
  version: 12,
  name: 'alerts',
  sql: `
-- epoch begins anew whenever what is judged changes: state and alerts of an older epoch belong to another rule.
CREATE TABLE alert_rule(id TEXT PRIMARY KEY, endpoint_id INTEGER NOT NULL, definition TEXT NOT NULL, preset TEXT, problem TEXT,
  epoch INTEGER NOT NULL, rev INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX alert_rule_endpoint ON alert_rule(endpoint_id);
-- Presets are made once: one that was removed does not come back.
CREATE TABLE alert_preset(endpoint_id INTEGER NOT NULL, preset TEXT NOT NULL, made_ms INTEGER NOT NULL,
  PRIMARY KEY(endpoint_id, preset)) WITHOUT ROWID;
-- One row for each thing a rule watches: subject is the feature where the rule names all, else empty.
CREATE TABLE alert_state(rule_id TEXT NOT NULL, subject TEXT NOT NULL, epoch INTEGER NOT NULL, phase TEXT NOT NULL,
  judged_to_ms INTEGER, updated_ms INTEGER NOT NULL, PRIMARY KEY(rule_id, subject)) WITHOUT ROWID;

-- evidence: what was known when it opened, as it was. noticed: it was shown in the app.
CREATE TABLE alert(seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, rule_id TEXT NOT NULL, epoch INTEGER NOT NULL, subject TEXT NOT NULL,
  endpoint_id INTEGER NOT NULL, endpoint TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, series TEXT NOT NULL,
  per TEXT NOT NULL, arm TEXT, slice TEXT, version TEXT, opened_ms INTEGER NOT NULL, window_ms INTEGER NOT NULL, resolved_ms INTEGER,
  value REAL, limit_value REAL, n INTEGER NOT NULL, ack_ms INTEGER, ack_note TEXT, snoozed_ms INTEGER, explained_by TEXT,
  noticed INTEGER NOT NULL DEFAULT 0, evidence TEXT NOT NULL);
-- Never two open alerts for one thing, nor two for one breach of it.
CREATE UNIQUE INDEX alert_open ON alert(rule_id, subject) WHERE resolved_ms IS NULL;
CREATE UNIQUE INDEX alert_breach ON alert(rule_id, epoch, subject, window_ms);
CREATE INDEX alert_endpoint ON alert(endpoint_id, seq);
CREATE TABLE alert_history(seq INTEGER PRIMARY KEY, alert_id TEXT NOT NULL, at_ms INTEGER NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX alert_history_alert ON alert_history(alert_id, seq);

-- Where messages go. The address is a secret and not here. hold_ms: not before; fails: tries in a row that failed.
CREATE TABLE alert_channel(id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, min_severity TEXT NOT NULL,
  enabled INTEGER NOT NULL, hold_ms INTEGER NOT NULL DEFAULT 0, fails INTEGER NOT NULL DEFAULT 0, last_ms INTEGER, last_ok INTEGER,
  last_detail TEXT, created_ms INTEGER NOT NULL) WITHOUT ROWID;
-- Written in the transaction of what they tell of. state: waiting, sent, given-up.
CREATE TABLE alert_message(seq INTEGER PRIMARY KEY, channel_id TEXT NOT NULL, alert_id TEXT NOT NULL, endpoint_id INTEGER NOT NULL, what TEXT NOT NULL,
  round INTEGER NOT NULL, state TEXT NOT NULL, due_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, UNIQUE(channel_id, alert_id, what, round));
CREATE INDEX alert_message_waiting ON alert_message(channel_id, endpoint_id, due_ms) WHERE state = 'waiting';
`,
};
