/** For tests only: what a line must be, worked out from all points at once. */
import { LinesWanted } from '../../../contract/explore.ts';
import { type Line, linesOf } from '../../../contract/explore-lines.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import { planGroups } from './groups.rules.ts';
import { sizeOf } from './levels.ts';
import { readLines } from './lines-job.ts';
import { createRollupStore } from './rollup.store.ts';
import { buildRollups, type ToPack } from './rollup-build.ts';

export type PlainLine = {
  logged: number;
  notFinite: number;
  x: number[];
  last: number[];
  min: number[];
  max: number[];
};
type Wanted = { from: number | null; to: number | null; buckets: number };
type Row = { step: number; ts: number; val: number; nan: number };

export function lineAsRead(db: Database, runId: string, x: LinesWanted['x'], wanted: Wanted): PlainLine {
  const { lines } = inTransaction(db, () =>
    readLines(db, LinesWanted.parse({ runIds: [runId], key: 'm', x, ...wanted })),
  );
  const [line] = linesOf(lines.series, new Uint8Array(Buffer.from(lines.data, 'base64')));
  return plain(line as Line);
}
const plain = ({ logged, notFinite, x, last, min, max }: Line): PlainLine => ({
  ...{ logged, notFinite, x: [...x], last: [...last], min: [...min], max: [...max] },
});

/** The lines that are right: one for each level whose summaries may have been used. */
export function rightLines(
  db: Database,
  runId: string,
  axis: 'step' | 'ts',
  { from, to, buckets }: Wanted,
): PlainLine[] {
  const rows = (
    db
      .prepare(
        `SELECT p.step, p.ts, p.val, p.nan FROM run r JOIN series s ON s.run_id = r.id JOIN key k ON k.id = s.key_id AND k.name = 'm'
         JOIN point p ON p.series_id = s.id WHERE r.uuid = ? ORDER BY p.step, p.ts, p.val, p.nan`,
      )
      .all(runId) as Row[]
  )
    .map(({ step, ts, val, nan }) => ({ x: axis === 'step' ? step : ts, val: nan === 1 ? Number.NaN : val }))
    .sort((a, b) => a.x - b.x);
  const begin = from === null ? 0 : rows.filter(({ x }) => x < from).length;
  const end = to === null ? rows.length : Math.max(begin, rows.filter(({ x }) => x <= to).length);
  return Array.from({ length: 8 }, (_, level) => {
    const line: PlainLine = { logged: end - begin, notFinite: 0, x: [], last: [], min: [], max: [] };
    let at = begin;
    for (const stop of planGroups(begin, end, buckets, sizeOf(level)).ends) {
      const group = rows.slice(at, stop);
      const finite = group.filter(({ val }) => Number.isFinite(val));
      at = stop;
      line.notFinite += group.length - finite.length;
      const last = finite.at(-1);
      if (!last) continue;
      line.x.push(last.x);
      line.last.push(last.val);
      line.min.push(Math.min(...finite.map(({ val }) => val)));
      line.max.push(Math.max(...finite.map(({ val }) => val)));
    }
    return line;
  });
}

/** One portion of packing. Returns what is left of it. */
export function packSome(db: Database, wanted: readonly ToPack[]): ToPack[] {
  const { steps, unfinished } = inTransaction(db, () => buildRollups(db, wanted));
  createRollupStore(db).put(steps);
  return unfinished;
}
export function packAll(db: Database): void {
  for (let left = allSeries(db); left.length > 0; ) left = packSome(db, left);
}
export const allSeries = (db: Database): ToPack[] =>
  (db.prepare('SELECT id FROM series').pluck().all() as number[]).map((series) => ({
    series,
    verified: null,
  }));
