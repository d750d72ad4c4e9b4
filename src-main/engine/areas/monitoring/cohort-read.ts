/** Reads of the sums of quality, over any length of time. They run on a reader thread (cohort-jobs.ts). */
import type { Database } from '../../data/database.ts';
import {
  addErrors,
  addPlain,
  type CohortSums,
  cohortOf,
  type DetailOf,
  emptyCohort,
  unpackErrors,
} from './cohorts.rules.ts';
import { ALL_ROWS, CARRIED, DAY_MS, HOUR_MS } from './cohorts.store.ts';
import { addDelays, addScores } from './counts.rules.ts';
import { type Delays, delayBin, lateness, noWaits } from './delays.rules.ts';
import { eachHour } from './folds.rules.ts';
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

/** Adds a window, scores too as far as there is room for them; −1 takes it away. */
export function addWindow(into: CohortSums, { sums, scores }: CohortWindow, times: 1 | -1 = 1): void {
  addPlain(into, sums, times);
  if (into.all.length + into.positive.length > 0) addScores(scores, into, times);
}

/** Sums by window of `sizeMs` (an hour or a day) and version, oldest first; arms are added up. */
export function readWindows(
  db: Database,
  range: CohortRange & { sizeMs: number; detail: DetailOf },
): CohortWindow[] {
  const { sizeMs, detail } = range;
  const windows = countsOf(db, range, sizeMs, SUMS).map(
    ([windowMs, version, ...counts]): CohortWindow => ({
      ...{ windowMs, version: String(version) },
      ...{ sums: cohortOf(counts), scores: [] },
    }),
  );
  if (detail === 'none') return windows;
  const find = finder(windows);
  eachDetail(db, range, sizeMs, (windowMs, version, scores, errors) => {
    const window = find(windowMs, version);
    if (!window) return;
    if (scores) window.scores.push(scores);
    if (errors) addErrors(window.sums.errors, unpackErrors(errors), 1);
  });
  return windows;
}

export type ScoreWindow = Pick<CohortWindow, 'windowMs' | 'version' | 'scores'>;

/** The scores alone. */
export function readScores(db: Database, range: CohortRange & { sizeMs: number }): ScoreWindow[] {
  const windows = countsOf(db, range, range.sizeMs, '1').map(
    ([windowMs, version]): ScoreWindow => ({ windowMs, version: String(version), scores: [] }),
  );
  const find = finder(windows);
  eachDetail(db, range, range.sizeMs, (windowMs, version, scores) => {
    if (scores) find(windowMs, version)?.scores.push(scores);
  });
  return windows;
}

/** Of windows by time. What is left of one all of whose rows went is not among them. */
function finder<Window extends ScoreWindow>(windows: readonly Window[]) {
  /** Where each window's versions begin. */
  const places = new Map<number, number>();
  for (let at = windows.length - 1; at >= 0; at--) places.set((windows[at] as Window).windowMs, at);
  return (windowMs: number, version: number): Window | null => {
    for (let at = places.get(windowMs) ?? windows.length; windows[at]?.windowMs === windowMs; at++)
      if (windows[at]?.version === String(version)) return windows[at] as Window;
    return null;
  };
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
  for (const [fromMs, toMs, sizeMs] of parts) {
    if (fromMs >= toMs) continue;
    const part = { ...range, fromMs, toMs };
    addPlain(sum, cohortOf(totalsOf(db, part, sizeMs)), 1);
    if (detail === 'none') continue;
    const stored: Buffer[] = [];
    eachDetail(db, part, sizeMs, (_windowMs, _version, scores, errors) => {
      if (scores) stored.push(scores);
      if (errors) addErrors(sum.errors, unpackErrors(errors), 1);
    });
    addScores(stored, sum, 1);
  }
  return sum;
}

/** In the order of PLAIN. */
const SUMS = `sum(predictions), sum(labelled), sum(by_entity), sum(judged), sum("right"), sum(tp), sum(fp), sum(fn), sum(tn), sum(scored),
  sum(log_loss), sum(log_loss_squares), sum(brier), sum(brier_squares)`;
const WHERE = `window_ms >= ? AND window_ms < ? AND (? IS NULL OR arm = ?) AND (? IS NULL OR version = ?)`;

/** Days that older versions counted whole are among the days, and in no hour. */
const slicesOf = ({ slice }: CohortRange, sizeMs: number): string =>
  slice === ALL_ROWS && sizeMs === DAY_MS ? `slice IN (${CARRIED}, ?)` : 'slice = ?';

