/** Reads of the sums of quality, over any length of time. They run on a reader thread (cohort-jobs.ts). */
import type { Database } from '../../data/database.ts';
import { addCohort, type CohortSums, emptyCohort } from './cohorts.rules.ts';
import {
  ALL_ROWS,
  CARRIED,
  COHORT_COLUMNS,
  COHORT_SELECT,
  cohortOf,
  type StoredCohort,
} from './cohorts.store.ts';
import { type DelayCohort, type Delays, delaysOf } from './delays.rules.ts';
import { errorOf } from './judging.rules.ts';

export type CohortRange = {
  endpointId: number;
  /** ALL_ROWS or a slice's number. */
  slice: number;
  /** [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  arm: string | null;
  version: string | null;
};

export type CohortWindow = { windowMs: number; version: string; sums: CohortSums };

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Sums by window of `sizeMs` (an hour or a day) and version, oldest first; arms are added up. */
export function readWindows(
  db: Database,
  range: CohortRange & { sizeMs: number /** Scores, delays and errors too. */; detail: boolean },
): CohortWindow[] {
  const { sizeMs } = range;
  const windows = new Map<string, CohortWindow>();
  for (const row of rowsOf(db, range, sizeMs === DAY_MS, range.detail)) {
    const windowMs = row.windowMs - (row.windowMs % sizeMs);
    const key = `${windowMs} ${row.version}`;
    const known = windows.get(key);
    if (known) addCohort(known.sums, row.sums);
    else windows.set(key, { windowMs, version: row.version, sums: row.sums });
  }
  return [...windows.values()].sort(
    (a, b) => a.windowMs - b.windowMs || Number(a.version) - Number(b.version),
  );
}

/** The sums over all of the range. */
export function readSum(db: Database, range: CohortRange, detail: boolean): CohortSums {
  const sum = emptyCohort();
  for (const { sums } of rowsOf(db, range, true, detail)) addCohort(sum, sums);
  return sum;
}

/** Days that older versions counted whole are among the days, and in no hour. */
function rowsOf(db: Database, range: CohortRange, days: boolean, detail: boolean): CohortWindow[] {
  const { endpointId, slice, fromMs, toMs, arm, version } = range;
  const other = slice === ALL_ROWS && days ? CARRIED : slice;
  const columns = detail ? COHORT_SELECT.columns : COHORT_COLUMNS;
  const rows = db
    .prepare(
      `SELECT window_ms AS windowMs, CAST(version AS TEXT) AS version, ${columns} FROM cohort c ${detail ? COHORT_SELECT.join : ''}
       WHERE endpoint_id = ? AND slice IN (?, ?) AND window_ms >= ? AND window_ms < ? AND (? IS NULL OR arm = ?)
         AND (? IS NULL OR version = ?)`,
    )
    .all(endpointId, slice, other, fromMs, toMs, arm, arm, number(version), number(version));
  return (rows as (StoredCohort & { windowMs: number; version: string })[]).map(
    ({ windowMs, version: of, ...rest }) => ({ windowMs, version: of, sums: cohortOf(rest) }),
  );
}

/** Versions that have rows. */
export const readVersions = (db: Database, { endpointId }: { endpointId: number }): string[] =>
  db
    .prepare(
      'SELECT DISTINCT CAST(version AS TEXT) FROM cohort WHERE endpoint_id = ? AND slice IN (?, ?) ORDER BY 1',
    )
    .pluck()
    .all(endpointId, ALL_ROWS, CARRIED) as string[];

/** When the newest window begins; null without any. */
export const newestWindow = (db: Database, endpointId: number): number | null =>
  (
    db
      .prepare('SELECT max(window_ms) AS ms FROM cohort WHERE endpoint_id = ? AND slice IN (?, ?)')
      .get(endpointId, ALL_ROWS, CARRIED) as { ms: number | null }
  ).ms;

const number = (version: string | null): number | null => (version === null ? null : Number(version));

export type WindowCounts = { windowMs: number; predictions: number; labelled: number; byEntity: number };

/** How many predictions and labels each window has, oldest first. */
export function readCounts(
  db: Database,
  { endpointId, arm, sizeMs }: { endpointId: number; arm: string | null; sizeMs: number },
): WindowCounts[] {
  return db
    .prepare(
      `SELECT window_ms - window_ms % ? AS windowMs, sum(predictions) AS predictions, sum(labelled) AS labelled, sum(by_entity) AS byEntity
       FROM cohort WHERE endpoint_id = ? AND slice IN (?, ?) AND (? IS NULL OR arm = ?) GROUP BY 1 ORDER BY 1`,
    )
    .all(sizeMs, endpointId, ALL_ROWS, sizeMs === DAY_MS ? CARRIED : ALL_ROWS, arm, arm) as WindowCounts[];
}

/** How late labels come, of the newest `fromMs` on; `nowMs` is on the clock of the events. */
export function readDelays(
  db: Database,
  {
    endpointId,
    arm,
    fromMs,
    nowMs,
  }: { endpointId: number; arm: string | null; fromMs: number; nowMs: number },
): Delays {
  const windows = readWindows(db, {
    ...{ endpointId, slice: ALL_ROWS, fromMs, toMs: Number.MAX_SAFE_INTEGER, arm, version: null },
    ...{ sizeMs: HOUR_MS, detail: true },
  });
  return delaysOf(
    windows.map(
      ({ windowMs, sums }): DelayCohort => ({
        delays: sums.delays,
        open: sums.predictions - sums.labelled,
        ageMs: nowMs - windowMs - HOUR_MS,
      }),
    ),
  );
}

/** Rows that the histogram of errors is made of, the newest of the range. */
export const ERROR_ROWS = 100_000;
const ERROR_BINS = 20;

/** Errors of a regression in cells of one width from the least to the largest; `n` tells of how many rows. */
export function readErrors(
  db: Database,
  {
    endpointId,
    fromMs,
    toMs,
    arm,
    version,
    bit,
  }: CohortRange & { /** The slice's bit; null for all rows. */ bit: number | null },
): { n: number; errors: { from: number; to: number; n: number }[] } {
  const mask = bit === null ? 0 : 2 ** bit;
  const rows = db
    .prepare(
      `SELECT label, score, truth FROM prediction WHERE endpoint_id = ? AND event_ms >= ? AND event_ms < ? AND truth IS NOT NULL
         AND (? IS NULL OR arm = ?) AND (? IS NULL OR version = ?) AND slices & ? = ? ORDER BY event_ms DESC LIMIT ?`,
    )
    .all(endpointId, fromMs, toMs, arm, arm, number(version), number(version), mask, mask, ERROR_ROWS) as {
    label: string | null;
    score: number | null;
    truth: string;
  }[];
  const errors = rows.flatMap((row) => errorOf(row, row.truth)?.e ?? []);
  if (errors.length === 0) return { n: 0, errors: [] };
  const least = errors.reduce((a, b) => Math.min(a, b));
  const most = errors.reduce((a, b) => Math.max(a, b));
  const width = (most - least) / ERROR_BINS;
  if (!(width > 0) || !Number.isFinite(width))
    return { n: errors.length, errors: [{ from: least, to: most, n: errors.length }] };
  const counts = new Array<number>(ERROR_BINS).fill(0);
  for (const e of errors) {
    const at = Math.min(ERROR_BINS - 1, Math.floor((e - least) / width));
    counts[at] = (counts[at] as number) + 1;
  }
  return {
    n: errors.length,
    errors: counts.map((n, at) => ({ from: least + at * width, to: least + (at + 1) * width, n })),
  };
}

/** Labels that took the place of another one, by endpoint. */
export const readReplaced = (db: Database, { endpointId }: { endpointId: number }): number =>
  (
    db.prepare('SELECT count(*) AS n FROM label_revision WHERE endpoint_id = ?').get(endpointId) as {
      n: number;
    }
  ).n;
