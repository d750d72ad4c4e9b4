import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Id, Millis } from './common.ts';

/** Anything that takes over a second, and anything that happened which a user should be able to look up. */
export const Activity = z.object({
  id: Id,
  kind: z.enum(['import', 'replay', 'load', 'seed', 'backup', 'incident', 'change', 'cleanup', 'report']),
  title: z.string(),
  detail: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** 0 to 1; null when it cannot be known. */
  progress: z.number().min(0).max(1).nullable(),
  cancellable: z.boolean(),
  startedMs: Millis,
  endedMs: Millis.nullable(),
  error: ErrorReportSchema.nullable(),
  href: z.string().nullable(),
});
export type Activity = z.infer<typeof Activity>;

export const activity = {
  /** Running first, then the newest; at most `limit`. */
  list: oc.input(z.object({ limit: z.int().min(1).max(500).default(100) })).output(z.array(Activity)),
  cancel: oc.input(z.object({ id: Id })).output(z.object({ cancelled: z.boolean() })),
};
