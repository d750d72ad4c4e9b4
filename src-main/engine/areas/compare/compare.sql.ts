/**
 * One query for each section of a comparison. A row is a name with one JSON object of the values of all runs that have
 * one, by the run's place: made by SQLite on the reader thread, so that 100 runs times 2,000 rows cross threads and
 * wire as 2,000 texts. The first bound value is a JSON array: run ids, or the folders of their artifacts. CROSS JOIN
 * keeps the order of the tables: the planner knows neither how few runs are wanted nor how many there are.
 */

import type { z } from 'zod';
import type { Aggregate } from '../../../contract/runs-table.ts';

/** More rows than these of one section are counted, not sent. */
export const MOST_ROWS = 5_000;
/** Of one run: files beyond these are not compared. */
export const MOST_FILES = 5_000;

/**
 * `values` selects `key`, `at` (the run's place) and `value`; a null value counts as none. Ends with how many rows are
 * alike and how many differ: `key` is null there, and `cells` their number. Bind the runs, how many they are, and
 * whether alike rows are wanted (1 or 0).
 */
const section = (values: string) => `
WITH wanted(at, id) AS MATERIALIZED (SELECT key, value FROM json_each(?)),
asked(runs, alike) AS (SELECT ?, ?),
found AS MATERIALIZED (
  SELECT key, json_group_object(CAST(at AS TEXT), value) AS cells,
    COUNT(*) < (SELECT runs FROM asked) OR MIN(value) IS NOT MAX(value) AS differs
  FROM (${values}) WHERE value IS NOT NULL GROUP BY key)
SELECT * FROM (SELECT key, cells, differs FROM found WHERE differs OR (SELECT alike FROM asked) ORDER BY key LIMIT ${MOST_ROWS})
UNION ALL SELECT NULL, COUNT(*), differs FROM found GROUP BY differs`;

const runs = 'wanted w CROSS JOIN run r ON r.uuid = w.id';
const keyed = (table: string) =>
  `${runs} CROSS JOIN ${table} x ON x.run_id = r.id CROSS JOIN key k ON k.id = x.key_id`;

/** JSON has no infinity; NaN is never a smallest or largest value. */
const json = (value: string) =>
  `CASE WHEN ${value} = 9e999 THEN 'Infinity' WHEN ${value} = -9e999 THEN '-Infinity' ELSE ${value} END`;
const METRIC = {
  last: `CASE WHEN x.last_nan = 1 THEN 'NaN' ELSE ${json('x.last_val')} END`,
  min: json('x.min_val'),
  max: json('x.max_val'),
};

export const PARAMS = section(`SELECT k.name AS key, w.at AS at, x.val AS value FROM ${keyed('param')}`);

export const metrics = (aggregate: z.infer<typeof Aggregate>) =>
  section(
    `SELECT k.name AS key, w.at AS at, ${METRIC[aggregate]} AS value FROM ${keyed('series')} WHERE x.n > 0`,
  );

/** Those that people set: MLflow's own and what `lathe run` captured have sections of their own. */
export const TAGS = section(
  `SELECT k.name AS key, w.at AS at, x.val AS value FROM ${keyed('tag')}
   WHERE k.name NOT LIKE 'mlflow.%' AND k.name NOT LIKE 'lathe.%'`,
);

/** Several of one name and context in a run stand together, in the order of their content. */
const dataset = (what: string, value: string) =>
  `SELECT d.name || CASE WHEN i.context = '' THEN '' ELSE ' (' || i.context || ')' END || '${what}' AS key, w.at AS at,
     group_concat(${value}, ' ' ORDER BY d.sha256, d.digest) AS value
   FROM ${runs} CROSS JOIN run_input i ON i.run_id = r.id CROSS JOIN dataset d ON d.id = i.dataset_id GROUP BY 1, 2`;

export const DATASETS = section(
  [
    dataset(
      '',
      `CASE WHEN d.sha256 <> '' THEN 'sha256:' || d.sha256 WHEN d.digest <> '' THEN 'digest:' || d.digest END`,
    ),
    dataset(' rows', 'CAST(d.rows AS TEXT)'),
    dataset(' schema', 'd.schema'),
    dataset(' source', `NULLIF(d.source, '')`),
  ].join(' UNION ALL '),
);

/** Here the bound ids are the folders that the runs' artifacts lie in; null where they are kept elsewhere. */
export const FILES = section(
  `SELECT substr(a.path, length(w.id) + 2) AS key, w.at AS at, substr(a.sha256, 1, 12) || ' ' || a.size AS value
   FROM wanted w CROSS JOIN artifact a ON a.path IN (
     SELECT f.path FROM artifact f WHERE f.path > w.id || '/' AND f.path < w.id || '0' ORDER BY f.path LIMIT ${MOST_FILES})`,
);

/** Tags that say which code ran and where, all of them, alike or not. */
export const CAPTURED = `
SELECT k.name AS key, w.key AS at, x.val AS value
FROM json_each(?) w CROSS JOIN run r ON r.uuid = w.value CROSS JOIN tag x ON x.run_id = r.id CROSS JOIN key k ON k.id = x.key_id
WHERE k.name LIKE 'lathe.%' OR k.name LIKE 'mlflow.source.%'`;

export const RUNS = `
SELECT r.uuid AS id, r.name, r.status, e.uuid AS experimentId, e.name AS experiment, r.start_ms AS startedMs,
  r.end_ms AS endedMs, r.user, COALESCE(e.artifact_location, 'mlflow-artifacts:/' || e.id) AS location
FROM json_each(?) wanted CROSS JOIN run r ON r.uuid = wanted.value JOIN experiment e ON e.id = r.exp_id
WHERE r.deleted_ms IS NULL ORDER BY wanted.key`;

const blobAt = (path: string) => `(SELECT a.sha256 FROM artifact a WHERE a.path = ${path})`;

/**
 * Binds a JSON array of [folder of the run's artifacts, folder of its experiment's, run id]. What lathe run captured;
 * and what a model logged by MLflow 2 (in the run's files) or 3 (beside the run) says it needs.
 */
export const CAPTURED_FILES = `
SELECT w.key AS at, ${blobAt(`(w.value ->> 0) || '/lathe/code.patch'`)} AS patch,
  ${blobAt(`(w.value ->> 0) || '/lathe/requirements.txt'`)} AS installed,
  COALESCE(
    (SELECT a.sha256 FROM run r JOIN run_model m ON m.run_id = r.id AND m.direction = 'output'
       JOIN artifact a ON a.path = (w.value ->> 1) || '/models/' || m.model || '/artifacts/requirements.txt'
     WHERE r.uuid = w.value ->> 2 ORDER BY m.step DESC, m.model LIMIT 1),
    (SELECT a.sha256 FROM artifact a WHERE a.path > (w.value ->> 0) || '/' AND a.path < (w.value ->> 0) || '0'
       AND a.path LIKE '%/requirements.txt' ORDER BY a.path LIMIT 1)) AS model,
  (SELECT COUNT(*) FROM (SELECT 1 FROM artifact a WHERE a.path > (w.value ->> 0) || '/' AND a.path < (w.value ->> 0) || '0'
     LIMIT ${MOST_FILES + 1})) > ${MOST_FILES} AS filesCut
FROM json_each(?) w`;
