/**
 * SQL of deleting for good, a few rows at a time: every function removes at most about `rows` rows and says whether
 * more may be left. All of them may be called again after a crash.
 */
import type { TrashKind } from '../../../contract/trash.ts';
import type { Database } from '../../data/database.ts';
import { IS_MISSED, isBelow, LOGGED_MODEL_ROOT, RUN_ROOT, VERSION_FILES, VERSION_ROOT } from './trash.sql.ts';

type Row = Record<string, number | string | null>;
export type Doomed = { kind: TrashKind; id: number };
type Uses = (sha256s: readonly string[]) => void;

/** `letGo` is told of the blobs whose use ended. */
export function createPurgeStore(db: Database, letGo: Uses) {
  const pluck = (sql: string) => db.prepare(sql).pluck();
  const sql = {
    next: db.prepare('SELECT kind, id FROM purge ORDER BY kind, id LIMIT 1'),
    isLast: pluck('SELECT COUNT(*) = 1 FROM (SELECT 1 FROM purge LIMIT 2)'),
    done: db.prepare('DELETE FROM purge WHERE kind = ? AND id = ?'),
    run: db.prepare(
      `SELECT r.uuid, ${RUN_ROOT} AS root FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id = ?`,
    ),
    logged: db.prepare(
      `SELECT l.uuid, ${LOGGED_MODEL_ROOT} AS root FROM logged_model l JOIN experiment e ON e.id = l.exp_id WHERE l.id = ?`,
    ),
    version: db.prepare(
      `SELECT ${VERSION_ROOT} AS root, ${VERSION_FILES} AS files, v.sha256,
         EXISTS (SELECT 1 FROM run r WHERE r.uuid = v.run_uuid AND v.run_uuid <> '')
           OR EXISTS (SELECT 1 FROM logged_model l WHERE l.uuid = v.logged_model) AS owned
       FROM model_version v WHERE v.id = ?`,
    ),
    experimentRoot: pluck(
      'SELECT CAST(id AS TEXT) FROM experiment WHERE id = ? AND artifact_location IS NULL',
    ),
    /** Folders of versions that stay. */
    kept: pluck(
      `SELECT DISTINCT ${VERSION_FILES} FROM model_version v JOIN registered_model m ON m.id = v.model_id
       WHERE v.purged_ms IS NULL AND m.purged_ms IS NULL AND ${VERSION_FILES} IS NOT NULL
         AND (${VERSION_FILES} = :root OR ${isBelow(VERSION_FILES, ':root')} OR ${isBelow(':root', VERSION_FILES)})`,
    ),
    files: db.prepare('SELECT path, sha256 FROM artifact WHERE path > ? AND path < ? ORDER BY path LIMIT ?'),
    removeFiles: db.prepare('DELETE FROM artifact WHERE path IN (SELECT value FROM json_each(?))'),
    binned: db.prepare('SELECT id, sha256 FROM artifact_trash WHERE path > ? AND path < ? LIMIT ?'),
    binnedById: pluck('SELECT sha256 FROM artifact_trash WHERE id = ?'),
    removeBinned: db.prepare('DELETE FROM artifact_trash WHERE id IN (SELECT value FROM json_each(?))'),
    // Counting stops soon: what has more is not small.
    small: pluck(
      `SELECT (SELECT COALESCE(SUM(n), 0) FROM (SELECT n FROM series WHERE run_id = :run LIMIT 51)) <= 500
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM series WHERE run_id = :run LIMIT 51)) <= 50
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM param WHERE run_id = :run LIMIT 201)) <= 200
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM tag WHERE run_id = :run LIMIT 201)) <= 200
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM run WHERE parent_id = :run LIMIT 51)) <= 50
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM artifact WHERE ${isBelow('path', ':root')} LIMIT 51)) <= 50
         AND (SELECT COUNT(*) FROM (SELECT 1 FROM artifact_trash WHERE ${isBelow('path', ':root')} LIMIT 51)) <= 50`,
    ),
    series: pluck('SELECT id FROM series WHERE run_id = ? LIMIT 1'),
    bound: db.prepare(
      'SELECT step, ts, val, nan FROM point WHERE series_id = ? ORDER BY step, ts, val, nan LIMIT 1 OFFSET ?',
    ),
    pointsUpTo: db.prepare('DELETE FROM point WHERE series_id = ? AND (step, ts, val, nan) <= (?, ?, ?, ?)'),
    points: db.prepare('DELETE FROM point WHERE series_id = ?'),
    // The trigger of the table series would take all of them at once (ids: migration 0005).
    rollups: db.prepare(
      `DELETE FROM rollup WHERE id IN (SELECT id FROM rollup
         WHERE id >= :series * 16777216 AND id < (:series + 1) * 16777216 LIMIT :rows)`,
    ),
    dropSeries: db.prepare('DELETE FROM series WHERE id = ?'),
    params: db.prepare(
      'DELETE FROM param WHERE run_id = :run AND key_id IN (SELECT key_id FROM param WHERE run_id = :run LIMIT :rows)',
    ),
    tags: db.prepare(
      'DELETE FROM tag WHERE run_id = :run AND key_id IN (SELECT key_id FROM tag WHERE run_id = :run LIMIT :rows)',
    ),
    datasets: pluck('SELECT DISTINCT dataset_id FROM run_input WHERE run_id = ?'),
    inputTags: db.prepare('DELETE FROM run_input_tag WHERE run_id = ?'),
    inputs: db.prepare('DELETE FROM run_input WHERE run_id = ?'),
    unusedDataset: db.prepare(
      'DELETE FROM dataset WHERE id = ? AND NOT EXISTS (SELECT 1 FROM run_input WHERE dataset_id = dataset.id)',
    ),
    runModels: db.prepare('DELETE FROM run_model WHERE run_id = ?'),
    children: db.prepare(
      'UPDATE run SET parent_id = NULL WHERE id IN (SELECT id FROM run WHERE parent_id = ? LIMIT ?)',
    ),
    versionsOf: db.prepare('UPDATE model_version SET run_id = NULL WHERE run_id = ?'),
    ownModels: pluck(
      `SELECT l.id FROM logged_model l WHERE l.source_run = ? AND l.purged_ms IS NULL AND NOT ${IS_MISSED} LIMIT ?`,
    ),
    dropRun: db.prepare('DELETE FROM run WHERE id = ?'),
    loggedParams: db.prepare('DELETE FROM logged_model_param WHERE model_id = ?'),
    loggedTags: db.prepare('DELETE FROM logged_model_tag WHERE model_id = ?'),
    loggedMetrics: db.prepare(
      `DELETE FROM logged_model_metric WHERE model_id = :id AND (name, run_id, step, ts, val, nan, dataset_name, dataset_digest) IN
         (SELECT name, run_id, step, ts, val, nan, dataset_name, dataset_digest FROM logged_model_metric WHERE model_id = :id LIMIT :rows)`,
    ),
    loggedLinks: db.prepare('DELETE FROM run_model WHERE model = ?'),
    dropLogged: db.prepare('DELETE FROM logged_model WHERE id = ?'),
    versionTags: db.prepare('DELETE FROM model_version_tag WHERE version_id = ?'),
    emptyVersion: db.prepare(
      `UPDATE model_version SET description = '', sha256 = NULL, size = NULL, run_id = NULL, run_uuid = '', run_link = '', user = '',
         signature = '{"inputs":[],"outputs":[],"opset":null,"producer":""}', prediction = '{}', metadata = '{}', metrics = '{}',
         reference = NULL, source = '', location = '', logged_model = NULL, not_servable = NULL, lost_aliases = '[]',
         purged_ms = COALESCE(purged_ms, :now), deleted_ms = COALESCE(deleted_ms, :now) WHERE id = :id`,
    ),
    versionOf: pluck('SELECT id FROM model_version WHERE model_id = ? AND purged_ms IS NULL LIMIT 1'),
    modelTags: db.prepare('DELETE FROM registered_model_tag WHERE model_id = ?'),
    modelAliases: db.prepare('DELETE FROM model_alias WHERE model_id = ?'),
    hideRuns: db.prepare(
      'UPDATE run SET purged_ms = ? WHERE id IN (SELECT id FROM run WHERE exp_id = ? AND purged_ms IS NULL LIMIT ?)',
    ),
    hideLogged: db.prepare(
      `UPDATE logged_model SET purged_ms = :now, deleted_ms = COALESCE(deleted_ms, :now)
       WHERE id IN (SELECT id FROM logged_model WHERE exp_id = :experiment AND purged_ms IS NULL LIMIT :rows)`,
    ),
    runOf: pluck('SELECT id FROM run WHERE exp_id = ? LIMIT 1'),
    loggedOf: pluck('SELECT id FROM logged_model WHERE exp_id = ? LIMIT 1'),
    experimentTags: db.prepare('DELETE FROM experiment_tag WHERE exp_id = ?'),
    savedViews: db.prepare('DELETE FROM saved_view WHERE exp_id = ?'),
    enqueue: db.prepare('INSERT OR IGNORE INTO purge(kind, id) VALUES (?, ?)'),
    markLogged: db.prepare(
      'UPDATE logged_model SET purged_ms = ?, deleted_ms = COALESCE(deleted_ms, ?) WHERE id = ?',
    ),
  };
  const first = (row: unknown) => (row as number | undefined) ?? null;

  return {
    next: () => (sql.next.get() as Doomed | undefined) ?? null,
    isLast: () => sql.isLast.get() === 1,
    done: ({ kind, id }: Doomed) => void sql.done.run(kind, id),
    run: (id: number) => (sql.run.get(id) as { uuid: string; root: string | null } | undefined) ?? null,
    loggedModel: (id: number) =>
      (sql.logged.get(id) as { uuid: string; root: string | null } | undefined) ?? null,
    /** `owned`: its run or logged model is still there, so that files outside `root` are theirs. */
    version: (id: number) =>
      (sql.version.get(id) as
        | { root: string; files: string | null; sha256: string | null; owned: number }
        | undefined) ?? null,
    /** Null for an experiment whose files lie at a place of its own, which others may share. */
    experimentRoot: (id: number) => (sql.experimentRoot.get(id) as string | undefined) ?? null,
    kept: (root: string) => sql.kept.all({ root }) as string[],
    /** Files below `root` after `cursor` ('' at first), but for those in a `kept` folder. Null: no more. */
    files(root: string, cursor: string, kept: readonly string[], rows: number): string | null {
      const found = sql.files.all(cursor || `${root}/`, `${root}0`, rows) as {
        path: string;
        sha256: string;
      }[];
      const gone = found.filter(
        ({ path }) => !kept.some((one) => path === one || path.startsWith(`${one}/`)),
      );
      sql.removeFiles.run(JSON.stringify(gone.map(({ path }) => path)));
      letGo(gone.map(({ sha256 }) => sha256));
      return found.at(-1)?.path ?? null;
    },
    binnedFiles(root: string, rows: number): boolean {
      const found = sql.binned.all(`${root}/`, `${root}0`, rows) as { id: number; sha256: string }[];
      sql.removeBinned.run(JSON.stringify(found.map(({ id }) => id)));
      letGo(found.map(({ sha256 }) => sha256));
      return found.length > 0;
    },
    binnedFile(id: number): void {
      const sha256 = sql.binnedById.get(id) as string | undefined;
      sql.removeBinned.run(JSON.stringify([id]));
      if (sha256) letGo([sha256]);
    },
    /** All of it in one transaction takes a few milliseconds at most. */
    isSmall: (run: number, root: string | null) => sql.small.get({ run, root: root ?? '' }) === 1,
    series: (run: number) => first(sql.series.get(run)),
    /** A row of these holds thousands of points. */
    rollups: (series: number, rows: number) =>
      sql.rollups.run({ series, rows: Math.ceil(rows / 50) }).changes > 0,
    /** The series itself goes with its last points. */
    points(series: number, rows: number): boolean {
      const bound = sql.bound.get(series, rows - 1) as Row | undefined;
      if (bound) {
        sql.pointsUpTo.run(series, bound.step, bound.ts, bound.val, bound.nan);
        return true;
      }
      sql.points.run(series);
      sql.dropSeries.run(series);
      return false;
    },
    params: (run: number, rows: number) => sql.params.run({ run, rows }).changes > 0,
    tags: (run: number, rows: number) => sql.tags.run({ run, rows }).changes > 0,
    /** With the datasets that nothing else read. */
    inputs(run: number): void {
      const datasets = sql.datasets.all(run) as number[];
      sql.inputTags.run(run);
      sql.inputs.run(run);
      for (const dataset of datasets) sql.unusedDataset.run(dataset);
      sql.runModels.run(run);
      sql.versionsOf.run(run);
    },
    children: (run: number, rows: number) => sql.children.run(run, rows).changes > 0,
    /** Logged models that only this run knew go with it. */
    ownModels(uuid: string, rows: number, nowMs: number): boolean {
      const ids = sql.ownModels.all(uuid, rows) as number[];
      for (const id of ids) {
        sql.markLogged.run(nowMs, nowMs, id);
        sql.enqueue.run('logged-model', id);
      }
      return ids.length > 0;
    },
    dropRun: (id: number) => void sql.dropRun.run(id),
    loggedMetrics: (id: number, rows: number) => sql.loggedMetrics.run({ id, rows }).changes > 0,
    dropLoggedModel(id: number, uuid: string): void {
      sql.loggedParams.run(id);
      sql.loggedTags.run(id);
      sql.loggedLinks.run(uuid);
      sql.dropLogged.run(id);
    },
    emptyVersion(id: number, sha256: string | null, nowMs: number): void {
      sql.versionTags.run(id);
      sql.emptyVersion.run({ id, now: nowMs });
      if (sha256) letGo([sha256]);
    },
    /** A version of the model that still has content. */
    versionOf: (model: number) => first(sql.versionOf.get(model)),
    emptyModel(model: number): void {
      sql.modelTags.run(model);
      sql.modelAliases.run(model);
    },
    /** So that what is half gone cannot be seen. */
    hideChildren(experiment: number, rows: number, nowMs: number): boolean {
      const { changes } = sql.hideRuns.run(nowMs, experiment, rows);
      return sql.hideLogged.run({ now: nowMs, experiment, rows }).changes + changes > 0;
    },
    runOf: (experiment: number) => first(sql.runOf.get(experiment)),
    loggedOf: (experiment: number) => first(sql.loggedOf.get(experiment)),
    emptyExperiment(id: number): void {
      sql.experimentTags.run(id);
      sql.savedViews.run(id);
    },
  };
}
