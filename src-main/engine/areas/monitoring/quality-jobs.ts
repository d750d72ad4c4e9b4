/** Entry for the reader threads: what quality reads over long times. */
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import { readCounts, readDelays, readReplaced } from './quality-read.ts';

const JOBS = {
  counts: readCounts,
  delays: readDelays,
  replaced: readReplaced,
};

export type QualityJobs = {
  [Job in keyof typeof JOBS]: (
    input: Parameters<(typeof JOBS)[Job]>[1],
  ) => Promise<ReturnType<(typeof JOBS)[Job]>>;
};

export const run: ReaderJob<{ job: keyof typeof JOBS; input: never }, unknown> = (db, { job, input }) => ({
  result: (JOBS[job] as (db: Database, input: never) => unknown)(db, input),
});
