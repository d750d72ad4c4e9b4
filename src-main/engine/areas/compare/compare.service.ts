/** Puts runs side by side: names, values, code, packages and files. */
import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import type { CompareRow, CompareSection, Comparison } from '../../../contract/compare.ts';
import type { Aggregate } from '../../../contract/runs-table.ts';
import type { AreaContext } from '../../context.ts';
import { capturedRows, toRow } from './captured.ts';
import * as sql from './compare.sql.ts';
import { parseRequirements } from './packages.ts';

const OURS = 'mlflow-artifacts:/';
const MOST_REQUIREMENTS_BYTES = 1024 * 1024;
/** Lists of packages that stay parsed; most runs of a project have the same one. */
const KEPT_LISTS = 200;
/** Where `lathe run` puts the difference of the working tree from its commit. */
const PATCH = 'lathe/code.patch';

type Run = {
  id: string;
  name: string;
  status: string;
  experimentId: string;
  experiment: string;
  startedMs: number;
  endedMs: number | null;
  user: string;
  location: string;
};
type Files = {
  at: number;
  patch: string | null;
  installed: string | null;
  model: string | null;
  filesCut: 0 | 1;
};
type Wanted = { runIds: readonly string[]; all: boolean; aggregate: z.infer<typeof Aggregate> };
type Packages = ReadonlyMap<string, string>;

export function createCompareService({ readers, blobs }: Pick<AreaContext, 'readers' | 'blobs'>): {
  runs(wanted: Wanted): Promise<Comparison>;
} {
  const parsed = new Map<string, Packages>();

  /** By content: a list that was read once need not be read again. One that is gone or far too long is empty. */
  async function packagesIn(sha256: string): Promise<Packages> {
    const known = parsed.get(sha256);
    if (known) return known;
    if (!blobs.has(sha256)) return new Map();
    const file = blobs.path(sha256);
    if ((await stat(file)).size > MOST_REQUIREMENTS_BYTES) return new Map();
    const packages = parseRequirements(await readFile(file, 'utf8'));
    if (parsed.size >= KEPT_LISTS) parsed.clear();
    parsed.set(sha256, packages);
    return packages;
  }

  return {
    async runs({ runIds, all: wanted, aggregate }) {
      const ids = [...new Set(runIds)];
      const runs = await readers.all<Run>(sql.RUNS, [JSON.stringify(ids)]);
      const all = wanted || runs.length === 1;
      const answer = createAnswer(all);
      if (runs.length === 0) return { runs: [], ...answer.rest() };
      const found = JSON.stringify(runs.map(({ id }) => id));
      const folders = runs.map(({ location, id }) => folderOf(location, id));
      const captured = readers.all<Files>(sql.CAPTURED_FILES, [
        JSON.stringify(runs.map(({ location, id }, at) => [folders[at], folderOf(location), id])),
      ]);
      const section = (query: string, bound = found) =>
        readers.all<SectionRow>(query, [bound, runs.length, all ? 1 : 0]);
      const [files, params, metrics, tags, datasets, code, artifacts] = await Promise.all([
        captured,
        section(sql.PARAMS),
        section(sql.metrics(aggregate)),
        section(sql.TAGS),
        section(sql.DATASETS),
        readers.all<{ key: string; at: number; value: string }>(sql.CAPTURED, [found]),
        section(sql.FILES, JSON.stringify(folders)),
      ]);
      const lists = files.map(({ installed, model }) => installed ?? model);
      const packages = await Promise.all(lists.map((list) => (list ? packagesIn(list) : new Map())));

      answer.add(runRows(runs));
      answer.addSection('param', params);
      answer.addSection('metric', metrics);
      answer.addSection('tag', tags);
      answer.addSection('dataset', datasets);
      answer.add(capturedRows(code, runs.length));
      answer.add(packageRows(packages));
      answer.addSection('artifact', artifacts);
      return {
        runs: runs.map(({ id, name, status, experimentId, experiment, startedMs }, at) => ({
          ...{ id, name, status, experimentId, experiment, startedMs },
          patch: files[at]?.patch ? PATCH : null,
          packages: files[at]?.installed ? 'installed' : files[at]?.model ? 'model' : 'none',
          filesCut: files[at]?.filesCut === 1,
        })),
        ...answer.rest(),
      };
    },
  };
}

type SectionRow = { key: string | null; cells: string | number; differs: 0 | 1 };

function createAnswer(all: boolean) {
  const rows: CompareRow[] = [];
  const alike: Comparison['alike'] = {};
  const cut: Comparison['cut'] = {};
  return {
    add(more: readonly CompareRow[]): void {
      for (const row of more) {
        if (!row.differs) alike[row.section] = (alike[row.section] ?? 0) + 1;
        if (row.differs || all) rows.push(row);
      }
    },
    addSection(section: CompareSection, found: readonly SectionRow[]): void {
      let sent = 0;
      let wanted = 0;
      for (const { key, cells, differs } of found) {
        if (key !== null) {
          rows.push({ section, key, unit: null, cells: String(cells), differs: differs === 1 });
          sent += 1;
          continue;
        }
        if (differs === 0 && Number(cells) > 0) alike[section] = Number(cells);
        if (differs === 1 || all) wanted += Number(cells);
      }
      if (wanted > sent) cut[section] = wanted - sent;
    },
    rest: () => ({ rows, alike, cut }),
  };
}

/** Path of a run's artifacts, or of its experiment's; null when another program keeps them. */
function folderOf(location: string, run?: string): string | null {
  if (!location.startsWith(OURS)) return null;
  const folder = location.slice(OURS.length).replace(/^\/+/, '');
  return run === undefined ? folder : `${folder}/${run}/artifacts`;
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
    'Started',
    runs.map(({ startedMs }) => startedMs),
    'time',
  ),
  toRow(
    'run',
    'Duration',
    runs.map(({ startedMs, endedMs }) => (endedMs === null ? null : endedMs - startedMs)),
    'duration',
  ),
];

function packageRows(packages: readonly Packages[]): CompareRow[] {
  const names = [...new Set(packages.flatMap((one) => [...one.keys()]))].sort();
  return names.map((name) =>
    toRow(
      'package',
      name,
      packages.map((one) => one.get(name) ?? null),
    ),
  );
}
