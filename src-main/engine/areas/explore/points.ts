/** Points of one metric of one run, in the order of their key in the database: step, timestamp, value, NaN. */
import type { Database } from '../../data/database.ts';
import { statementsOf } from './statements.ts';

export type Points = {
  step: Float64Array;
  /** ms UTC. */
  ts: Float64Array;
  /** NaN and the infinities as they are. */
  val: Float64Array;
};
/** As it is stored: NaN is val 0 with nan 1. */
export type PointKey = { step: number; ts: number; val: number; nan: number };

type Raw = [step: number, ts: number, val: number, nan: number];

const COLUMNS = 'SELECT step, ts, val, nan FROM point WHERE series_id = ?';
const AFTER = '(step, ts, val, nan) > (?, ?, ?, ?)';
const ORDER = 'ORDER BY step, ts, val, nan LIMIT ?';
const statements = statementsOf((db) => ({
  all: db.prepare(`${COLUMNS} ${ORDER}`).raw(),
  after: db.prepare(`${COLUMNS} AND ${AFTER} ${ORDER}`).raw(),
  between: db
    .prepare(
      `SELECT COUNT(*) FROM point WHERE series_id = ? AND ${AFTER} AND (step, ts, val, nan) <= (?, ?, ?, ?)`,
    )
    .pluck(),
  behind: db.prepare(`SELECT COUNT(*) FROM point WHERE series_id = ? AND ${AFTER}`).pluck(),
  upTo: db
    .prepare('SELECT COUNT(*) FROM point WHERE series_id = ? AND (step, ts, val, nan) <= (?, ?, ?, ?)')
    .pluck(),
}));

export const NO_POINTS: Points = {
  step: new Float64Array(),
  ts: new Float64Array(),
  val: new Float64Array(),
};

/** At most `most` points behind `key`, from the first on when it is null. */
export function pointsAfter(db: Database, series: number, key: PointKey | null, most = -1): Points {
  const { all, after } = statements(db);
  const rows = (key ? after.all(series, ...wordsOf(key), most) : all.all(series, most)) as Raw[];
  const points = {
    step: new Float64Array(rows.length),
    ts: new Float64Array(rows.length),
    val: new Float64Array(rows.length),
  };
  for (let at = 0; at < rows.length; at++) {
    const [step, ts, val, nan] = rows[at] as Raw;
    points.step[at] = step;
    points.ts[at] = ts;
    points.val[at] = nan === 1 ? Number.NaN : val;
  }
  return points;
}

/** How many points lie behind `key`. */
export const countBehind = (db: Database, series: number, key: PointKey): number =>
  statements(db).behind.get(series, ...wordsOf(key)) as number;

/** How many points lie behind `after` (from the first on when it is null) up to and with `upTo`. */
export function countPoints(db: Database, series: number, after: PointKey | null, upTo: PointKey): number {
  const { between, upTo: fromFirst } = statements(db);
  return (
    after ? between.get(series, ...wordsOf(after), ...wordsOf(upTo)) : fromFirst.get(series, ...wordsOf(upTo))
  ) as number;
}

export function keyAt({ step, ts, val }: Points, at: number): PointKey {
  const value = val[at] as number;
  const nan = Number.isNaN(value);
  return { step: step[at] as number, ts: ts[at] as number, val: nan ? 0 : value, nan: nan ? 1 : 0 };
}

const wordsOf = ({ step, ts, val, nan }: PointKey) => [step, ts, val, nan] as const;
