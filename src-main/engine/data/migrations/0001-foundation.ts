/** Immutable once landed: later changes are later files. */
import type { Migration } from './migration.ts';

export const migration0001: Migration = {
  version: 1,
  name: 'foundation',
  sql: `
-- One row per fact about the workspace itself: id, name, created_ms, sample.
CREATE TABLE workspace(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL, rev INTEGER NOT NULL, updated_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE blob(sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;

-- Tracking. Integer ids inside, UUIDv7 outside.
CREATE TABLE experiment(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX experiment_name ON experiment(name);
CREATE TABLE dataset(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, source TEXT NOT NULL,
  license TEXT NOT NULL DEFAULT '', rows INTEGER, profile TEXT, created_ms INTEGER NOT NULL);
CREATE TABLE run(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, exp_id INTEGER NOT NULL REFERENCES experiment(id), name TEXT NOT NULL,
  user TEXT NOT NULL DEFAULT '', status TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER, deleted_ms INTEGER,
  parent_id INTEGER, note TEXT NOT NULL DEFAULT '', rev INTEGER NOT NULL DEFAULT 0);
CREATE INDEX run_list ON run(exp_id, deleted_ms, start_ms DESC, uuid DESC);
CREATE INDEX run_parent ON run(parent_id) WHERE parent_id IS NOT NULL;
CREATE TABLE run_input(run_id INTEGER NOT NULL REFERENCES run(id), dataset_id INTEGER NOT NULL REFERENCES dataset(id), context TEXT NOT NULL,
  PRIMARY KEY(run_id, dataset_id, context)) WITHOUT ROWID;
-- Interned names of metrics, params and tags.
CREATE TABLE key(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE series(id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run(id), key_id INTEGER NOT NULL REFERENCES key(id), n INTEGER NOT NULL,
  last_step INTEGER, last_ts INTEGER, last_val REAL, last_nan INTEGER NOT NULL DEFAULT 0,
  min_val REAL, min_step INTEGER, max_val REAL, max_step INTEGER, sum REAL, UNIQUE(run_id, key_id));
CREATE INDEX series_last ON series(key_id, last_val, run_id);
CREATE INDEX series_min ON series(key_id, min_val, run_id);
CREATE INDEX series_max ON series(key_id, max_val, run_id);
-- A point's identity is all of it, so that a client's retry changes nothing. NaN is val 0 with nan 1.
CREATE TABLE point(series_id INTEGER NOT NULL, step INTEGER NOT NULL, ts INTEGER NOT NULL, val REAL NOT NULL, nan INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(series_id, step, ts, val, nan)) WITHOUT ROWID;
CREATE TABLE param(run_id INTEGER NOT NULL, key_id INTEGER NOT NULL, val TEXT NOT NULL, num REAL, PRIMARY KEY(run_id, key_id)) WITHOUT ROWID;
CREATE INDEX param_val ON param(key_id, val, run_id);
CREATE INDEX param_num ON param(key_id, num, run_id) WHERE num IS NOT NULL;
CREATE TABLE tag(run_id INTEGER NOT NULL, key_id INTEGER NOT NULL, val TEXT NOT NULL, PRIMARY KEY(run_id, key_id)) WITHOUT ROWID;
CREATE INDEX tag_val ON tag(key_id, val, run_id);

-- Registry.
CREATE TABLE registered_model(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, name TEXT UNIQUE NOT NULL, description TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0);
CREATE TABLE model_version(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, model_id INTEGER NOT NULL REFERENCES registered_model(id),
  version INTEGER NOT NULL, description TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL REFERENCES blob(sha256), size INTEGER NOT NULL,
  run_id INTEGER REFERENCES run(id), signature TEXT NOT NULL, prediction TEXT NOT NULL, metadata TEXT NOT NULL DEFAULT '{}',
  metrics TEXT NOT NULL DEFAULT '{}', reference TEXT, created_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0,
  UNIQUE(model_id, version));
CREATE TABLE model_alias(model_id INTEGER NOT NULL REFERENCES registered_model(id), alias TEXT NOT NULL, version INTEGER NOT NULL,
  rev INTEGER NOT NULL DEFAULT 0, updated_ms INTEGER NOT NULL, PRIMARY KEY(model_id, alias)) WITHOUT ROWID;

-- Serving. The desired state; what is observed is not stored.
CREATE TABLE endpoint(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, name TEXT UNIQUE NOT NULL, model_id INTEGER NOT NULL REFERENCES registered_model(id),
  salt TEXT NOT NULL, arms TEXT NOT NULL, logging INTEGER NOT NULL, enabled INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, deleted_ms INTEGER, rev INTEGER NOT NULL DEFAULT 0);
CREATE TABLE endpoint_change(endpoint_id INTEGER NOT NULL REFERENCES endpoint(id), rev INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL, reason TEXT NOT NULL, arms TEXT NOT NULL, PRIMARY KEY(endpoint_id, rev)) WITHOUT ROWID;

-- Monitoring. Panes are counts on the reference's frozen grid: merging windows is addition.
CREATE TABLE prediction(seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, endpoint_id INTEGER NOT NULL, arm TEXT NOT NULL, version INTEGER NOT NULL,
  unit TEXT, event_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, latency_us INTEGER NOT NULL, features TEXT NOT NULL,
  label TEXT, score REAL, truth TEXT, truth_ms INTEGER);
CREATE INDEX prediction_event ON prediction(endpoint_id, event_ms);
CREATE INDEX prediction_received ON prediction(received_ms);
CREATE TABLE pane(endpoint_id INTEGER NOT NULL, arm TEXT NOT NULL, version INTEGER NOT NULL, window_ms INTEGER NOT NULL, feature TEXT NOT NULL,
  n INTEGER NOT NULL, missing INTEGER NOT NULL, sum REAL NOT NULL, counts BLOB NOT NULL,
  PRIMARY KEY(endpoint_id, feature, window_ms, arm, version)) WITHOUT ROWID;
CREATE TABLE cohort(endpoint_id INTEGER NOT NULL, window_ms INTEGER NOT NULL, arm TEXT NOT NULL, version INTEGER NOT NULL,
  predictions INTEGER NOT NULL DEFAULT 0, labelled INTEGER NOT NULL DEFAULT 0, tp INTEGER NOT NULL DEFAULT 0, fp INTEGER NOT NULL DEFAULT 0,
  fn INTEGER NOT NULL DEFAULT 0, tn INTEGER NOT NULL DEFAULT 0, log_loss REAL NOT NULL DEFAULT 0,
  PRIMARY KEY(endpoint_id, window_ms, arm, version)) WITHOUT ROWID;

CREATE TABLE replay(id INTEGER PRIMARY KEY CHECK(id = 1), endpoint_id INTEGER NOT NULL, source TEXT NOT NULL, blob TEXT NOT NULL, pass INTEGER NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, now_ms INTEGER NOT NULL, speed REAL NOT NULL, running INTEGER NOT NULL,
  sent INTEGER NOT NULL, failed INTEGER NOT NULL, labels INTEGER NOT NULL, total INTEGER NOT NULL);

CREATE TABLE activity(id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
  progress REAL, started_ms INTEGER NOT NULL, ended_ms INTEGER, error TEXT, href TEXT);
CREATE INDEX activity_started ON activity(started_ms DESC);
`,
};
