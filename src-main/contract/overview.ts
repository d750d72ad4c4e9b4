import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Millis } from './common.ts';

/** Something that asks for a person: what, why, and where to go. Worst first. */
export const Attention = z.object({
  id: z.string(),
  level: z.enum(['critical', 'warning', 'info']),
  title: z.string(),
  detail: z.string(),
  href: z.string().nullable(),
  sinceMs: Millis.nullable(),
  error: ErrorReportSchema.nullable(),
});
export type Attention = z.infer<typeof Attention>;

export const Overview = z.object({
  attention: z.array(Attention),
  counts: z.object({
    experiments: z.int(),
    runs: z.int(),
    models: z.int(),
    versions: z.int(),
    endpoints: z.int(),
    predictions: z.int(),
    labelled: z.int(),
  }),
});
export type Overview = z.infer<typeof Overview>;

export const overview = { summary: oc.output(Overview) };
