/** Parts of the traffic that are watched on their own: what they are, which rows are in them, how they compare. */
import type { TensorSpec } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { EstimatedMetric, PerformanceMetric, WindowSize } from '../../../contract/monitoring-series.ts';
import { SPANS } from '../../../contract/monitoring-series.ts';
import {
  SLICES_PER_ENDPOINT,
  type Slice,
  type SliceCondition,
  type SliceRow,
} from '../../../contract/slices.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { createFeatureReader } from '../../data/packed-features.ts';
import type { FeatureOf, MonitoringService, Slicer, SliceScore } from '../monitoring/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { compile } from './conditions.rules.ts';
import { createSliceStore, type SliceRecord } from './slices.store.ts';
import { type Matching, sort } from './sorting.ts';

export type SliceDeps = {
  monitoring: Pick<
    MonitoringService,
    'endpoint' | 'plan' | 'setSlicer' | 'sortIn' | 'dropSlice' | 'compareSlices' | 'sliceEstimates'
  >;
  endpoints: () => readonly EndpointRecord[];
  /** Null for a version that is not there. */
  inputs(model: string, version: string): readonly TensorSpec[] | null;
  matching: Matching | null;
  /** Features that are not written down. */
  masked(endpointId: number): ReadonlySet<string>;
};

export type SliceService = ReturnType<typeof createSliceService>;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SHOWN_VALUES = 500;

export type Compared = {
  endpoint: string;
  metric: PerformanceMetric;
  per: WindowSize;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  arm?: string | undefined;
  version?: string | undefined;
};

