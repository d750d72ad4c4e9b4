/** Many runs in one picture. All of it is worked out on reader threads. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  Importance,
  ImportanceWanted,
  Lines,
  LinesWanted,
  Matrix,
  MatrixWanted,
} from '../../../contract/explore.ts';
import type { RunColumn } from '../../../contract/runs-table.ts';
import type { AreaContext } from '../../context.ts';
import type { Sql } from '../../data/search.ts';
import type { JobResult } from './explore-jobs.ts';
import type { ColumnWanted } from './matrix-job.ts';
import { createRollups } from './rollups.ts';

export type ExploreDeps = {
  /** Over `run r`. Throws LATHE_NOT_FOUND, and LATHE_INPUT_INVALID for a filter that cannot be read. */
  runsWhere(experimentIds: readonly string[], filter: string): Sql;
  /** A column's value over `run r`. */
  cell(column: RunColumn): Sql;
};

export type Explore = {
  lines(wanted: LinesWanted): Promise<Lines>;
  matrix(wanted: MatrixWanted): Promise<Matrix>;
  importance(wanted: ImportanceWanted): Promise<Importance>;
  /** Resolves when charts are as quick as they get: all that is worth packing is packed. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

export function createExploreService(
  context: Pick<AreaContext, 'db' | 'readers' | 'events' | 'log' | 'paths'>,
  { runsWhere, cell }: ExploreDeps,
): Explore {
  const { readers, paths } = context;
  const module = jobsFile(paths.bundles);
  const ask = <Name extends keyof JobResult>(job: Name, input: unknown) =>
    readers.job<JobResult[Name]>(module, { job, input });
  const rollups = createRollups(context, (series) => ask('rollups', series));
  const scopeOf = ({ experimentIds, filter, runIds }: Omit<MatrixWanted, 'columns'>) => ({
    where: runsWhere(experimentIds, runIds ? '' : filter),
    runIds,
  });
  const withCell = (column: RunColumn): ColumnWanted =>
    column.kind === 'attribute' ? { kind: 'attribute', cell: cell(column) } : column;

  return {
    async lines(wanted) {
      const { lines, unpacked } = await ask('lines', wanted);
      rollups.want(unpacked);
      return lines;
    },
    matrix: async ({ columns, ...scope }) =>
      ask('matrix', { scope: scopeOf(scope), columns: columns.map(withCell) }),
    importance: async ({ metric, ...scope }) => ask('importance', { scope: scopeOf(scope), metric }),
    settle: rollups.settle,
    close: rollups.close,
  };
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const jobsFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? new URL('./explore-jobs.ts', import.meta.url).href
    : pathToFileURL(join(bundles, 'engine', 'explore-jobs.js')).href;
