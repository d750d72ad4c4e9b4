/** Datasets as runs used them, on a reader thread. The same content under several names is one dataset. */
import type { DatasetRow, DatasetUse } from '../../../contract/datasets.ts';
import type { Readers } from '../../data/readers.ts';
import { datasetsLike, sameDataset } from '../lineage/index.ts';

const PROFILE_ROWS = `CASE WHEN json_valid(d.profile) AND json_type(d.profile) = 'object' THEN json_extract(d.profile, '$.num_rows') END`;

/** Needs `same(id, first)`: each dataset and the row that stands for it. */
const ROW = `c.uuid AS id, c.name, NULLIF(c.sha256, '') AS sha256, c.digest,
  MAX(COALESCE(d.rows, ${PROFILE_ROWS})) AS rows,
  json_group_array(DISTINCT d.name) AS names, COUNT(DISTINCT r.id) AS runs,
  COUNT(DISTINCT v.id) AS versions,
  MIN(d.created_ms) AS firstMs, COALESCE(MAX(r.start_ms), MAX(d.created_ms)) AS lastMs`;
const JOINS = `same JOIN dataset d ON d.id = same.id JOIN dataset c ON c.id = same.first
  LEFT JOIN run_input i ON i.dataset_id = d.id LEFT JOIN run r ON r.id = i.run_id AND r.deleted_ms IS NULL
  LEFT JOIN model_version v ON v.run_id = r.id AND v.deleted_ms IS NULL
    AND EXISTS (SELECT 1 FROM registered_model m WHERE m.id = v.model_id AND m.deleted_ms IS NULL)`;

type Row = Omit<DatasetRow, 'alsoKnownAs'> & { names: string };

function toRow({ names, ...row }: Row): DatasetRow {
  const others = (JSON.parse(names) as string[]).filter((name) => name !== row.name).sort();
  return { ...row, rows: row.rows === null ? null : Math.round(Number(row.rows)), alsoKnownAs: others };
}

export async function listDatasets(readers: Readers, text: string): Promise<DatasetRow[]> {
  const rows = await readers.all<Row>(
    `WITH wanted(text) AS (VALUES (lower(?))), same AS MATERIALIZED (SELECT d.id, ${sameDataset('d')} AS first FROM dataset d)
     SELECT ${ROW} FROM ${JOINS}
     GROUP BY same.first
     HAVING (SELECT text FROM wanted) = '' OR SUM(instr(lower(d.name), (SELECT text FROM wanted)) > 0
       OR instr(d.sha256, (SELECT text FROM wanted)) = 1 OR instr(lower(d.digest), (SELECT text FROM wanted)) = 1) > 0
     ORDER BY lastMs DESC, c.id LIMIT 1000`,
    [text],
  );
  return rows.map(toRow);
}

const LIKE_ONE = `one AS (SELECT id FROM dataset WHERE uuid = ?),
  same AS MATERIALIZED (SELECT l.id, ${sameDataset('l')} AS first FROM dataset l
    WHERE l.id IN (${datasetsLike('(SELECT id FROM one)')}))`;

export async function findDataset(readers: Readers, id: string): Promise<DatasetRow | null> {
  const [row] = await readers.all<Row>(`WITH ${LIKE_ONE} SELECT ${ROW} FROM ${JOINS} GROUP BY same.first`, [
    id,
  ]);
  return row ? toRow(row) : null;
}

export type DatasetSource = {
  name: string;
  type: string;
  source: string;
  license: string;
  schema: string | null;
  profile: string | null;
};

/** Every way in which clients described it, the newest last. */
export const sourcesOf = (readers: Readers, id: string): Promise<DatasetSource[]> =>
  readers.all(
    `WITH ${LIKE_ONE} SELECT d.name, d.source_type AS type, d.source, d.license, d.schema, d.profile
     FROM same JOIN dataset d ON d.id = same.id ORDER BY d.id LIMIT 50`,
    [id],
  );

const VERSIONS = `SELECT json_group_array(json_object('model', m.name, 'version', CAST(v.version AS TEXT)))
  FROM model_version v JOIN registered_model m ON m.id = v.model_id
  WHERE v.run_id = r.id AND v.deleted_ms IS NULL AND m.deleted_ms IS NULL`;

export async function usesOf(
  readers: Readers,
  id: string,
  limit: number,
  offset: number,
): Promise<{ rows: DatasetUse[]; more: boolean }> {
  const found = await readers.all<
    Omit<DatasetUse, 'contexts' | 'versions'> & { contexts: string; versions: string }
  >(
    `WITH ${LIKE_ONE}
     SELECT r.uuid AS runId, r.name AS run, r.status, e.name AS experiment, r.start_ms AS startedMs,
       json_group_array(DISTINCT i.context) AS contexts, (${VERSIONS}) AS versions
     FROM same JOIN run_input i ON i.dataset_id = same.id JOIN run r ON r.id = i.run_id JOIN experiment e ON e.id = r.exp_id
     WHERE r.deleted_ms IS NULL GROUP BY r.id ORDER BY r.start_ms DESC, r.uuid DESC LIMIT ? OFFSET ?`,
    [id, limit + 1, offset],
  );
  const rows = found.slice(0, limit).map((row) => ({
    ...row,
    contexts: (JSON.parse(row.contexts) as string[]).filter(Boolean),
    versions: JSON.parse(row.versions) as DatasetUse['versions'],
  }));
  return { rows, more: found.length > limit };
}

/** Endpoints that serve a version which a run made of it. */
export async function endpointsOf(readers: Readers, id: string): Promise<string[]> {
  const rows = await readers.all<{ name: string }>(
    `WITH ${LIKE_ONE}
     SELECT DISTINCT e.name FROM same JOIN run_input i ON i.dataset_id = same.id JOIN model_version v ON v.run_id = i.run_id
       JOIN endpoint e ON e.model_id = v.model_id, json_each(e.arms) arm
     WHERE e.deleted_ms IS NULL AND v.deleted_ms IS NULL AND CAST(arm.value ->> 'version' AS INTEGER) = v.version ORDER BY e.name`,
    [id],
  );
  return rows.map(({ name }) => name);
}
