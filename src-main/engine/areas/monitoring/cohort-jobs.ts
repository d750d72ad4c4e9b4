/** Entry for the reader threads: what quality reads over long times. */
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import { readCounts, readDelays, readReplaced, readVersions } from './cohort-read.ts';
import { readEstimated, readSliceEstimates } from './estimate-job.ts';
import { readComparison, readDetail, readPerformance, readReference, readVolume } from './performance-job.ts';

const JOBS = {
  performance: readPerformance,
  reference: readReference,
  volume: readVolume,
  estimated: readEstimated,
  sliceEstimates: readSliceEstimates,
  detail: readDetail,
  comparison: readComparison,
  counts: readCounts,
  delays: readDelays,
  replaced: readReplaced,
  versions: readVersions,
};

export type CohortJobs = {
  [Job in keyof typeof JOBS]: (
    input: Parameters<(typeof JOBS)[Job]>[1],
  ) => Promise<ReturnType<(typeof JOBS)[Job]>>;
};

export const run: ReaderJob<{ job: keyof typeof JOBS; input: never }, unknown> = (db, { job, input }) => ({
  result: (JOBS[job] as (db: Database, input: never) => unknown)(db, input),
});
