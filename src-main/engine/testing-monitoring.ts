/** For tests only: monitoring, labels and slices on a real workspace, and a plain recount of what they sum. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '@orpc/server';
import type { Prediction } from '../platform/link.ts';
import { createActivityArea } from './areas/activity/index.ts';
import { createLabelsArea, type LabelService } from './areas/labels/index.ts';
import { createMonitoringArea, type MonitoringService } from './areas/monitoring/index.ts';
import type { EndpointRecord } from './areas/serving/index.ts';
import { createSlicesArea, type SliceDeps, type SliceService } from './areas/slices/index.ts';
import { createFeatureReader, type StoredFeatures } from './data/packed-features.ts';
import { noRawLog, openTestContext, type TestContext } from './testing.ts';

type VersionFacts = NonNullable<ReturnType<Parameters<typeof createMonitoringArea>[1]['version']>>;

export const HOUR = 3_600_000;
export const DAY = 86_400_000;
/** Noon of the day on which the test context's clock stands. */
export const NOW = Date.UTC(2026, 0, 5, 12);

export const ENDPOINT = 'churn';
export const endpointRecord = (part: Partial<EndpointRecord> = {}): EndpointRecord => ({
  ...{ id: 1, name: ENDPOINT, model: ENDPOINT, salt: 's', shadow: null, canary: null, former: null },
  arms: [{ key: 'a', version: '1', weight: 10_000 }],
  ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, logging: true, enabled: true },
  ...{ revision: 1, createdMs: 0, updatedMs: 0 },
  ...part,
});

const INPUTS = [
  { name: 'age', datatype: 'FP64' as const, shape: [-1, 1] },
  { name: 'plan', datatype: 'BYTES' as const, shape: [-1, 1] },
];

/** Of the version that is behind the endpoint. */
export const FACTS: VersionFacts = {
  inputs: INPUTS,
  outputs: [{ name: 'p', datatype: 'FP64' }],
  prediction: {
    ...{ task: 'binary-classification', threshold: 0.5 },
    score: { output: 'p', index: 0 },
  },
};

export type World = {
  context: TestContext;
  endpoints: EndpointRecord[];
  monitoring: MonitoringService;
  labels: LabelService;
  slices: SliceService;
  /** Cancels what runs, as a person does. */
  cancel(): Promise<void>;
  /** An upload with this content; returns its id. */
  upload(fileName: string, content: string | Uint8Array): string;
  close(): Promise<void>;
};

export type WorldOptions = {
  task?: string;
  /** A ReferenceProfile. */
  reference?: unknown;
  matching?: SliceDeps['matching'];
  masked?: SliceDeps['masked'];
  labelled?: Parameters<typeof createMonitoringArea>[1]['labelled'];
};

/** Areas on a context, as the composition root joins them; uploads are files that lie there. */
export function areasOn(context: TestContext, options: WorldOptions = {}): World {
  const endpoints = [endpointRecord()];
  const { task = FACTS.prediction.task } = options;
  const facts: VersionFacts = { ...FACTS, prediction: { ...FACTS.prediction, task } };
  const { reference } = options;
  const monitoring = createMonitoringArea(context, {
    endpoints: () => endpoints,
    version: () => facts,
    grid: () => (reference === undefined ? null : JSON.stringify(reference)),
    reference: () => null,
    rawLog: noRawLog,
    retentionDays: () => 30,
    ...(options.labelled ? { labelled: options.labelled } : {}),
  });
  const activity = createActivityArea(context, { unclean: false });
  const files = new Map<string, { file: string; fileName: string; size: number }>();
  const peek = async (id: string) => {
    const found = files.get(id);
    if (!found) throw new Error(`no upload ${id}`);
    return found;
  };
  const labels = createLabelsArea(context, {
    monitoring: monitoring.monitoring,
    activities: activity.activities,
    uploads: {
      peek,
      async take(id) {
        const found = await peek(id);
        files.delete(id);
        return { ...found, discard: async () => {} };
      },
    },
  });
  const slices = createSlicesArea(context, {
    monitoring: monitoring.monitoring,
    endpoints: () => endpoints,
    inputs: () => INPUTS,
    matching: options.matching ?? null,
    masked: options.masked ?? noRawLog.masked,
  });
  return {
    ...{ context, endpoints, monitoring: monitoring.monitoring, labels: labels.labels },
    slices: slices.slices,
    async cancel() {
      const ids = context.db.prepare("SELECT id FROM activity WHERE state = 'running'").pluck().all();
      for (const id of ids as string[]) await call(activity.routes.cancel, { id });
    },
    upload(fileName, content) {
      const id = context.ids.next();
      const file = join(context.paths.run, id);
      writeFileSync(file, content);
      files.set(id, { file, fileName, size: content.length });
      return id;
    },
    async close() {
      await slices.close();
      monitoring.close();
      activity.close();
    },
  };
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const context = await openTestContext();
  const world = areasOn(context, options);
  return {
    ...world,
    async close() {
      await world.close();
      await context.close();
    },
  };
}