/** By window and version, in this order. */
function countsOf(
  db: Database,
  range: CohortRange,
  sizeMs: number,
  sums: string,
): [number, number, ...number[]][] {
  // Hours are in the order of the key.
  const windowMs = sizeMs === HOUR_MS ? 'window_ms' : `window_ms - window_ms % ${sizeMs}`;
  return db
    .prepare(
      `SELECT ${windowMs}, version, ${sums} FROM cohort WHERE endpoint_id = ? AND ${slicesOf(range, sizeMs)} AND ${WHERE} GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .raw()
    .all(...parameters(range, sizeMs)) as [number, number, ...number[]][];
}

const totalsOf = (db: Database, range: CohortRange, sizeMs: number): number[] =>
  (
    db
      .prepare(`SELECT ${SUMS} FROM cohort WHERE endpoint_id = ? AND ${slicesOf(range, sizeMs)} AND ${WHERE}`)
      .raw()
      .get(...parameters(range, sizeMs)) as (number | null)[]
  ).map((sum) => sum ?? 0);

type TakeDetail = (windowMs: number, version: number, scores: Buffer | null, errors: Buffer | null) => void;
type Detail = Parameters<TakeDetail>;

/** Parts of windows of `sizeMs`, of which one may have several. */
function eachDetail(db: Database, range: CohortRange, sizeMs: number, take: TakeDetail): void {
  const rows = db
    .prepare(
      `SELECT window_ms, version, scores, errors FROM cohort_detail WHERE endpoint_id = ? AND slice = ? AND ${WHERE} AND size_ms = ${sizeMs}`,
    )
    .raw()
    .iterate(...parameters(range, sizeMs)) as IterableIterator<Detail>;
  for (const row of rows) take(...row);
  if (sizeMs !== HOUR_MS) return;
  const [fromMs, toMs] = parameters(range, HOUR_MS).slice(2) as [number, number];
  const within = (hourMs: number) => hourMs >= fromMs && hourMs < toMs;
  const days = db
    .prepare(
      `SELECT day_ms, version, scores, errors FROM cohort_fold WHERE endpoint_id = ? AND slice = ? AND ${IN_FOLDS} AND (? IS NULL OR version = ?)`,
    )
    .raw()
    .iterate(...parameters(range, DAY_MS)) as IterableIterator<Detail>;
  for (const [dayMs, version, scores, errors] of days) {
    const each = (blob: Buffer | null, of: (hourMs: number, bytes: Buffer) => void) => {
      if (blob)
        eachHour(blob, (hour, bytes) => within(dayMs + hour * HOUR_MS) && of(dayMs + hour * HOUR_MS, bytes));
    };
    each(scores, (hourMs, bytes) => take(hourMs, version, bytes, null));
    each(errors, (hourMs, bytes) => take(hourMs, version, null, bytes));
  }
}

/** All arms are in the rows that are whole. */
const IN_FOLDS = 'day_ms >= ? AND day_ms < ? AND iif(? IS NULL, whole, arm = ?)';

/** Windows that the range only touches are taken whole. */
function parameters({ endpointId, slice, fromMs, toMs, arm, version }: CohortRange, sizeMs: number) {
  const from = Math.floor(fromMs / sizeMs) * sizeMs;
  const to = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(toMs / sizeMs) * sizeMs);
  const of = version === null ? null : Number(version);
  return [endpointId, slice, from, to, arm, arm, of, of];
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

/** [from, to) of the hours that are counted; empty without any. */
export const hoursOf = (db: Database, endpointId: number): { fromMs: number; toMs: number } =>
  db
    .prepare(
      `SELECT coalesce(min(window_ms), 0) AS fromMs, coalesce(max(window_ms) + ${HOUR_MS}, 0) AS toMs FROM cohort WHERE endpoint_id = ? AND slice = ?`,
    )
    .get(endpointId, ALL_ROWS) as { fromMs: number; toMs: number };

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
  const waits = noWaits();
  const where = 'endpoint_id = ? AND slice = ?';
  const ofArm = '(? IS NULL OR arm = ?)';
  const rows = db
    .prepare(
      `SELECT delays FROM cohort_detail WHERE ${where} AND window_ms >= ? AND ${ofArm} AND size_ms = ${HOUR_MS}`,
    )
    .pluck()
    .all(endpointId, ALL_ROWS, fromMs, arm, arm) as (Buffer | null)[];
  // Of the day that `fromMs` is in, all of what is folded.
  const fromDayMs = fromMs - (fromMs % DAY_MS);
  const days = db
    .prepare(`SELECT delays FROM cohort_fold WHERE ${where} AND ${IN_FOLDS}`)
    .pluck()
    .all(endpointId, ALL_ROWS, fromDayMs, Number.MAX_SAFE_INTEGER, arm, arm) as (Buffer | null)[];
  addDelays(
    [...rows, ...days].filter((delays) => delays !== null),
    waits.came,
  );
  const open = db
    .prepare(
      `SELECT window_ms, sum(predictions - labelled) FROM cohort WHERE ${where} AND window_ms >= ? AND ${ofArm} AND predictions > labelled GROUP BY 1`,
    )
    .raw()
    .all(endpointId, ALL_ROWS, fromMs, arm, arm) as [number, number][];
  for (const [windowMs, n] of open) {
    const bin = delayBin(Math.max(0, nowMs - windowMs - HOUR_MS));
    waits.open[bin] = (waits.open[bin] as number) + n;
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
