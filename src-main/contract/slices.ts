/**
 * Parts of the traffic that are watched on their own. A row belongs to a slice when all conditions hold of its features;
 * that is decided when it is logged, and for older rows when the slice is made.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Name, Version } from './common.ts';
import { PerformanceMetric, WindowSize } from './monitoring-series.ts';

export const SliceCondition = z.discriminatedUnion('op', [
  z.object({
    feature: z.string(),
    op: z.literal('in'),
    values: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .max(100),
  }),
  /** from ≤ value < to; one of both may be null. */
  z.object({
    feature: z.string(),
    op: z.literal('range'),
    from: z.number().nullable(),
    to: z.number().nullable(),
  }),
  z.object({ feature: z.string(), op: z.literal('missing') }),
]);
export type SliceCondition = z.infer<typeof SliceCondition>;
export const SLICES_PER_ENDPOINT = 32;

export const Slice = z.object({
  id: Id,
  endpoint: Name,
  name: z.string().min(1).max(100),
  conditions: z.array(SliceCondition).min(1).max(8),
  createdMs: Millis,
  /** Older rows are still being sorted into it. */
  filling: z.boolean(),
});
export type Slice = z.infer<typeof Slice>;

/** One slice beside the rest of the traffic over the same time. */
export const SliceRow = z.object({
  /** Null: all rows. */
  slice: Slice.nullable(),
  predictions: z.int(),
  labelled: z.int(),
  /** Share of all rows. */
  share: z.number(),
  metric: PerformanceMetric,
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The rows outside it. */
  rest: z.number().nullable(),
  /** In the same length of time before; null without labelled rows there. */
  before: z.number().nullable(),
  beforeLabelled: z.int(),
  /** The 95 % intervals of slice and rest do not meet. */
  apart: z.boolean(),
});
export type SliceRow = z.infer<typeof SliceRow>;

export const slices = {
  list: oc.input(z.object({ endpoint: Name })).output(z.array(Slice)),
  create: oc.input(Slice.pick({ endpoint: true, name: true, conditions: true })).output(Slice),
  remove: oc.input(z.object({ id: Id })).output(z.object({ removed: z.boolean() })),
  /** What a feature's values are, to choose from. */
  values: oc.input(z.object({ endpoint: Name, feature: z.string() })).output(
    z.object({
      kind: z.enum(['numeric', 'categorical']),
      values: z.array(z.string()),
      min: z.number().nullable(),
      max: z.number().nullable(),
    }),
  ),
  compare: oc
    .input(
      z.object({
        endpoint: Name,
        metric: PerformanceMetric.default('accuracy'),
        per: WindowSize.default('day'),
        fromMs: Millis.optional(),
        toMs: Millis.optional(),
        arm: z.string().optional(),
        version: Version.optional(),
      }),
    )
    .output(z.array(SliceRow)),
};
