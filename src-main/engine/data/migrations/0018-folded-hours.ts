/** Immutable once landed: later changes are later files. Details of quality of hours that are over, a day's in one row. */
import type { Migration } from './migration.ts';

export const migration0018: Migration = {
  version: 18,
  name: 'folded-hours',
  sql: `
-- Scores and errors by the hour (folds.rules.ts), delays of the whole day, added to what cohort_detail has of the same hours. Filled
-- in the background (fold.ts). A day and version with several arms has a row more, of the arm '', which is of all of them: of each
-- day and version one row is whole.
CREATE TABLE cohort_fold(endpoint_id INTEGER NOT NULL, slice INTEGER NOT NULL, day_ms INTEGER NOT NULL, arm TEXT NOT NULL,
  version INTEGER NOT NULL, whole INTEGER NOT NULL, delays BLOB, errors BLOB, scores BLOB,
  UNIQUE(endpoint_id, slice, day_ms, arm, version));
-- Scores and delays of cohort_detail may be in every cell from now on (counts.rules.ts), which older versions cannot read.
`,
};