/** A row that was answered an hour before now. */
export const row = (id: string, part: Partial<Prediction> = {}): Prediction => ({
  ...{ id, endpoint: ENDPOINT, arm: 'a', version: '1', unit: null, eventMs: NOW - HOUR, latencyUs: 900 },
  ...{
    receivedMs: part.eventMs ?? NOW - HOUR,
    features: { age: 40, plan: 'basic' },
    label: null,
    score: 0.7,
  },
  ...part,
});

type Counted = Record<string, number>;
type Stored = {
  arm: string;
  version: number;
  eventMs: number;
  score: number | null;
  label: string | null;
  truth: string | null;
  truthMs: number;
  receivedMs: number | null;
  byEntity: number;
  features: StoredFeatures;
};

/** Sums by "slice hour arm", and delays by "slice day arm delays", counted row by row with the formulas as they are in books. `inside` tells a row's slices. */
export function recount(
  { context }: World,
  task: string,
  inside: (features: Prediction['features']) => readonly number[],
): Record<string, Counted> {
  const rows = context.db
    .prepare(
      `SELECT arm, version, event_ms AS eventMs, score, label, truth, truth_ms AS truthMs, truth_received_ms AS receivedMs,
         truth_by AS byEntity, features FROM prediction`,
    )
    .all() as Stored[];
  const read = createFeatureReader(context.db);
  const found: Record<string, Counted> = {};
  for (const each of rows)
    for (const slice of [0, ...inside(read(each.features))]) {
      const key = `${slice} ${Math.floor(each.eventMs / HOUR) * HOUR} ${each.arm}`;
      found[key] ??= {};
      countRow(found[key], each, task);
      if (each.truth === null || each.receivedMs === null) continue;
      const dayKey = `${slice} ${Math.floor(each.eventMs / DAY) * DAY} ${each.arm} delays`;
      found[dayKey] ??= {};
      addTo(found[dayKey], String(cellOf(each.truthMs - each.eventMs)));
    }
  return found;
}

/** Sixteen cells to each doubling, from a second on. */
const cellOf = (delayMs: number) => (delayMs <= 1000 ? 0 : Math.ceil(16 * Math.log2(delayMs / 1000)));

function addTo(into: Counted, name: string, by = 1): void {
  into[name] = (into[name] ?? 0) + by;
}

function countRow(into: Counted, each: Stored, task: string): void {
  const add = (name: string, by = 1) => addTo(into, name, by);
  const { score, truth } = each;
  const bin = score !== null && score >= 0 && score <= 1 ? Math.min(999, Math.floor(score * 1000)) : null;
  add('predictions');
  if (task === 'binary-classification' && bin !== null) add(`all ${bin}`);
  if (truth === null) return;
  add('labelled');
  add('byEntity', each.byEntity);
  if (task === 'regression') {
    const value = score ?? (each.label === null ? null : Number(each.label));
    if (value === null) return;
    const [e, y] = [value - Number(truth), Number(truth)];
    for (const [name, by] of Object.entries({ e, abs: Math.abs(e), square: e * e, y, ySquare: y * y }))
      add(name, by);
    return;
  }
  if (score === null && each.label === null) return;
  const actual = truth === '1' || truth === 'true';
  const positive = score === null ? each.label === '1' : score >= 0.5;
  add('judged');
  add('right', Number(positive === actual));
  add(positive ? (actual ? 'tp' : 'fp') : actual ? 'fn' : 'tn');
  if (score === null) return;
  add('scored');
  add('logLoss', -Math.log(Math.max(1e-7, actual ? score : 1 - score)));
  add('brier', (score - Number(actual)) ** 2);
  if (bin !== null) add(`${actual ? 'positive' : 'negative'} ${bin}`);
}