export function createSliceService(context: AreaContext, deps: SliceDeps) {
  const { clock, db, events, ids, log } = context;
  const { monitoring } = deps;
  const store = createSliceStore(db);
  type Active = { record: SliceRecord; test(featureOf: FeatureOf): boolean };
  let active = new Map<number, Active[]>();
  let closed = false;
  let work: Promise<void> = Promise.resolve();

  function load(): void {
    const present = store.all().filter(({ state }) => state !== 'leaving');
    active = Map.groupBy(
      present.map((record) => ({ record, test: compile(record.conditions) })),
      ({ record }) => record.endpointId,
    );
  }

  const present = (endpointId: number): SliceRecord[] =>
    store.all().filter((slice) => slice.endpointId === endpointId && slice.state !== 'leaving');

  const slicer: Slicer = {
    maskOf(endpointId, featureOf) {
      let mask = 0;
      for (const { record, test } of active.get(endpointId) ?? [])
        if (test(featureOf)) mask += 2 ** record.bit;
      return mask;
    },
    numbersOf(endpointId, mask) {
      if (mask === 0) return [];
      const numbers: number[] = [];
      for (const { record } of active.get(endpointId) ?? [])
        if (Math.floor(mask / 2 ** record.bit) % 2 === 1) numbers.push(record.number);
      return numbers;
    },
    countOf: (endpointId) => active.get(endpointId)?.length ?? 0,
    find(endpointId, id) {
      const slice = present(endpointId).find((each) => each.id === id);
      if (!slice) throw new LatheError('LATHE_NOT_FOUND', { kind: 'slice', name: id });
      return slice;
    },
  };
  load();
  monitoring.setSlicer(slicer);

  const ports = {
    ...{ db, store, monitoring, matching: deps.matching, features: createFeatureReader(db) },
    closed: () => closed,
  };

  /** One after the other, so that they share the thread fairly with everything else. */
  function tend(number: number): void {
    work = work
      .then(() => sort(ports, number))
      .catch((thrown: unknown) =>
        log.error({ err: thrown, slice: number }, 'a slice was not sorted to its end'),
      )
      .finally(() => {
        load();
        events.changed('monitoring');
      });
  }

  const nameOf = (endpointId: number): string =>
    deps.endpoints().find(({ id }) => id === endpointId)?.name ?? '';

  const view = ({ id, endpointId, name, conditions, createdMs, state }: SliceRecord): Slice => ({
    ...{ id, endpoint: nameOf(endpointId), name, conditions, createdMs },
    filling: state === 'filling',
  });

  /** Names of the features that rows of the endpoint have. */
  function inputsOf(record: EndpointRecord): TensorSpec[] {
    const found = record.arms.flatMap(({ version }) => deps.inputs(record.model, version) ?? []);
    return [...new Map(found.map((input) => [input.name, input])).values()];
  }

  function requireFeature(record: EndpointRecord, feature: string): TensorSpec {
    const inputs = inputsOf(record);
    // A matrix input x gives the features x[0], x[1], …
    const input = inputs.find(({ name }) => feature === name || isColumnOf(feature, name));
    if (input) return input;
    throw new LatheError('LATHE_SLICES_FEATURE', {
      ...{ endpoint: record.name, feature },
      inputs:
        inputs
          .map(({ name }) => name)
          .slice(0, 20)
          .join(', ') || 'none',
    });
  }

  function checkCondition(record: EndpointRecord, condition: SliceCondition): void {
    const { feature } = condition;
    requireFeature(record, feature);
    if (deps.masked(record.id).has(feature))
      throw new LatheError('LATHE_SLICES_MASKED', { endpoint: record.name, feature });
    if (condition.op !== 'range') return;
    const { from, to } = condition;
    if ((from === null && to === null) || (from !== null && to !== null && from >= to))
      throw new LatheError('LATHE_SLICES_RANGE', { feature });
  }

  function create(input: { endpoint: string; name: string; conditions: SliceCondition[] }): Slice {
    const record = monitoring.endpoint(input.endpoint);
    for (const condition of input.conditions) checkCondition(record, condition);
    const number = inTransaction(db, () => {
      const own = store.all().filter(({ endpointId }) => endpointId === record.id);
      if (own.some(({ name, state }) => name === input.name && state !== 'leaving'))
        throw new LatheError('LATHE_SLICES_NAME_TAKEN', { endpoint: record.name, name: input.name });
      const taken = new Set(own.map(({ bit }) => bit));
      const bit = Array.from({ length: SLICES_PER_ENDPOINT }, (_, at) => at).find((at) => !taken.has(at));
      if (bit === undefined)
        throw new LatheError('LATHE_SLICES_FULL', { endpoint: record.name, most: SLICES_PER_ENDPOINT });
      const { name, conditions } = input;
      return store.insert({
        ...{ id: ids.next(), endpointId: record.id, bit, name, conditions, createdMs: clock.now() },
      });
    });
    load();
    tend(number);
    events.changed('monitoring');
    return view(store.find(number) as SliceRecord);
  }

  return {
    list: (endpoint: string): Slice[] => present(monitoring.endpoint(endpoint).id).map(view),
    create,
    remove(id: string): boolean {
      const slice = store.all().find((each) => each.id === id && each.state !== 'leaving');
      if (!slice) return false;
      store.leave(slice.number);
      load();
      tend(slice.number);
      events.changed('monitoring');
      return true;
    },
    values(endpoint: string, feature: string) {
      const record = monitoring.endpoint(endpoint);
      const input = requireFeature(record, feature);
      for (const { version } of record.arms) {
        const watched = monitoring.plan(record.model, version).features.find(({ name }) => name === feature);
        if (watched?.profile.kind === 'categorical') {
          const values = watched.profile.categories.slice(0, SHOWN_VALUES).map(([value]) => value);
          return { kind: 'categorical' as const, values, min: null, max: null };
        }
        if (watched?.profile.kind === 'numeric') {
          const { edges } = watched.profile;
          return { kind: 'numeric' as const, values: [], min: edges[0] ?? null, max: edges.at(-1) ?? null };
        }
      }
      const text = input.datatype === 'BYTES' || input.datatype === 'BOOL';
      const kind = text ? ('categorical' as const) : ('numeric' as const);
      return { kind, values: [], min: null, max: null };
    },
    /** All rows first, then the slices; the newest span where no time is given. */
    async compare(input: Compared): Promise<SliceRow[]> {
      const record = monitoring.endpoint(input.endpoint);
      const own = present(record.id);
      const spanMs = input.per === 'day' ? SPANS.day * DAY_MS : SPANS.hour * HOUR_MS;
      const { rows, all } = await monitoring.compareSlices({
        ...{ endpointId: record.id, metric: input.metric, spanMs },
        slices: own.map(({ number }) => number),
        fromMs: input.fromMs ?? null,
        toMs: input.toMs ?? null,
        arm: input.arm ?? null,
        version: input.version ?? null,
      });
      const line = (slice: Slice | null, row: (typeof rows)[number]): SliceRow => {
        const { now, rest, before } = row;
        const apart =
          now.low !== null && now.high !== null && rest.low !== null && rest.high !== null
            ? now.high < rest.low || rest.high < now.low
            : false;
        return {
          ...{ slice, predictions: row.predictions, labelled: row.labelled, metric: input.metric },
          share: all.predictions > 0 ? row.predictions / all.predictions : 0,
          ...{ value: now.value, low: now.low, high: now.high },
          ...{ rest: rest.value, before: before.value, beforeLabelled: row.beforeLabelled, apart },
        };
      };
      return [line(null, all), ...rows.map((row, at) => line(view(own[at] as SliceRecord), row))];
    },
    /** Estimates without labels over the span that ends with the window, each slice beside the rest. */
    async estimates(wanted: {
      endpoint: string;
      metric: EstimatedMetric;
      per: WindowSize;
      arm: string | null;
      windowMs: number;
    }): Promise<SliceScore[]> {
      const own = present(monitoring.endpoint(wanted.endpoint).id);
      if (own.length === 0) return [];
      const slices = own.map(({ number }) => number);
      const found = await monitoring.sliceEstimates({ ...wanted, slices });
      return found.map((score, at) => ({ name: own[at]?.name ?? '', ...score }));
    },
    /** Goes on with what the last engine left undone. */
    start(): void {
      for (const { number, state } of store.all()) if (state !== 'ready') tend(number);
    },
    /** Resolves when every slice is sorted. */
    settled: (): Promise<void> => work,
    async close(): Promise<void> {
      closed = true;
      await work;
    },
  };
}

function isColumnOf(feature: string, input: string): boolean {
  return feature.startsWith(`${input}[`) && /^\d+\]$/.test(feature.slice(input.length + 1));
}
