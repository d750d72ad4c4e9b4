/** SQL of experiments and runs: the writing side, and look-ups that are always quick. Lists are in runs.query.ts. */
import type { Database } from '../../data/database.ts';
import { EMPTY_SERIES, type Point, type SeriesSummary, withPoint } from './series.rules.ts';

export type RunState = { id: number; uuid: string; status: string; start_ms: number };
export type DatasetRow = {
  uuid: string;
  name: string;
  sha256: string;
  source: string;
  license: string;
  rows: number | null;
  profile: string | null;
};

type SeriesRow = {
  id: number;
  n: number;
  last_step: number | null;
  last_ts: number | null;
  last_val: number | null;
  last_nan: number;
  min_val: number | null;
  min_step: number | null;
  max_val: number | null;
  max_step: number | null;
  sum: number | null;
};

export function createExperimentStore(db: Database) {
  const sql = {
    experimentByName: db.prepare('SELECT id, uuid, deleted_ms FROM experiment WHERE name = ?'),
    insertExperiment: db.prepare(
      'INSERT INTO experiment(uuid, name, description, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    reviveExperiment: db.prepare('UPDATE experiment SET deleted_ms = NULL WHERE id = ?'),
    experimentById: db.prepare('SELECT id FROM experiment WHERE uuid = ? AND deleted_ms IS NULL'),
    listExperiments: db.prepare(
      `SELECT e.uuid AS id, e.name, e.description, e.created_ms AS createdMs, e.updated_ms AS updatedMs,
         (SELECT COUNT(*) FROM run r WHERE r.exp_id = e.id AND r.deleted_ms IS NULL) AS runCount
       FROM experiment e WHERE e.deleted_ms IS NULL AND e.purged_ms IS NULL
         AND (e.id <> 0 OR EXISTS (SELECT 1 FROM run r WHERE r.exp_id = 0)) ORDER BY e.updated_ms DESC, e.id DESC`,
    ),
    touchExperiment: db.prepare(
      'UPDATE experiment SET updated_ms = MAX(updated_ms, ?), rev = rev + 1 WHERE id = (SELECT exp_id FROM run WHERE id = ?)',
    ),
    insertRun: db.prepare(
      'INSERT INTO run(uuid, exp_id, name, user, status, start_ms, note) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    run: db.prepare('SELECT id, uuid, status, start_ms FROM run WHERE uuid = ? AND deleted_ms IS NULL'),
    endRun: db.prepare('UPDATE run SET status = ?, end_ms = ?, rev = rev + 1 WHERE id = ?'),
    keyByName: db.prepare('SELECT id FROM key WHERE name = ?').pluck(),
    insertKey: db.prepare('INSERT INTO key(name) VALUES (?)'),
    param: db.prepare('SELECT val FROM param WHERE run_id = ? AND key_id = ?').pluck(),
    insertParam: db.prepare('INSERT INTO param(run_id, key_id, val, num) VALUES (?, ?, ?, ?)'),
    setTag: db.prepare(
      'INSERT INTO tag(run_id, key_id, val) VALUES (?, ?, ?) ON CONFLICT(run_id, key_id) DO UPDATE SET val = excluded.val',
    ),
    series: db.prepare(
      `SELECT id, n, last_step, last_ts, last_val, last_nan, min_val, min_step, max_val, max_step, sum
       FROM series WHERE run_id = ? AND key_id = ?`,
    ),
    insertSeries: db.prepare('INSERT INTO series(run_id, key_id, n) VALUES (?, ?, 0)'),
    updateSeries: db.prepare(
      `UPDATE series SET n = ?, last_step = ?, last_ts = ?, last_val = ?, last_nan = ?, min_val = ?, min_step = ?,
         max_val = ?, max_step = ?, sum = ? WHERE id = ?`,
    ),
    insertPoint: db.prepare(
      'INSERT OR IGNORE INTO point(series_id, step, ts, val, nan) VALUES (?, ?, ?, ?, ?)',
    ),
    dataset: db.prepare('SELECT id FROM dataset WHERE name = ? AND sha256 = ?').pluck(),
    insertDataset: db.prepare(
      `INSERT INTO dataset(uuid, name, sha256, source, license, rows, profile, created_ms)
       VALUES (:uuid, :name, :sha256, :source, :license, :rows, :profile, :createdMs)`,
    ),
    linkInput: db.prepare('INSERT OR IGNORE INTO run_input(run_id, dataset_id, context) VALUES (?, ?, ?)'),
  };

  function keyId(name: string): number {
    return (sql.keyByName.get(name) as number | undefined) ?? Number(sql.insertKey.run(name).lastInsertRowid);
  }

  return {
    listExperiments: () => sql.listExperiments.all(),
    experimentByName: (name: string) =>
      sql.experimentByName.get(name) as { id: number; uuid: string; deleted_ms: number | null } | undefined,
    insertExperiment: (uuid: string, name: string, description: string, nowMs: number) =>
      void sql.insertExperiment.run(uuid, name, description, nowMs, nowMs),
    reviveExperiment: (id: number) => void sql.reviveExperiment.run(id),
    experimentId: (uuid: string) => (sql.experimentById.get(uuid) as { id: number } | undefined)?.id ?? null,
    touchExperiment: (runId: number, nowMs: number) => void sql.touchExperiment.run(nowMs, runId),
    insertRun: (run: {
      uuid: string;
      experiment: number;
      name: string;
      user: string;
      startMs: number;
      note: string;
    }) =>
      Number(
        sql.insertRun.run(run.uuid, run.experiment, run.name, run.user, 'RUNNING', run.startMs, run.note)
          .lastInsertRowid,
      ),
    run: (uuid: string) => (sql.run.get(uuid) as RunState | undefined) ?? null,
    endRun: (id: number, status: string, endMs: number | null) => void sql.endRun.run(status, endMs, id),
    /** The value already there, or null after writing this one. */
    putParam(run: number, name: string, value: string): string | null {
      const key = keyId(name);
      const present = sql.param.get(run, key) as string | undefined;
      if (present !== undefined) return present;
      const num = value.trim() === '' ? Number.NaN : Number(value);
      sql.insertParam.run(run, key, value, Number.isFinite(num) ? num : null);
      return null;
    },
    setTag: (run: number, name: string, value: string) => void sql.setTag.run(run, keyId(name), value),
    /** Adds the points that are new, and keeps the summary of the series true. Call in a transaction. */
    addPoints(run: number, name: string, points: Iterable<Point>): void {
      const key = keyId(name);
      const row = sql.series.get(run, key) as SeriesRow | undefined;
      const id = row?.id ?? Number(sql.insertSeries.run(run, key).lastInsertRowid);
      let summary = row ? summaryOf(row) : EMPTY_SERIES;
      for (const point of points) {
        const nan = Number.isNaN(point.value);
        const added = sql.insertPoint.run(
          id,
          point.step,
          point.timestampMs,
          nan ? 0 : point.value,
          nan ? 1 : 0,
        );
        if (added.changes === 1) summary = withPoint(summary, point);
      }
      const { n, last, min, max, sum } = summary;
      const lastNan = last !== null && Number.isNaN(last.value);
      sql.updateSeries.run(
        n,
        last?.step ?? null,
        last?.timestampMs ?? null,
        lastNan ? 0 : (last?.value ?? null),
        lastNan ? 1 : 0,
        min?.value ?? null,
        min?.step ?? null,
        max?.value ?? null,
        max?.step ?? null,
        sum,
        id,
      );
    },
    linkDataset(run: number, dataset: DatasetRow, context: string, createdMs: number): void {
      const id =
        (sql.dataset.get(dataset.name, dataset.sha256) as number | undefined) ??
        Number(sql.insertDataset.run({ ...dataset, createdMs }).lastInsertRowid);
      sql.linkInput.run(run, id, context);
    },
  };
}

function summaryOf(row: SeriesRow): SeriesSummary {
  const { last_step: step, last_ts: timestampMs, last_val: value } = row;
  return {
    n: row.n,
    last:
      step === null || timestampMs === null || value === null
        ? null
        : { step, timestampMs, value: row.last_nan ? Number.NaN : value },
    min: row.min_val === null || row.min_step === null ? null : { value: row.min_val, step: row.min_step },
    max: row.max_val === null || row.max_step === null ? null : { value: row.max_val, step: row.max_step },
    sum: row.sum ?? 0,
  };
}
