/**
 * Figures from outside: pushed one by one or in batches, or imported from a file. What is answered is committed; sent
 * again, it changes nothing. Long batches are cut into transactions of a few milliseconds.
 */
import type { z } from 'zod';
import {
  type BusinessMetric,
  type BusinessPoint,
  type LaggedCorrelation,
  PushBody,
  type Pushed,
} from '../../../contract/business-metrics.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { Series, SeriesQuery } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { Activities } from '../activity/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { alignedTracks, checkTimes, METRICS, pointsOf, type Track } from './business-metrics.rules.ts';
import { createBusinessMetricsStore, type MetricFacts, type MetricRecord } from './business-metrics.store.ts';
import { type Imported, importCsv } from './import-csv.ts';

export type BusinessMetricsDeps = {
  endpoints(): readonly EndpointRecord[];
  uploads: Pick<Uploads, 'take'>;
  activities: Pick<Activities, 'run'>;
  /** Anything that monitoring measures. */
  series(query: SeriesQuery): Promise<Series>;
  /** Both at the same windows, one after the other; null where there is none. */
  correlate(
    model: readonly (number | null)[],
    metric: readonly (number | null)[],
    maxLag: number,
  ): Omit<LaggedCorrelation, 'per'>;
};

export type BusinessMetricsService = ReturnType<typeof createBusinessMetricsService>;

/** Points in one transaction: a few milliseconds. */
const SLICE = 200;
const UNDEFINED: Omit<MetricFacts, 'name'> = { combine: 'mean', good: 'neither', unit: '' };

