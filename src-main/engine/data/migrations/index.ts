/** Numbered, immutable steps from an empty file to the present schema. Append; never edit a landed one. */
import { migration0001 } from './0001-foundation.ts';
import { migration0002 } from './0002-tracking.ts';
import { migration0003 } from './0003-registry.ts';
import { migration0004 } from './0004-saved-views.ts';
import { migration0005 } from './0005-rollups.ts';
import { migration0006 } from './0006-trash.ts';
import { migration0007 } from './0007-routes.ts';
import { migration0008 } from './0008-ab-tests.ts';
import { migration0009 } from './0009-panes.ts';
import { migration0010 } from './0010-raw-log.ts';
import { migration0011 } from './0011-quality.ts';
import { migration0012 } from './0012-alerts.ts';
import { migration0013 } from './0013-business-metrics.ts';
import { migration0014 } from './0014-alerts-past.ts';
import { migration0015 } from './0015-packed-features.ts';
import { migration0016 } from './0016-window-bins.ts';
import { migration0017 } from './0017-bin-plans.ts';
import { migration0018 } from './0018-folded-hours.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
  migration0008,
  migration0009,
  migration0010,
  migration0011,
  migration0012,
  migration0013,
  migration0014,
  migration0015,
  migration0016,
  migration0017,
  migration0018,
];
