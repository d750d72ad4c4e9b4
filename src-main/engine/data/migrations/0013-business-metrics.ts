/** Immutable once landed: later changes are later files. Figures from outside, pushed or imported. */
import type { Migration } from './migration.ts';

export const migration0013: Migration = {
  version: 13,
  name: 'business metrics',
  sql: `
CREATE TABLE business_metric(id INTEGER PRIMARY KEY, endpoint_id INTEGER NOT NULL, name TEXT NOT NULL, combine TEXT NOT NULL, good TEXT NOT NULL,
  unit TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, UNIQUE(endpoint_id, name));
-- key: 'k' and what the sender named, or 't' and the time. received_ms: when it first came; null where it came from a file,
-- which says nothing about how late values are.
CREATE TABLE business_point(metric_id INTEGER NOT NULL REFERENCES business_metric(id), key TEXT NOT NULL, at_ms INTEGER NOT NULL, value REAL NOT NULL,
  received_ms INTEGER, PRIMARY KEY(metric_id, key)) WITHOUT ROWID;
CREATE INDEX business_point_at ON business_point(metric_id, at_ms, value);
`,
};
