/** Each way in which one thing leads to another, as SQL: columns a (from), b (to), by row id, and a label. */
import type { LineageKind } from '../../../contract/lineage.ts';

export type Link = { from: LineageKind; to: LineageKind; sql: string };

const RUN_STAYS = 'r.deleted_ms IS NULL';
const VERSION_STAYS = 'v.deleted_ms IS NULL AND m.deleted_ms IS NULL';
const VERSION = 'model_version v JOIN registered_model m ON m.id = v.model_id';

/**
 * Datasets with the same content are the same data whatever they are called; where nobody knows the content, the
 * client's name and digest have to do. The first row of those that are the same stands for all of them.
 */
export const sameDataset = (d: string) => `CASE WHEN ${d}.sha256 <> ''
  THEN (SELECT MIN(x.id) FROM dataset x WHERE x.sha256 = ${d}.sha256 AND x.sha256 <> '')
  ELSE (SELECT MIN(x.id) FROM dataset x WHERE x.name = ${d}.name AND x.digest = ${d}.digest AND x.sha256 = '') END`;

/** Row ids of all datasets that are the same as row `id`. */
export const datasetsLike = (
  id: string,
) => `SELECT x.id FROM dataset d JOIN dataset x ON x.sha256 = d.sha256 AND x.sha256 <> ''
  WHERE d.id = ${id}
  UNION SELECT x.id FROM dataset d JOIN dataset x ON x.name = d.name AND x.digest = d.digest AND x.sha256 = ''
  WHERE d.id = ${id} AND d.sha256 = ''`;

export const LINKS: readonly Link[] = [
  {
    from: 'dataset',
    to: 'run',
    sql: `SELECT i.dataset_id AS a, i.run_id AS b, i.context AS label FROM run_input i JOIN run r ON r.id = i.run_id WHERE ${RUN_STAYS}`,
  },
  {
    from: 'run',
    to: 'logged-model',
    sql: `SELECT r.id AS a, l.id AS b, 'logged' AS label FROM logged_model l JOIN run r ON r.uuid = l.source_run
      WHERE l.deleted_ms IS NULL AND ${RUN_STAYS}`,
  },
  {
    from: 'run',
    to: 'logged-model',
    sql: `SELECT o.run_id AS a, l.id AS b, 'logged' AS label FROM run_model o JOIN logged_model l ON l.uuid = o.model
      JOIN run r ON r.id = o.run_id WHERE o.direction = 'output' AND l.deleted_ms IS NULL AND ${RUN_STAYS}`,
  },
  {
    from: 'logged-model',
    to: 'run',
    sql: `SELECT l.id AS a, i.run_id AS b, 'read' AS label FROM run_model i JOIN logged_model l ON l.uuid = i.model
      JOIN run r ON r.id = i.run_id WHERE i.direction = 'input' AND l.deleted_ms IS NULL AND ${RUN_STAYS}`,
  },
  {
    from: 'logged-model',
    to: 'version',
    sql: `SELECT l.id AS a, v.id AS b, 'registered' AS label FROM ${VERSION} JOIN logged_model l ON l.uuid = v.logged_model
      WHERE l.deleted_ms IS NULL AND ${VERSION_STAYS}`,
  },
  {
    from: 'run',
    to: 'version',
    sql: `SELECT v.run_id AS a, v.id AS b, 'registered' AS label FROM ${VERSION} JOIN run r ON r.id = v.run_id
      WHERE ${VERSION_STAYS} AND ${RUN_STAYS}
        AND NOT EXISTS (SELECT 1 FROM logged_model l WHERE l.uuid = v.logged_model AND l.deleted_ms IS NULL)`,
  },
  {
    from: 'version',
    to: 'endpoint',
    sql: `SELECT v.id AS a, e.id AS b, (arm.value ->> 'key') || ' ' || printf('%g', (arm.value ->> 'weight') / 100.0) || ' %' AS label
      FROM endpoint e, json_each(e.arms) arm, ${VERSION}
      WHERE v.model_id = e.model_id AND v.version = CAST(arm.value ->> 'version' AS INTEGER) AND e.deleted_ms IS NULL AND ${VERSION_STAYS}`,
  },
];

/** Tags of `lathe run` and of MLflow's client that say which code ran and where. */
export const FACT_TAGS: readonly (readonly [label: string, ...tags: string[]])[] = [
  ['Commit', 'lathe.code.commit', 'mlflow.source.git.commit'],
  ['Branch', 'lathe.code.branch', 'mlflow.source.git.branch'],
  ['Uncommitted changes', 'lathe.code.changes'],
  ['Entry point', 'mlflow.source.name'],
  ['Interpreter', 'lathe.interpreter'],
  ['Machine', 'lathe.host'],
];
