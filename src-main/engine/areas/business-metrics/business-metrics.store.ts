/** SQL of business metrics and their points. */
import type { BusinessMetric, BusinessPoint } from '../../../contract/business-metrics.ts';
import type { WindowSize } from '../../../contract/monitoring-series.ts';
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import type { Readers } from '../../data/readers.ts';
import { keyOf, type WindowRow } from './business-metrics.rules.ts';

export type MetricFacts = Pick<BusinessMetric, 'name' | 'combine' | 'good' | 'unit'>;
export type MetricRecord = MetricFacts & { id: number };
export type Took = 'added' | 'replaced' | 'unchanged';

/** Newest values that the lag is the median of. */
const LAG_OF = 1_001;
/** Windows of one answer, the newest: more than any chart draws. */
const WINDOWS = 5_000;
const REMOVE_SLICE = 2_000;

export function createBusinessMetricsStore(db: Database, readers: Readers) {
  const columns = 'id, name, combine, good, unit';
  const find = db.prepare(`SELECT ${columns} FROM business_metric WHERE endpoint_id = ? AND name = ?`);
  const count = db.prepare('SELECT count(*) FROM business_metric WHERE endpoint_id = ?').pluck();
  const put = db.prepare(
    `INSERT INTO business_metric(endpoint_id, name, combine, good, unit, created_ms, updated_ms)
     VALUES (@endpointId, @name, @combine, @good, @unit, @nowMs, @nowMs)
     ON CONFLICT(endpoint_id, name) DO UPDATE SET combine = excluded.combine, good = excluded.good, unit = excluded.unit,
       updated_ms = excluded.updated_ms`,
  );
  const point = db.prepare('SELECT at_ms AS atMs, value FROM business_point WHERE metric_id = ? AND key = ?');
  const insert = db.prepare(
    'INSERT INTO business_point(metric_id, key, at_ms, value, received_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const update = db.prepare('UPDATE business_point SET at_ms = ?, value = ? WHERE metric_id = ? AND key = ?');
  const removePoints = db.prepare(
    `DELETE FROM business_point WHERE metric_id = ? AND key IN (SELECT key FROM business_point WHERE metric_id = ? LIMIT ${REMOVE_SLICE})`,
  );
  const removeMetric = db.prepare('DELETE FROM business_metric WHERE id = ?');

  return {
    find: (endpointId: number, name: string): MetricRecord | null =>
      (find.get(endpointId, name) as MetricRecord | undefined) ?? null,
    count: (endpointId: number): number => count.get(endpointId) as number,
    put: (endpointId: number, facts: MetricFacts, nowMs: number): void =>
      void put.run({ ...facts, endpointId, nowMs }),
    /** `receivedMs` is null for values of a file. */
    take(metricId: number, given: BusinessPoint, receivedMs: number | null): Took {
      const key = keyOf(given);
      const { atMs, value } = given;
      const known = point.get(metricId, key) as { atMs: number; value: number } | undefined;
      if (!known) insert.run(metricId, key, atMs, value, receivedMs);
      else if (known.atMs === atMs && known.value === value) return 'unchanged';
      else update.run(atMs, value, metricId, key);
      return known ? 'replaced' : 'added';
    },
    /** Some of its points; true when none is left and the metric is gone as well. Call in a transaction. */
    removeSome(metricId: number): boolean {
      if (removePoints.run(metricId, metricId).changes === REMOVE_SLICE) return false;
      removeMetric.run(metricId);
      return true;
    },
    async list(endpointId: number, endpoint: string): Promise<BusinessMetric[]> {
      type Row = Omit<BusinessMetric, 'endpoint'>;
      const rows = await readers.all<Row>(
        `SELECT name, combine, good, unit, (SELECT count(*) FROM business_point WHERE metric_id = m.id) AS points,
           (SELECT min(at_ms) FROM business_point WHERE metric_id = m.id) AS firstMs,
           (SELECT max(at_ms) FROM business_point WHERE metric_id = m.id) AS lastMs,
           (SELECT lag FROM (SELECT max(0, received_ms - at_ms) AS lag, row_number() OVER (ORDER BY received_ms - at_ms) AS place,
              count(*) OVER () AS n FROM (SELECT received_ms, at_ms FROM business_point WHERE metric_id = m.id
                AND received_ms IS NOT NULL ORDER BY at_ms DESC LIMIT ${LAG_OF})) WHERE place = (n + 1) / 2) AS lagMs
         FROM business_metric m WHERE endpoint_id = ? ORDER BY name`,
        [endpointId],
      );
      return rows.map((row) => ({ ...row, endpoint }));
    },
    /** Oldest first; windows without a value are not there. Squares are taken around each window's own mean. */
    async windows(
      metricId: number,
      per: WindowSize,
      fromMs: number | undefined,
      toMs: number | undefined,
    ): Promise<WindowRow[]> {
      // In the text, because a bound number is a real, and dividing by one is another thing.
      const size = WINDOW_SIZE_MS[per];
      const rows = await readers.all<WindowRow>(
        `WITH value AS MATERIALIZED (SELECT at_ms / ${size} * ${size} AS windowMs, at_ms, value FROM business_point
           WHERE metric_id = ? AND at_ms >= ? AND at_ms < ?),
         mean AS (SELECT windowMs, count(*) AS n, avg(value) AS mean, total(value) AS sum, max(at_ms) AS newest FROM value
           GROUP BY windowMs ORDER BY windowMs DESC LIMIT ${WINDOWS})
         SELECT mean.windowMs, n, mean, sum, total((value - mean) * (value - mean)) AS squares,
           max(CASE WHEN at_ms = newest THEN value END) AS last
         FROM mean JOIN value ON value.windowMs = mean.windowMs GROUP BY mean.windowMs ORDER BY mean.windowMs`,
        [metricId, fromMs ?? 0, toMs ?? Number.MAX_SAFE_INTEGER],
      );
      return rows;
    },
  };
}
