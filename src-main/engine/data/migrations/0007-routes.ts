/** Immutable once landed: later changes are later files. Routes of endpoints. */
import type { Migration } from './migration.ts';

export const migration0007: Migration = {
  version: 7,
  name: 'routes',
  sql: `
-- routing: JSON {sticky, mode, shadow}; with arms it is the whole route. canary: JSON of where its ramp is, null
-- without one. It changes without a revision when only what was measured changed.
ALTER TABLE endpoint ADD COLUMN routing TEXT NOT NULL DEFAULT '{"sticky":{"kind":"unit"},"mode":{"kind":"fixed"},"shadow":null}';
ALTER TABLE endpoint ADD COLUMN canary TEXT;
-- The arms before, JSON, until every version of the present ones is known to be loaded: they answer meanwhile.
ALTER TABLE endpoint ADD COLUMN former TEXT;
ALTER TABLE endpoint_change ADD COLUMN routing TEXT NOT NULL DEFAULT '{"sticky":{"kind":"unit"},"mode":{"kind":"fixed"},"shadow":null}';
-- figures: JSON of what an automatic decision was taken on.
ALTER TABLE endpoint_change ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoint_change ADD COLUMN figures TEXT;
`,
};
