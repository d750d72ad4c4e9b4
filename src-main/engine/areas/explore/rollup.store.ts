/** Writes what rollup-build.ts worked out. A step is in one transaction, so what is packed is always a whole. */
import { type Database, inTransaction } from '../../data/database.ts';
import type { Step } from './rollup-build.ts';

export function createRollupStore(db: Database) {
  const sql = {
    head: db.prepare('SELECT n FROM rollup_head WHERE series_id = ?').pluck(),
    series: db.prepare('SELECT 1 FROM series WHERE id = ?').pluck(),
    putChunk: db.prepare('INSERT OR REPLACE INTO rollup(id, last_step, last_ts, data) VALUES (?, ?, ?, ?)'),
    putHead: db.prepare(
      `INSERT OR REPLACE INTO rollup_head(series_id, n, last_step, last_ts, last_val, last_nan, in_time)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
  function putStep({ series, was, head, chunks }: Step): boolean {
    if (sql.series.get(series) === undefined) return false;
    if (((sql.head.get(series) as number | undefined) ?? null) !== was) return false;
    for (const { id, lastStep, lastTs, data } of chunks) sql.putChunk.run(id, lastStep, lastTs, data);
    const { n, step, ts, val, nan, inTime } = head;
    sql.putHead.run(series, n, step, ts, val, nan, inTime ? 1 : 0);
    return true;
  }

  return {
    /**
     * One transaction: small series share the pages that they are written to. False stands for a step of which nothing
     * is written, because its series has gone or was packed otherwise in the meantime.
     */
    put: (steps: readonly Step[]): boolean[] => inTransaction(db, () => steps.map(putStep)),
  };
}
