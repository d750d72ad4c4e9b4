/** SQL of reports: each is kept whole, as JSON. */
import type { DriftReport } from '../../../contract/drift-reports.ts';
import type { Database } from '../../data/database.ts';

export type ReportRow = Pick<
  DriftReport,
  'id' | 'endpoint' | 'title' | 'createdMs' | 'drifted' | 'datasetDrifted'
> & {
  columns: number;
  scored: number;
};

export function createReportStore(db: Database) {
  const sql = {
    list: db.prepare(
      `SELECT uuid AS id, endpoint, title, created_ms AS createdMs, drifted, dataset_drifted AS datasetDrifted, columns,
         (SELECT count(*) FROM json_each(report, '$.columns') WHERE json_extract(value, '$.score') IS NOT NULL) AS scored
       FROM drift_report WHERE endpoint IS ? ORDER BY created_ms DESC, id DESC`,
    ),
    get: db.prepare('SELECT report FROM drift_report WHERE uuid = ?').pluck(),
    insert: db.prepare(
      `INSERT INTO drift_report(uuid, endpoint, title, created_ms, drifted, dataset_drifted, columns, report)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    remove: db.prepare('DELETE FROM drift_report WHERE uuid = ?'),
  };
  return {
    /** Newest first. */
    list: (endpoint: string | null): ReportRow[] =>
      (sql.list.all(endpoint) as (Omit<ReportRow, 'datasetDrifted'> & { datasetDrifted: number })[]).map(
        (row) => ({ ...row, datasetDrifted: row.datasetDrifted === 1 }),
      ),
    get(id: string): DriftReport | null {
      const json = sql.get.get(id) as string | undefined;
      return json === undefined ? null : (JSON.parse(json) as DriftReport);
    },
    insert(report: DriftReport): void {
      const { id, endpoint, title, createdMs, drifted, datasetDrifted, columns } = report;
      const json = JSON.stringify(report);
      sql.insert.run(id, endpoint, title, createdMs, drifted, Number(datasetDrifted), columns.length, json);
    },
    remove: (id: string): boolean => sql.remove.run(id).changes === 1,
  };
}
