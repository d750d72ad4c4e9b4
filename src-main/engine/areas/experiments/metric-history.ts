/** Points of one metric, of one run or of many, as MLflow's messages. On a reader thread. */
import { LatheError } from '../../../contract/errors.ts';
import type { Readers } from '../../data/readers.ts';
import { METRIC_JSON } from './mlflow-view.sql.ts';

type Row = { json: string };

/** MLflow's order: timestamp, step, value. */
const HISTORY = `SELECT ${METRIC_JSON} AS json FROM run r JOIN series s ON s.run_id = r.id JOIN key k ON k.id = s.key_id
  JOIN point p ON p.series_id = s.id WHERE r.uuid = ? AND k.name = ? ORDER BY p.ts, p.step, p.val LIMIT ? OFFSET ?`;

/** At most so many points a run, evenly taken over all, with the first and the last. One alone is the last. */
const SAMPLED = `SELECT ${METRIC_JSON} AS json FROM (
  SELECT p.*, row_number() OVER (ORDER BY p.step, p.ts, p.val) - 1 AS at, count(*) OVER () AS n
  FROM run r JOIN series s ON s.run_id = r.id JOIN key k ON k.id = s.key_id JOIN point p ON p.series_id = s.id
  WHERE r.uuid = ? AND k.name = ? AND p.step BETWEEN ? AND ?) p,
  (SELECT CAST(? AS INTEGER) AS most) g
  WHERE CASE WHEN g.most = 1 THEN p.at = p.n - 1 WHEN p.n <= g.most THEN 1
    ELSE p.at = 0 OR p.at * (g.most - 1) / (p.n - 1) > (p.at - 1) * (g.most - 1) / (p.n - 1) END
  ORDER BY p.at`;

export function createMetricHistory(readers: Readers) {
  const texts = (rows: Row[]) => rows.map(({ json }) => json);

  return {
    /** JSON texts; `limit` and `offset` count points. */
    page: async (run: string, key: string, limit: number, offset: number): Promise<string[]> =>
      texts(await readers.all<Row>(HISTORY, [key, run, run, key, limit, offset])),

    /** The runs one after the other, by id; `limit` over all of them. */
    async bulk(runs: readonly string[], key: string, limit: number): Promise<string[]> {
      const found: string[] = [];
      for (const run of [...runs].sort()) {
        if (found.length >= limit) break;
        found.push(...texts(await readers.all<Row>(HISTORY, [key, run, run, key, limit - found.length, 0])));
      }
      return found;
    },

    /** At most `limit` points a run between the steps, spread evenly. */
    async sampled(
      runs: readonly string[],
      key: string,
      steps: { from: number; to: number } | null,
      limit: number,
    ): Promise<string[]> {
      if (steps && steps.from > steps.to)
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `end_step must be greater than start_step. Found start_step=${steps.from} and end_step=${steps.to}.`,
        });
      const { from, to } = steps ?? { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
      const all = await Promise.all(
        runs.map((run) => readers.all<Row>(SAMPLED, [key, run, run, key, from, to, limit])),
      );
      return all.flatMap(texts);
    },
  };
}
