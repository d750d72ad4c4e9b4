/** Reads the trash, on a reader thread: pages, what is chosen, and what deleting it would free. */
import type { TrashItem, TrashKind, TrashRef, TrashWeight } from '../../../contract/trash.ts';
import type { Readers } from '../../data/readers.ts';
import {
  type Chosen,
  countOf,
  expiryOf,
  nothingChosen,
  ownerOfPath,
  sharedPath,
  type UndoWindows,
} from './trash.rules.ts';
import {
  ARTIFACT_BATCH,
  IS_MISSED,
  isBelow,
  LISTED,
  LOGGED_MODEL_ROOT,
  listed,
  RUN_ROOT,
  VERSION_FILES,
  VERSION_ROOT,
} from './trash.sql.ts';

type Row = {
  kind: TrashKind;
  id: string;
  title: string;
  place: string;
  last: string;
  deleted_ms: number;
  count: number;
  bytes: number;
};
export type ListWanted = {
  kind?: TrashKind | undefined;
  text: string;
  limit: number;
  cursor?: string | undefined;
};

const PAGE_SQL = `SELECT page.*, CASE kind
    WHEN 'experiment' THEN (SELECT COUNT(*) FROM run r WHERE r.exp_id = page.key)
    WHEN 'model' THEN (SELECT COUNT(*) FROM model_version v WHERE v.model_id = page.key AND v.purged_ms IS NULL)
    WHEN 'artifact' THEN (SELECT COUNT(*) FROM artifact_trash t WHERE t.deleted_ms = page.deleted_ms AND ${ARTIFACT_BATCH} = page.id)
    ELSE 1 END AS count,
  CASE kind
    WHEN 'model' THEN (SELECT COALESCE(SUM(v.size), 0) FROM model_version v WHERE v.model_id = page.key)
    WHEN 'version' THEN (SELECT COALESCE(v.size, 0) FROM model_version v WHERE v.id = page.key)
    WHEN 'artifact' THEN (SELECT SUM(t.size) FROM artifact_trash t WHERE t.deleted_ms = page.deleted_ms AND ${ARTIFACT_BATCH} = page.id)
    ELSE (SELECT COALESCE(SUM(a.size), 0) FROM artifact a WHERE ${isBelow('a.path', 'page.root')}) END AS bytes
  FROM page ORDER BY deleted_ms DESC, kind, id`;

export async function pageOfTrash(
  readers: Readers,
  { kind, text, limit, cursor }: ListWanted,
  windows: UndoWindows,
): Promise<{ items: TrashItem[]; nextCursor: string | null }> {
  const [atMs, atKind, atId] = cursor === undefined ? [] : cursor.split('|');
  const rows = await readers.all<Row>(
    `WITH wanted(text, at_ms, at_kind, at_id) AS (VALUES (lower(?), ?, ?, ?)),
       listed(kind, id, key, title, place, deleted_ms, root, last) AS (${listed(kind)}),
       page AS MATERIALIZED (SELECT listed.* FROM wanted, listed
         WHERE (text = '' OR instr(lower(title), text) > 0 OR instr(lower(place), text) > 0)
           AND (at_ms IS NULL OR deleted_ms < at_ms OR (deleted_ms = at_ms AND (kind, id) > (at_kind, at_id)))
         ORDER BY deleted_ms DESC, kind, id LIMIT ?) ${PAGE_SQL}`,
    [text, atMs === undefined ? null : Number(atMs), atKind ?? '', atId ?? '', limit + 1],
  );
  const shown = rows.slice(0, limit);
  const names = await namesOfRuns(readers, shown);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => toItem(row, names, windows)),
    nextCursor: rows.length > limit && last ? `${last.deleted_ms}|${last.kind}|${last.id}` : null,
  };
}

/** Names of the runs that deleted files were of. */
async function namesOfRuns(readers: Readers, rows: readonly Row[]): Promise<Map<string, string>> {
  const runs = rows.flatMap(({ kind, title }) => (kind === 'artifact' ? (ownerOfPath(title).run ?? []) : []));
  if (runs.length === 0) return new Map();
  const found = await readers.all<{ uuid: string; name: string }>(
    'SELECT uuid, name FROM run WHERE uuid IN (SELECT value FROM json_each(?))',
    [JSON.stringify(runs)],
  );
  return new Map(found.map(({ uuid, name }) => [uuid, name]));
}

function toItem(row: Row, names: ReadonlyMap<string, string>, windows: UndoWindows): TrashItem {
  const { kind, id, title, place, deleted_ms: deletedMs, count, bytes } = row;
  const item = { kind, id, deletedMs, expiresMs: expiryOf(kind, deletedMs, windows), count, bytes };
  if (kind !== 'artifact') return { ...item, title, place };
  const { run, rest } = ownerOfPath(sharedPath(title, row.last));
  return { ...item, title: rest, place: (run && names.get(run)) ?? '' };
}

export async function trashCounts(readers: Readers): Promise<Record<TrashKind, number>> {
  const counts = Object.entries(LISTED).map(
    ([kind, sql]) => `SELECT '${kind}' AS kind, COUNT(*) AS n FROM (${sql})`,
  );
  const rows = await readers.all<{ kind: TrashKind; n: number }>(counts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n])) as Record<TrashKind, number>;
}

/** Which: named things, everything, or what was deleted before a moment. */
export type Choice = readonly TrashRef[] | 'all' | { before: number; filesBefore: number };