export function createBusinessMetricsService(context: AreaContext, deps: BusinessMetricsDeps) {
  const { clock, db, events, writes } = context;
  const store = createBusinessMetricsStore(db, context.readers);

  function endpointId(name: string): number {
    const found = deps.endpoints().find((record) => record.name === name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return found.id;
  }

  function metric(endpoint: string, name: string): MetricRecord {
    const found = store.find(endpointId(endpoint), name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'business metric', name });
    return found;
  }

  /** The metric of that name; one that nobody defined is made, as a mean. Call in a transaction. */
  function metricFor(endpoint: string, id: number, name: string): MetricRecord {
    const known = store.find(id, name);
    if (known) return known;
    if (store.count(id) >= METRICS)
      throw new LatheError('LATHE_BUSINESS_METRICS_MOST', { endpoint, most: METRICS, metric: name });
    store.put(id, { name, ...UNDEFINED }, clock.now());
    return store.find(id, name) as MetricRecord;
  }

  /** Commits them slice by slice. `receivedMs`: when each came; null where how late it came says nothing. */
  async function take<Point extends BusinessPoint>(
    endpoint: string,
    points: readonly Point[],
    receivedMs: (point: Point) => number | null,
  ): Promise<Pushed> {
    const id = endpointId(endpoint);
    const sum: Pushed = { added: 0, replaced: 0, unchanged: 0 };
    for (let from = 0; from < points.length; from += SLICE) {
      const slice = points.slice(from, from + SLICE);
      const part = await writes.run(() =>
        inTransaction(db, () => {
          const done: Pushed = { added: 0, replaced: 0, unchanged: 0 };
          const ids = new Map<string, number>();
          for (const point of slice) {
            const metricId = ids.get(point.name) ?? metricFor(endpoint, id, point.name).id;
            ids.set(point.name, metricId);
            done[store.take(metricId, point, receivedMs(point))] += 1;
          }
          return done;
        }),
      );
      for (const each of ['added', 'replaced', 'unchanged'] as const) sum[each] += part[each];
    }
    if (sum.added + sum.replaced > 0) changed();
    return sum;
  }

  const changed = () => events.changed('businessMetrics', 'monitoring');

  async function push(endpoint: string, points: readonly BusinessPoint[]): Promise<Pushed> {
    checkTimes(points, clock.now());
    return take(endpoint, points, clock.now);
  }

  async function series(query: SeriesQuery): Promise<Series> {
    const { series: ref, per, fromMs, toMs } = query;
    if (ref.of !== 'business')
      throw new LatheError('LATHE_INPUT_INVALID', { reason: 'series: not a metric' });
    const found = metric(query.endpoint, ref.metric);
    const rows = await store.windows(found.id, per, fromMs, toMs);
    return {
      series: ref,
      ...{ per, span: 1, unit: 'value', good: found.good, reference: null },
      ...{ minN: 1, warnAt: null, alertAt: null, version: null },
      notes: notesOf(found, query),
      points: pointsOf(rows, found.combine, per, clock.now()),
    };
  }

  return {
    list: (endpoint: string): Promise<BusinessMetric[]> => store.list(endpointId(endpoint), endpoint),
    async define({ endpoint, ...facts }: { endpoint: string } & MetricFacts): Promise<BusinessMetric> {
      const id = endpointId(endpoint);
      await writes.run(() =>
        inTransaction(db, () => {
          metricFor(endpoint, id, facts.name);
          store.put(id, facts, clock.now());
        }),
      );
      changed();
      const all = await store.list(id, endpoint);
      return all.find(({ name }) => name === facts.name) as BusinessMetric;
    },
    push,
    /** Points of a past that is played again: `receivedMs` is when each came in its own time. */
    pushReplayed: (
      endpoint: string,
      points: readonly (BusinessPoint & { receivedMs: number })[],
    ): Promise<Pushed> => take(endpoint, points, ({ receivedMs }) => receivedMs),
    /** As a client sent it to the gateway: one point with its endpoint, or an endpoint and points. */
    async pushBody(body: unknown): Promise<Pushed> {
      const parsed = PushBody.safeParse(body);
      if (!parsed.success) throw new LatheError('LATHE_INPUT_INVALID', { reason: reasonOf(parsed.error) });
      const { endpoint, ...rest } = parsed.data;
      return push(endpoint, 'points' in rest ? rest.points : [rest]);
    },
    async importCsv(input: {
      endpoint: string;
      uploadId: string;
      name?: string | undefined;
    }): Promise<Imported> {
      const { endpoint, name } = input;
      endpointId(endpoint);
      const upload = await deps.uploads.take(input.uploadId);
      try {
        const title = `Import ${upload.fileName} as business metrics of ${endpoint}`;
        return await deps.activities.run({ kind: 'import', title }, (handle) =>
          importCsv({
            ...{ file: upload.file, fileName: upload.fileName, size: upload.size, metric: name },
            nowMs: clock.now(),
            take: (points) => take(endpoint, points, () => null),
            progress: handle.progress,
          }),
        );
      } finally {
        await upload.discard();
      }
    },
    async remove({ endpoint, name }: { endpoint: string; name: string }): Promise<boolean> {
      const found = store.find(endpointId(endpoint), name);
      if (!found) return false;
      let gone = false;
      while (!gone) gone = await writes.run(() => inTransaction(db, () => store.removeSome(found.id)));
      changed();
      return true;
    },
    /** Plugged into monitoring, which is where everyone asks for series. */
    series,
    async correlation(input: {
      query: SeriesQuery;
      metric: string;
      maxLag: number;
    }): Promise<LaggedCorrelation> {
      const { endpoint, per, fromMs, toMs } = input.query;
      const [model, business] = await Promise.all([
        deps.series(input.query),
        series({ endpoint, per, fromMs, toMs, series: { of: 'business', metric: input.metric } }),
      ]);
      const tracks = alignedTracks(trackOf(model), trackOf(business), per);
      const found = deps.correlate(tracks.model, tracks.metric, input.maxLag);
      const overlap =
        model.span > 1
          ? [
              `Each point of the model’s series is taken over ${model.span} ${per}s, so that neighbours share rows.`,
            ]
          : [];
      return { per, ...found, warnings: [...overlap, ...found.warnings] };
    },
  };
}

/** What both sides are sure of: no unfinished window, no labels that are still to come, no window with too few rows. */
const trackOf = ({ points, minN }: Series): Track =>
  points.flatMap(({ windowMs, value, complete, mature, n }) =>
    complete && mature && n >= minN && value !== null && Number.isFinite(value) ? [{ windowMs, value }] : [],
  );

function notesOf(metric: MetricRecord, query: SeriesQuery): string[] {
  const notes = {
    mean: 'The mean of the values of each window, with the 95 % interval of that mean.',
    sum: 'The sum of the values of each window.',
    last: 'The newest value of each window.',
  };
  const parts = query.arm === undefined && query.slice === undefined;
  return [
    notes[metric.combine],
    ...(parts ? [] : ['A business metric is of the whole endpoint: it has no arms and no slices.']),
  ];
}

/** "points.3.value: …": of the two forms the one that was meant. */
function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const options = issue?.code === 'invalid_union' ? issue.errors : [error.issues];
  const meant = options.find((issues) => !issues.some(({ code, path }) => isForm(code, path))) ?? options[1];
  const [first] = meant ?? error.issues;
  const path = first?.path.join('.') ?? '';
  return path === '' ? (first?.message ?? 'it cannot be read') : `${path}: ${first?.message}`;
}

/** An issue that only says that the other form was meant. */
const isForm = (code: string | undefined, path: readonly PropertyKey[]): boolean =>
  code === 'unrecognized_keys' || (path.length === 1 && path[0] === 'points');
