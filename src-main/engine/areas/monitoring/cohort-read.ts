/** Reads of the sums of quality, over any length of time. They run on a reader thread (cohort-jobs.ts). */
import type { Database } from '../../data/database.ts';
import {
  addCohort,
  addErrors,
  type CohortSums,
  type DetailOf,
  emptyCohort,
  unpackErrors,
} from './cohorts.rules.ts';
import { ALL_ROWS, CARRIED, DAY_MS, HOUR_MS } from './cohorts.store.ts';
import { addDelays, addScores } from './counts.rules.ts';
import { type Delays, delayBin, lateness, noWaits } from './delays.rules.ts';
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

/** Scores are packed still, arm by arm: those of a thousand windows would fill the memory. */
export type CohortWindow = { windowMs: number; version: string; sums: CohortSums; scores: Uint8Array[] };

/** Adds a window, scores too as far as there is room for them. */
export function addWindow(into: CohortSums, { sums, scores }: CohortWindow): void {
  addCohort(into, sums);
  for (const each of scores) addScores(each, into);
}

/** Sums by window of `sizeMs` (an hour or a day) and version, oldest first; arms are added up. */
export function readWindows(
  db: Database,
  range: CohortRange & { sizeMs: number; detail: DetailOf },
): CohortWindow[] {
  const { sizeMs, detail } = range;
  const windows = new Map<string, CohortWindow>();
  const at = (windowMs: number, version: number): CohortWindow => {
    const key = `${windowMs} ${version}`;
    const known = windows.get(key);
    if (known) return known;
    const made = { windowMs, version: String(version), sums: emptyCohort('none'), scores: [] };
    windows.set(key, made);
    return made;
  };
  for (const { windowMs, version, ...counts } of countsOf(db, range, sizeMs))
    Object.assign(at(windowMs, version).sums, counts);
  if (detail !== 'none')
    for (const { windowMs, version, scores, errors } of detailsOf(db, range, sizeMs)) {
      const window = at(windowMs, version);
      if (scores) window.scores.push(scores);
      if (errors) addErrors(window.sums.errors, unpackErrors(errors), 1);
    }
  return [...windows.values()].sort(
    (a, b) => a.windowMs - b.windowMs || Number(a.version) - Number(b.version),
  );
}

/** The sums over all of the range. Whole days of it are read as such. */
export function readSum(db: Database, range: CohortRange, detail: DetailOf): CohortSums {
  const sum = emptyCohort(detail);
  const whole = {
    fromMs: Math.ceil(range.fromMs / DAY_MS) * DAY_MS,
    toMs: Math.floor(range.toMs / DAY_MS) * DAY_MS,
  };
  const parts: [number, number, number][] =
    whole.fromMs < whole.toMs
      ? [
          [range.fromMs, whole.fromMs, HOUR_MS],
          [whole.fromMs, whole.toMs, DAY_MS],
          [whole.toMs, range.toMs, HOUR_MS],
        ]
      : [[range.fromMs, range.toMs, HOUR_MS]];
  for (const [fromMs, toMs, sizeMs] of parts)
    if (fromMs < toMs)
      for (const window of readWindows(db, { ...range, fromMs, toMs, sizeMs, detail }))
        addWindow(sum, window);
  return sum;
}

type Counted = Omit<CohortSums, 'all' | 'positive' | 'negative' | 'errors'> & {
  windowMs: number;
  version: number;
};
const SUMS = `sum(predictions) AS predictions, sum(labelled) AS labelled, sum(by_entity) AS byEntity, sum(judged) AS judged,
  sum("right") AS "right", sum(tp) AS tp, sum(fp) AS fp, sum(fn) AS fn, sum(tn) AS tn, sum(scored) AS scored, sum(log_loss) AS logLoss,
  sum(log_loss_squares) AS logLossSquares, sum(brier) AS brier, sum(brier_squares) AS brierSquares`;
const WHERE = `endpoint_id = ? AND slice IN (?, ?) AND window_ms >= ? AND window_ms < ? AND (? IS NULL OR arm = ?)
  AND (? IS NULL OR version = ?)`;

/** Days that older versions counted whole are among the days, and in no hour. */
const countsOf = (db: Database, range: CohortRange, sizeMs: number): Counted[] =>
  db
    .prepare(
      `SELECT window_ms - window_ms % ${sizeMs} AS windowMs, version, ${SUMS} FROM cohort WHERE ${WHERE} GROUP BY 1, 2`,
    )
    .all(
      ...parameters(range, sizeMs, range.slice === ALL_ROWS && sizeMs === DAY_MS ? CARRIED : range.slice),
    ) as Counted[];

type Detail = { windowMs: number; version: number; scores: Buffer | null; errors: Buffer | null };
const detailsOf = (db: Database, range: CohortRange, sizeMs: number): IterableIterator<Detail> =>
  db
    .prepare(
      `SELECT window_ms AS windowMs, version, scores, errors FROM cohort_detail WHERE ${WHERE} AND size_ms = ${sizeMs}`,
    )
    .iterate(...parameters(range, sizeMs, range.slice)) as IterableIterator<Detail>;

/** Windows that the range only touches are taken whole. */
function parameters(
  { endpointId, slice, fromMs, toMs, arm, version }: CohortRange,
  sizeMs: number,
  other: number,
) {
  const from = Math.floor(fromMs / sizeMs) * sizeMs;
  const to = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(toMs / sizeMs) * sizeMs);
  const of = version === null ? null : Number(version);
  return [endpointId, slice, other, from, to, arm, arm, of, of];
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

/** How late labels come, from `fromMs` on; `nowMs` is on the clock of the events. */
export function readDelays(
  db: Database,
  {
    endpointId,
    arm,
    fromMs,
    nowMs,
  }: { endpointId: number; arm: string | null; fromMs: number; nowMs: number },
): Delays {
  const rows = db
    .prepare(
      `SELECT window_ms AS windowMs, predictions - labelled AS open, delays
       FROM cohort LEFT JOIN cohort_detail d USING(endpoint_id, slice, window_ms, arm, version)
       WHERE endpoint_id = ? AND slice = ? AND window_ms >= ? AND (? IS NULL OR arm = ?) AND coalesce(size_ms, ?) = ?`,
    )
    .raw()
    .all(endpointId, ALL_ROWS, fromMs, arm, arm, HOUR_MS, HOUR_MS) as [
    windowMs: number,
    open: number,
    delays: Buffer | null,
  ][];
  const waits = noWaits();
  for (const [windowMs, open, delays] of rows) {
    addDelays(delays, waits.came);
    if (open <= 0) continue;
    const bin = delayBin(Math.max(0, nowMs - windowMs - HOUR_MS));
    waits.open[bin] = (waits.open[bin] as number) + open;
  }
  return lateness(waits);
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
  const of = version === null ? null : Number(version);
  const rows = db
    .prepare(
      `SELECT label, score, truth FROM prediction WHERE endpoint_id = ? AND event_ms >= ? AND event_ms < ? AND truth IS NOT NULL
         AND (? IS NULL OR arm = ?) AND (? IS NULL OR version = ?) AND slices & ? = ? ORDER BY event_ms DESC LIMIT ?`,
    )
    .all(endpointId, fromMs, toMs, arm, arm, of, of, mask, mask, ERROR_ROWS) as {
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
