/** Points of one metric of one run, in the order in which they are stored: step, timestamp, value. */
import type { Database } from '../../data/database.ts';

export type Points = {
  step: Float64Array;
  /** ms UTC. */
  ts: Float64Array;
  /** NaN and the infinities as they are. */
  val: Float64Array;
};

export const NO_POINTS: Points = {
  step: new Float64Array(),
  ts: new Float64Array(),
  val: new Float64Array(),
};

type Raw = [step: number, ts: number, val: number, nan: number];

export function readPoints(db: Database, series: number): Points {
  const rows = db
    .prepare('SELECT step, ts, val, nan FROM point WHERE series_id = ? ORDER BY step, ts, val, nan')
    .raw()
    .all(series) as Raw[];
  return toPoints(rows);
}

function toPoints(rows: readonly Raw[]): Points {
  const points = {
    step: new Float64Array(rows.length),
    ts: new Float64Array(rows.length),
    val: new Float64Array(rows.length),
  };
  for (const [at, [step, ts, val, nan]] of rows.entries()) {
    points.step[at] = step;
    points.ts[at] = ts;
    points.val[at] = nan === 1 ? Number.NaN : val;
  }
  return points;
}