export async function choose(readers: Readers, choice: Choice): Promise<Chosen> {
  const named = Array.isArray(choice)
    ? JSON.stringify(choice.map(({ kind, id }: TrashRef) => `${kind} ${id}`))
    : null;
  const before = typeof choice === 'object' && 'before' in choice ? choice : null;
  const things = Object.entries(LISTED).filter(([kind]) => kind !== 'artifact');
  const rows = await readers.all<{ kind: TrashKind; key: number }>(
    `WITH wanted(named, before, files_before) AS (VALUES (?, ?, ?)),
       name AS (SELECT value FROM wanted, json_each(wanted.named))
     SELECT kind, key FROM wanted, (${things.map(([, sql]) => sql).join(' UNION ALL ')})
     WHERE (named IS NULL OR kind || ' ' || id IN name) AND (before IS NULL OR deleted_ms < before)
     UNION ALL
     SELECT 'artifact', t.id FROM wanted, artifact_trash t
     WHERE (named IS NULL OR 'artifact ' || ${ARTIFACT_BATCH} IN name) AND (files_before IS NULL OR t.deleted_ms < files_before)
       AND NOT EXISTS (SELECT 1 FROM purge p WHERE p.kind = 'artifact' AND p.id = t.id)`,
    [named, before?.before ?? null, before?.filesBefore ?? null],
    60_000,
  );
  const chosen = nothingChosen();
  for (const { kind, key } of rows) chosen[kind].push(key);
  return chosen;
}

/** About what a point, a series with its summary, and a run with its params take in the database. */
const ROW_BYTES = { point: 24, series: 400, run: 2_000 };

const WEIGH_SQL = `WITH chosen(runs, experiments, logged, versions, models, files) AS (VALUES (?, ?, ?, ?, ?, ?)),
  gone_run AS (SELECT r.id, r.uuid, ${RUN_ROOT} AS root FROM run r JOIN experiment e ON e.id = r.exp_id
    WHERE r.id IN (SELECT value FROM chosen, json_each(runs)) OR r.exp_id IN (SELECT value FROM chosen, json_each(experiments))),
  gone_logged AS (SELECT ${LOGGED_MODEL_ROOT} AS root FROM logged_model l JOIN experiment e ON e.id = l.exp_id
    WHERE l.id IN (SELECT value FROM chosen, json_each(logged)) OR l.exp_id IN (SELECT value FROM chosen, json_each(experiments))
      OR (l.source_run IN (SELECT uuid FROM gone_run) AND NOT ${IS_MISSED})),
  gone_version AS (SELECT v.* FROM model_version v WHERE v.purged_ms IS NULL
    AND (v.id IN (SELECT value FROM chosen, json_each(versions)) OR v.model_id IN (SELECT value FROM chosen, json_each(models)))),
  roots AS (SELECT root FROM gone_run UNION SELECT root FROM gone_logged UNION SELECT ${VERSION_ROOT} FROM gone_version v),
  kept AS (SELECT ${VERSION_FILES} AS root FROM model_version v
    WHERE v.purged_ms IS NULL AND v.id NOT IN (SELECT id FROM gone_version) AND ${VERSION_FILES} IS NOT NULL),
  gone_file AS (SELECT DISTINCT a.path, a.sha256, a.size FROM roots JOIN artifact a ON ${isBelow('a.path', 'roots.root')}
    WHERE NOT EXISTS (SELECT 1 FROM kept WHERE a.path = kept.root OR ${isBelow('a.path', 'kept.root')})),
  gone_bin AS (SELECT t.id, t.sha256, t.size FROM artifact_trash t WHERE t.id IN (SELECT value FROM chosen, json_each(files))
    UNION SELECT t.id, t.sha256, t.size FROM roots JOIN artifact_trash t ON ${isBelow('t.path', 'roots.root')}),
  uses AS (SELECT sha256, MAX(size) AS size, COUNT(*) AS n FROM (SELECT sha256, size FROM gone_file
    UNION ALL SELECT sha256, size FROM gone_bin
    UNION ALL SELECT sha256, size FROM gone_version WHERE sha256 IS NOT NULL) GROUP BY sha256),
  judged AS (SELECT size, n = (SELECT COUNT(*) FROM artifact a WHERE a.sha256 = uses.sha256)
      + (SELECT COUNT(*) FROM artifact_trash t WHERE t.sha256 = uses.sha256)
      + (SELECT COUNT(*) FROM model_version v WHERE v.sha256 = uses.sha256)
      + (SELECT COUNT(*) FROM replay WHERE blob = uses.sha256) AS alone FROM uses)
SELECT COALESCE((SELECT SUM(size) FROM judged WHERE alone), 0) AS fileBytes,
  COALESCE((SELECT SUM(size) FROM judged WHERE NOT alone), 0) AS sharedBytes,
  (SELECT COUNT(*) FROM gone_run) AS runs,
  (SELECT COUNT(*) FROM gone_run g JOIN series s ON s.run_id = g.id) AS series,
  (SELECT COALESCE(SUM(s.n), 0) FROM gone_run g JOIN series s ON s.run_id = g.id) AS points`;

export async function weigh(readers: Readers, chosen: Chosen): Promise<TrashWeight> {
  const kinds = ['run', 'experiment', 'logged-model', 'version', 'model', 'artifact'] as const;
  const [row] = await readers.all<
    Pick<TrashWeight, 'fileBytes' | 'sharedBytes'> & { runs: number; series: number; points: number }
  >(
    WEIGH_SQL,
    kinds.map((kind) => JSON.stringify(chosen[kind])),
    60_000,
  );
  const { fileBytes = 0, sharedBytes = 0, runs = 0, series = 0, points = 0 } = row ?? {};
  const rowBytes = points * ROW_BYTES.point + series * ROW_BYTES.series + runs * ROW_BYTES.run;
  return { items: countOf(chosen), fileBytes, rowBytes, sharedBytes };
}
