/** Figures from outside that tell what a model does for the business: revenue, bookings, complaints. Pushed or imported. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Name } from './common.ts';
import { SeriesQuery, WindowSize } from './monitoring-series.ts';

export const MetricName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._/%-]*$/, 'letters, digits, space and . _ / % -');
export const BUSINESS_ITEMS = 5_000;

export const BusinessMetric = z.object({
  endpoint: Name,
  name: MetricName,
  /** How the values of a window become one. */
  combine: z.enum(['mean', 'sum', 'last']),
  good: z.enum(['higher', 'lower', 'neither']),
  unit: z.string().max(20),
  points: z.int(),
  firstMs: Millis.nullable(),
  lastMs: Millis.nullable(),
  /** Median time from what a value is about to its arrival. */
  lagMs: Millis.nullable(),
});
export type BusinessMetric = z.infer<typeof BusinessMetric>;

export const BusinessPoint = z.object({
  name: MetricName,
  /** What the value is about. */
  atMs: Millis,
  value: z.number(),
  /** Sent again under the same key it replaces the first; name and time are the key where none is given. */
  key: z.string().max(200).optional(),
});
export type BusinessPoint = z.infer<typeof BusinessPoint>;

/** What became of points that were sent. */
export const Pushed = z.object({ added: z.int(), replaced: z.int(), unchanged: z.int() });
export type Pushed = z.infer<typeof Pushed>;

/** What `POST /v2/lathe/business-metrics` takes: one point with its endpoint, or an endpoint with points. */
export const PushBody = z.union([
  z.strictObject({ endpoint: Name, points: z.array(BusinessPoint).min(1).max(BUSINESS_ITEMS) }),
  BusinessPoint.extend({ endpoint: Name }),
]);

/** How a model's series and a business metric move together, with the warnings that this needs. */
export const LaggedCorrelation = z.object({
  per: WindowSize,
  /** Windows that both have. */
  n: z.int(),
  /** r at lag k: the series leads the metric by k windows. */
  lags: z.array(z.object({ lag: z.int(), r: z.number(), low: z.number(), high: z.number() })),
  best: z.object({ lag: z.int(), r: z.number(), p: z.number() }).nullable(),
  /** Order of the autoregression that both were filtered by. */
  prewhitening: z.int(),
  /** Plain sentences; always one that says this is no proof of a cause. */
  warnings: z.array(z.string()),
});
export type LaggedCorrelation = z.infer<typeof LaggedCorrelation>;

export const businessMetrics = {
  list: oc.input(z.object({ endpoint: Name })).output(z.array(BusinessMetric)),
  define: oc
    .input(BusinessMetric.pick({ endpoint: true, name: true, combine: true, good: true, unit: true }))
    .output(BusinessMetric),
  push: oc
    .input(z.object({ endpoint: Name, points: z.array(BusinessPoint).min(1).max(BUSINESS_ITEMS) }))
    .output(Pushed),
  /** CSV with columns name (or one metric), at and value. */
  importCsv: oc.input(z.object({ endpoint: Name, uploadId: Id, name: MetricName.optional() })).output(
    Pushed.extend({
      rows: z.int(),
      refused: z.int(),
      problems: z.array(z.object({ row: z.int(), reason: z.string() })),
    }),
  ),
  remove: oc.input(z.object({ endpoint: Name, name: MetricName })).output(z.object({ removed: z.boolean() })),
  correlation: oc
    .input(z.object({ query: SeriesQuery, metric: MetricName, maxLag: z.int().min(0).max(60).default(14) }))
    .output(LaggedCorrelation),
};
