/** Points of one metric, of one run or of many, as MLflow's messages: one JSON text a series, made on a reader thread. */
import type { Readers } from '../../data/readers.ts';
import { METRIC_JSON, METRIC_OF_RUN_JSON } from './mlflow-view.sql.ts';

type Row = { json: string | null; n: number };
/** The messages joined by commas, and how many points the series has in all. */
export type History = { json: string; total: number };

const SERIES = `run r JOIN series s ON s.run_id = r.id JOIN key k ON k.id = s.key_id WHERE r.uuid = ? AND k.name = ?`;

/** MLflow's order: timestamp, step, value. Binds what the message names, limit, offset, run, key. */
const HISTORY = (message: string) => `SELECT s.n, (SELECT group_concat(json, ',') FROM (
    SELECT ${message} AS json FROM point p WHERE p.series_id = s.id
    ORDER BY p.ts, p.step, p.val, p.nan LIMIT ? OFFSET ?)) AS json
  FROM ${SERIES}`;

/**
 * Evenly taken over all, as MLflow does: the points in the order step, timestamp, value are cut into `most` parts of
 * like size; of each the first counts, of the last the last. Binds key, run, most, from, to, run, key.
 */
const SAMPLED = `SELECT s.n, (SELECT group_concat(json, ',') FROM (
    SELECT ${METRIC_OF_RUN_JSON} AS json FROM (
      SELECT p.*, g.most, row_number() OVER w - 1 AS at, count(*) OVER () AS n, ntile(g.most) OVER w AS part
      FROM point p, (SELECT CAST(? AS INTEGER) AS most) g WHERE p.series_id = s.id AND p.step BETWEEN ? AND ?
      WINDOW w AS (ORDER BY p.step, p.ts, p.val, p.nan)) p
    WHERE p.at = p.n - 1 OR (p.at = (p.part - 1) * (p.n / p.most) + MIN(p.part - 1, p.n % p.most)
      AND (p.n < p.most OR p.part < p.most))
    ORDER BY p.at)) AS json
  FROM ${SERIES}`;

export function createMetricHistory(readers: Readers) {
  async function read(sql: string, params: readonly (string | number)[]): Promise<History> {
    const [row] = await readers.all<Row>(sql, params, 60_000);
    return { json: row?.json ?? '', total: row?.n ?? 0 };
  }
  const all = (texts: readonly History[]) =>
    texts
      .map(({ json }) => json)
      .filter((json) => json !== '')
      .join(',');

  return {
    /** `limit` and `offset` count points. */
    page: (run: string, key: string, limit: number, offset: number): Promise<History> =>
      read(HISTORY(METRIC_JSON), [key, limit, offset, run, key]),

    /** The runs one after the other, by id; `limit` over all of them. */
    async bulk(runs: readonly string[], key: string, limit: number): Promise<string> {
      const found: History[] = [];
      let left = limit;
      for (const run of [...runs].sort()) {
        if (left <= 0) break;
        const one = await read(HISTORY(METRIC_OF_RUN_JSON), [key, run, left, 0, run, key]);
        found.push(one);
        left -= Math.min(left, one.total);
      }
      return all(found);
    },

    /** At most `most` points a run between the steps, spread evenly. */
    sampled: async (
      runs: readonly string[],
      key: string,
      steps: { from: number; to: number } | null,
      most: number,
    ): Promise<string> => {
      const { from, to } = steps ?? { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
      return all(await Promise.all(runs.map((run) => read(SAMPLED, [key, run, most, from, to, run, key]))));
    },
  };
}
