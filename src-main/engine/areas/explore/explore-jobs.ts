/** Entry for the reader threads: what the area works out beside the data. */
import type { Importance, Lines, Matrix } from '../../../contract/explore.ts';
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import { readLines } from './lines-job.ts';
import { readImportance, readMatrix } from './matrix-job.ts';

const JOBS = { lines: readLines, matrix: readMatrix, importance: readImportance };

export type JobResult = { lines: Lines; matrix: Matrix; importance: Importance };

export const run: ReaderJob<{ job: keyof typeof JOBS; input: never }, unknown> = (db, { job, input }) => ({
  result: (JOBS[job] as (db: Database, input: never) => unknown)(db, input),
});
