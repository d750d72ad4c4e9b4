/** Immutable once landed: later changes are later files. Features of logged rows are packed. */
import type { Migration } from './migration.ts';

export const migration0015: Migration = {
  version: 15,
  name: 'packed features',
  sql: `
-- What packed rows (prediction.features as a blob) hold: JSON, names and kinds of their features. Rows that were logged before
-- are text, which is JSON.
CREATE TABLE feature_layout(id INTEGER PRIMARY KEY, features TEXT UNIQUE NOT NULL);
`,
};
