/**
 * Lists of runs: on a reader thread, because a page may hold a thousand runs with dozens
 * of values each. The values of a run are gathered into one JSON text there, so that little crosses threads.
 * JSON has no NaN and no infinity: such values stay in the database and are left out of these answers.
 */
import type { RunRow } from '../../../contract/experiments.ts';
import type { Readers } from '../../data/readers.ts';

const FINITE = 'abs(%) <= 1.7976931348623157e308';
const finite = (column: string) => FINITE.replace('%', column);

const COLUMNS = `
  r.uuid AS id, e.uuid AS experimentId, r.name, r.status, r.start_ms AS startedMs, r.end_ms AS endedMs,
  (SELECT json_group_object(k.name, p.val) FROM param p JOIN key k ON k.id = p.key_id WHERE p.run_id = r.id) AS params,
  (SELECT json_group_object(k.name, t.val) FROM tag t JOIN key k ON k.id = t.key_id WHERE t.run_id = r.id) AS tags,
  (SELECT json_group_object(k.name, s.last_val) FROM series s JOIN key k ON k.id = s.key_id
    WHERE s.run_id = r.id AND s.last_nan = 0 AND ${finite('s.last_val')}) AS metrics,
  (SELECT json_group_array(json_object('model', m.name, 'version', CAST(v.version AS TEXT)))
    FROM model_version v JOIN registered_model m ON m.id = v.model_id
    WHERE v.run_id = r.id AND v.deleted_ms IS NULL AND m.deleted_ms IS NULL) AS produced`;

type Row = Omit<RunRow, 'params' | 'tags' | 'metrics' | 'produced'> & {
  params: string;
  tags: string;
  metrics: string;
  produced: string;
};

export async function findRun(readers: Readers, uuid: string): Promise<RunRow | null> {
  const [row] = await readers.all<Row>(
    `SELECT ${COLUMNS} FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.uuid = ? AND r.deleted_ms IS NULL`,
    [uuid],
  );
  return row ? toRun(row) : null;
}

/** Newest first. `after` is the last row of the page before; the index run_list is walked from there. */
export async function pageOfRuns(
  readers: Readers,
  page: { experiment: number; limit: number; after: { startMs: number; uuid: string } | null },
): Promise<{ rows: RunRow[]; nextCursor: string | null }> {
  const { experiment, limit, after } = page;
  const found = await readers.all<Row>(
    `SELECT ${COLUMNS} FROM run r JOIN experiment e ON e.id = r.exp_id
     WHERE r.exp_id = ? AND r.deleted_ms IS NULL ${after ? 'AND (r.start_ms, r.uuid) < (?, ?)' : ''}
     ORDER BY r.start_ms DESC, r.uuid DESC LIMIT ?`,
    [experiment, ...(after ? [after.startMs, after.uuid] : []), limit + 1],
  );
  const rows = found.slice(0, limit).map(toRun);
  return { rows, nextCursor: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

const toRun = (row: Row): RunRow => ({
  ...row,
  params: JSON.parse(row.params) as RunRow['params'],
  tags: JSON.parse(row.tags) as RunRow['tags'],
  metrics: JSON.parse(row.metrics) as RunRow['metrics'],
  produced: JSON.parse(row.produced) as RunRow['produced'],
});
