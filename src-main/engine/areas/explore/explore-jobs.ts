/** Entry for the reader threads: what the area works out beside the data. */
import type { Importance, Matrix } from '../../../contract/explore.ts';
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import { type LinesRead, readLines } from './lines-job.ts';
import { readImportance, readMatrix } from './matrix-job.ts';
import { type Built, buildRollups } from './rollup-build.ts';

const JOBS = { lines: readLines, matrix: readMatrix, importance: readImportance, rollups: buildRollups };

export type JobResult = { lines: LinesRead; matrix: Matrix; importance: Importance; rollups: Built };

export const run: ReaderJob<{ job: keyof typeof JOBS; input: never }, unknown> = (db, { job, input }) => ({
  result: (JOBS[job] as (db: Database, input: never) => unknown)(db, input),
});
