import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Id, Millis, Name } from './common.ts';

/** Plays a dataset's rows through an endpoint as if they happened now, labels late as in life. */
export const ReplayStatus = z.object({
  state: z.enum(['empty', 'idle', 'running', 'paused', 'finished', 'failed']),
  endpoint: Name.nullable(),
  source: z.string().nullable(),
  /** Simulated time: where the data begins, stands and ends. */
  fromMs: Millis.nullable(),
  nowMs: Millis.nullable(),
  toMs: Millis.nullable(),
  /** Simulated seconds per real second. */
  speed: z.number(),
  sent: z.int(),
  failed: z.int(),
  labels: z.int(),
  total: z.int(),
  requestsPerSecond: z.number(),
  error: ErrorReportSchema.nullable(),
});
export type ReplayStatus = z.infer<typeof ReplayStatus>;

export const REPLAY_SPEEDS = [3_600, 10_800, 21_600, 43_200, 86_400, 172_800] as const;

export const replay = {
  status: oc.output(ReplayStatus),
  /** Starts or resumes. */
  start: oc.output(ReplayStatus),
  pause: oc.output(ReplayStatus),
  setSpeed: oc.input(z.object({ speed: z.number().min(1).max(1_000_000) })).output(ReplayStatus),
  /** Back to the beginning of the data; what was logged before stays. */
  rewind: oc.output(ReplayStatus),
  /** Plays an uploaded Parquet file with one column per model input instead. */
  useFile: oc.input(z.object({ uploadId: Id, endpoint: Name })).output(ReplayStatus),
};
