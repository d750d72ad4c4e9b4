/** What runs consist of, a row for each name with the values of all of them; read on a reader thread. */
import type { CompareRow, CompareSection } from '../../../contract/compare.ts';
import type { Readers } from '../../data/readers.ts';

type Value = string | number | null;
export type Run = {
  id: string;
  name: string;
  status: string;
  experiment: string;
  startedMs: number;
  endedMs: number | null;
  user: string;
  root: string;
};

export async function comparedRuns(readers: Readers, runIds: readonly string[]): Promise<Run[]> {
  return readers.all<Run>(
    `SELECT r.uuid AS id, r.name, r.status, e.name AS experiment, r.start_ms AS startedMs, r.end_ms AS endedMs, r.user,
       COALESCE(e.artifact_location, 'mlflow-artifacts:/' || e.id) || '/' || r.uuid || '/artifacts' AS root
     FROM json_each(?) wanted JOIN run r ON r.uuid = wanted.value JOIN experiment e ON e.id = r.exp_id
     WHERE r.deleted_ms IS NULL ORDER BY wanted.key`,
    [JSON.stringify(runIds)],
  );
}

const FINITE = `CASE WHEN x.last_nan = 1 THEN 'NaN' WHEN x.last_val = 9e999 THEN 'Infinity' WHEN x.last_val = -9e999 THEN '-Infinity' ELSE x.last_val END`;

/** Params, metrics (last values), tags that people set, datasets with their digests, and the commit. */
export async function comparedRows(readers: Readers, runs: readonly Run[]): Promise<CompareRow[]> {
  const ids = JSON.stringify(runs.map(({ id }) => id));
  const pairs = (table: string, value: string, more = '') =>
    readers.all<{ key: string; values: string }>(
      `SELECT k.name AS key, json_group_object(wanted.key, ${value}) AS "values" FROM json_each(?) wanted
       JOIN run r ON r.uuid = wanted.value JOIN ${table} x ON x.run_id = r.id JOIN key k ON k.id = x.key_id ${more}
       GROUP BY x.key_id ORDER BY k.name`,
      [ids],
    );
  const [params, metrics, tags, datasets] = await Promise.all([
    pairs('param', 'x.val'),
    pairs('series', FINITE, 'WHERE x.n > 0'),
    pairs('tag', 'x.val'),
    readers.all<{ key: string; values: string }>(
      `SELECT d.name || CASE WHEN i.context = '' THEN '' ELSE ' (' || i.context || ')' END AS key,
         json_group_object(wanted.key, CASE WHEN d.sha256 <> '' THEN d.sha256 ELSE d.digest END) AS "values"
       FROM json_each(?) wanted JOIN run r ON r.uuid = wanted.value JOIN run_input i ON i.run_id = r.id
       JOIN dataset d ON d.id = i.dataset_id GROUP BY 1 ORDER BY 1`,
      [ids],
    ),
  ]);
  const rows = (section: CompareSection, found: { key: string; values: string }[]) =>
    found.map(({ key, values }) => {
      const given = JSON.parse(values) as Record<string, Value>;
      return toRow(
        section,
        key,
        runs.map((_, at) => given[at] ?? null),
      );
    });
  return [
    ...runRows(runs),
    ...rows('param', params),
    ...rows('metric', metrics),
    ...codeRows(rows('code', tags)),
    ...rows(
      'tag',
      tags.filter(({ key }) => !key.startsWith('mlflow.') && !key.startsWith('lathe.')),
    ),
    ...rows('dataset', datasets),
  ];
}

export function toRow(section: CompareSection, key: string, values: Value[]): CompareRow {
  const [first] = values;
  return { section, key, values, differs: values.some((value) => value !== first) };
}

const runRows = (runs: readonly Run[]): CompareRow[] => [
  toRow(
    'run',
    'Experiment',
    runs.map(({ experiment }) => experiment),
  ),
  toRow(
    'run',
    'Status',
    runs.map(({ status }) => status),
  ),
  toRow(
    'run',
    'User',
    runs.map(({ user }) => user || null),
  ),
  toRow(
    'run',
    'Duration',
    runs.map(({ startedMs, endedMs }) => (endedMs === null ? null : endedMs - startedMs)),
  ),
];

/** Tags of MLflow's client and of `lathe run` that say which code ran. */
const CODE: Record<string, string> = {
  'mlflow.source.name': 'Entry point',
  'mlflow.source.git.commit': 'Commit',
  'mlflow.source.git.branch': 'Branch',
  'mlflow.source.git.repoURL': 'Repository',
  'lathe.code.commit': 'Commit',
  'lathe.code.branch': 'Branch',
  'lathe.code.repository': 'Repository',
  'lathe.code.command': 'Command',
  'lathe.python': 'Python',
};

/** Both may have set the same thing; what either says counts. */
function codeRows(tags: readonly CompareRow[]): CompareRow[] {
  const found = new Map<string, Value[]>();
  for (const { key, values } of tags) {
    const name = CODE[key];
    if (name === undefined) continue;
    const known = found.get(name);
    found.set(name, known ? known.map((value, at) => value ?? values[at] ?? null) : values);
  }
  return [...found].map(([key, values]) => toRow('code', key, values));
}
