/** Immutable once landed: later changes are later files. The raw log in Parquet files, references and reports. */
import type { Migration } from './migration.ts';

export const migration0010: Migration = {
  version: 10,
  name: 'raw log',
  sql: `
-- Features of the rows up to moved_seq are in files; in prediction they are cleared (an empty text) up to cleared_seq. masked:
-- names of features that are never written down. keep_days, keep_bytes: null for the defaults.
CREATE TABLE raw_log(endpoint_id INTEGER PRIMARY KEY, masked TEXT NOT NULL DEFAULT '[]', keep_days INTEGER, keep_bytes INTEGER,
  moved_seq INTEGER NOT NULL DEFAULT 0, cleared_seq INTEGER NOT NULL DEFAULT 0);
-- received_ms: the newest arrival; created_ms: of its first rows, when others are added to them.
-- name: below monitoring/<endpoint_id>/ in the workspace. A file without a row is what a crash left behind.
CREATE TABLE log_file(id INTEGER PRIMARY KEY, endpoint_id INTEGER NOT NULL, name TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  rows INTEGER NOT NULL, bytes INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, UNIQUE(endpoint_id, name));
CREATE INDEX log_file_seq ON log_file(endpoint_id, first_seq);
-- Rows of files are told by seq, so no seq may be given twice: the newest row stays where it would be removed.
CREATE TRIGGER prediction_newest BEFORE DELETE ON prediction WHEN old.seq = (SELECT max(seq) FROM prediction) AND
  EXISTS (SELECT 1 FROM log_file) BEGIN SELECT RAISE(IGNORE); END;

-- profile: as in model_version.reference, which is the reference that a version was registered with. raw: a Parquet file.
CREATE TABLE reference(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, version_id INTEGER NOT NULL REFERENCES model_version(id),
  kind TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, rows INTEGER NOT NULL, features TEXT NOT NULL, absent TEXT NOT NULL,
  ignored TEXT NOT NULL, profile TEXT NOT NULL, raw TEXT REFERENCES blob(sha256), raw_rows INTEGER NOT NULL, froze INTEGER NOT NULL,
  created_ms INTEGER NOT NULL);
CREATE INDEX reference_version ON reference(version_id);
CREATE INDEX reference_raw ON reference(raw);
-- Null: the one that the version was registered with.
CREATE TABLE reference_active(version_id INTEGER PRIMARY KEY, reference_id INTEGER REFERENCES reference(id));
CREATE TRIGGER reference_purged AFTER UPDATE OF purged_ms ON model_version WHEN new.purged_ms IS NOT NULL BEGIN
  DELETE FROM reference_active WHERE version_id = new.id;
  DELETE FROM reference WHERE version_id = new.id;
END;

CREATE TABLE drift_report(id INTEGER PRIMARY KEY, uuid TEXT UNIQUE NOT NULL, endpoint TEXT, title TEXT NOT NULL, created_ms INTEGER NOT NULL,
  drifted INTEGER NOT NULL, dataset_drifted INTEGER NOT NULL, columns INTEGER NOT NULL, report TEXT NOT NULL);
CREATE INDEX drift_report_endpoint ON drift_report(endpoint, created_ms);
`,
};
