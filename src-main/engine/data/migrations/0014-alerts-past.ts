/** Immutable once landed: later changes are later files. Breaches that were over before they were seen. */
import type { Migration } from './migration.ts';

export const migration0014: Migration = {
  version: 14,
  name: 'past alerts',
  sql: `
-- known_ms: up to where a series was judged at first sight; of breaches that were over by then nothing is told.
ALTER TABLE alert_state ADD COLUMN known_ms INTEGER;
UPDATE alert_state SET known_ms = judged_to_ms;
-- over_ms: event time of the window that ended it; null where no window did. was: it was over before it was seen.
ALTER TABLE alert ADD COLUMN over_ms INTEGER;
ALTER TABLE alert ADD COLUMN was INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alert_was ON alert(endpoint_id, seq) WHERE was = 1 AND noticed = 0;
`,
};
