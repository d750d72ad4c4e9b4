/**
 * Watches what endpoints answer: takes logged predictions in, joins labels, scores drift and quality, and
 * forgets raw rows after their time. Nothing here holds the thread for long: work is cut into slices.
 */
import { LatheError } from '../../../contract/errors.ts';
import type { LabelRevision } from '../../../contract/labels.ts';
import type {
  ArmSummary,
  FeatureDetail,
  FeatureDrift,
  PerformancePoint,
} from '../../../contract/monitoring.ts';
import type { Prediction } from '../../../platform/link.ts';
import type { AreaContext } from '../../context.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { carryPart } from './carry.ts';
import { createCohortReads } from './cohort-reads.ts';
import { type CohortMember, createCohortTurn, NO_SLICES, type Slicer } from './cohort-turn.ts';
import { createDrift, type DriftView } from './drift.ts';
import { ingestSlice, type Logged, WINDOW_MS } from './ingest.ts';
import { type Decision, decisionOf, labelProblem, NO_DECISION } from './judging.rules.ts';
import {
  type Labelled,
  type LabelPorts,
  type LabelResult,
  labelSlice,
  type NewLabel,
  noLabels,
  truthOf,
} from './labels.ts';
import { createMonitoringStore, type LabelTarget, type LoggedPrediction } from './monitoring.store.ts';
import { armSummaries, type CohortRow, performancePoint } from './performance.rules.ts';
import { createPerformance } from './performance.ts';
import type { CompareQuery } from './performance-job.ts';
import { planOf, type VersionFacts, type WatchedFeature, type WatchPlan } from './plans.ts';
import type { LabelledScores } from './ranks.rules.ts';

export type MonitoringDeps = {
  endpoints: () => readonly EndpointRecord[];
  /** Null when there is no such version. */
  version: (model: string, version: string) => Omit<VersionFacts, 'reference'> | null;
  /** The version's stored reference profile as JSON, or null. */
  reference: (model: string, version: string) => string | null;
  /** Scores and labels of the version's reference, where it has both; null (or nothing) elsewhere. */
  labelled?: (model: string, version: string) => Promise<LabelledScores | null>;
  retentionDays: () => number;
};

/** Told of what is logged and labelled, inside the transactions that do it: what it counts is counted exactly once. */
export type MonitoringObserver = { logged: Logged; labelled(changes: readonly Labelled[]): void };

export type EndpointSummary = {
  endpoint: string;
  windowSizeMs: number;
  predictions: number;
  labelled: number;
  firstMs: number | null;
  lastMs: number | null;
  drifted: number;
  features: number;
  hasReference: boolean;
};

export type MonitoringService = ReturnType<typeof createMonitoringService>;

/** Rows per transaction: a few milliseconds, with the sample’s 13 features and what A/B tests count of them. */
const SLICE_ROWS = 125;
const LABEL_SLICE = 125;
const PRUNE_SLICE = 500;
const TELL_EVERY_MS = 1_000;
const DAY_MS = 86_400_000;

const CARRY_PAUSE_MS = 20;

const NO_PLAN: WatchPlan = { decision: NO_DECISION, features: [] };
const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Predictions that were served and are not in the log, since the engine started. */
export type Losses = {
  /** For want of room while the engine was away. */
  dropped: number;
  /** At rates at which only a sample is logged. */
  sampledOut: number;
  /** Under an id that another event has. */
  reused: number;
};

export function createMonitoringService(context: AreaContext, deps: MonitoringDeps) {
  const { clock, db, events, log } = context;
  const store = createMonitoringStore(db);
  const drift = createDrift(store);
  const plans = new Map<string, WatchPlan>();
  let turn: Promise<unknown> = Promise.resolve();
  let toldMs = Number.NEGATIVE_INFINITY;
  let tellTimer: NodeJS.Timeout | null = null;
  const losses: Losses = { dropped: 0, sampledOut: 0, reused: 0 };
  let observer: MonitoringObserver | null = null;
  let slicer: Slicer = NO_SLICES;
  const reads = createCohortReads(context, store);
  let closed = false;

  /** What is watched of a version. One whose reference is damaged is served and counted all the same. */
  function plan(model: string, version: string): WatchPlan {
    const key = `${model}@${version}`;
    const known = plans.get(key);
    if (known) return known;
    const facts = deps.version(model, version);
    if (!facts) return NO_PLAN;
    const json = deps.reference(model, version);
    let made: WatchPlan = { decision: decisionOf(facts.prediction), features: [] };
    try {
      made = planOf({ ...facts, reference: json === null ? null : JSON.parse(json) });
    } catch (thrown) {
      log.error({ err: thrown, model, version }, 'this version is watched without a reference');
    }
    plans.set(key, made);
    return made;
  }

  function endpoint(name: string): EndpointRecord {
    const found = deps.endpoints().find((record) => record.name === name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return found;
  }

  /** Null for an endpoint that is gone. */
  const decide = (endpointId: number, version: string): Decision | null => {
    const record = deps.endpoints().find(({ id }) => id === endpointId);
    return record ? plan(record.model, version).decision : null;
  };
  const slicing: Slicer = {
    maskOf: (endpointId, features) => slicer.maskOf(endpointId, features),
    numbersOf: (endpointId, mask) => slicer.numbersOf(endpointId, mask),
    countOf: (endpointId) => slicer.countOf(endpointId),
    find: (endpointId, id) => slicer.find(endpointId, id),
  };
  const labelPorts: LabelPorts = {
    ...{ db, store, decide, slicer: slicing, nowMs: clock.now },
    labelled: (changes) => observer?.labelled(changes),
  };

  const performance = createPerformance({ endpoint, plan, slicer: slicing, reads, labelled: deps.labelled });

  /** At most once a second: views re-query what they show, and a second is what an eye follows. */
  function tell(): void {
    if (tellTimer) return;
    const wait = Math.min(TELL_EVERY_MS, Math.max(0, TELL_EVERY_MS - (clock.monotonic() - toldMs)));
    tellTimer = setTimeout(() => {
      tellTimer = null;
      toldMs = clock.monotonic();
      events.changed('monitoring', 'overview');
    }, wait);
    tellTimer.unref();
  }

  /** One after the other: a message's slices are not mixed with another's. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  async function ingestAll(rows: readonly Prediction[]): Promise<{ inserted: number; repeated: number }> {
    const sum = { inserted: 0, repeated: 0 };
    const places = new Map<string, { endpointId: number; plan: WatchPlan } | null>();
    const resolve = (name: string, version: string) => {
      const key = `${name} ${version}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      const record = deps.endpoints().find((candidate) => candidate.name === name);
      const place = record ? { endpointId: record.id, plan: plan(record.model, version) } : null;
      places.set(key, place);
      return place;
    };
    // A row is counted once for all and once for each slice that it is in.
    const slices = Math.max(0, ...deps.endpoints().map(({ id }) => slicer.countOf(id)));
    const part = Math.ceil(SLICE_ROWS / (1 + slices / 4));
    for (let from = 0; from < rows.length; from += part) {
      if (from > 0) await pause();
      const result = ingestSlice(
        db,
        store,
        resolve,
        rows.slice(from, from + part),
        observer?.logged,
        slicing,
      );
      sum.inserted += result.inserted;
      sum.repeated += result.repeated;
      losses.reused += result.reused;
      for (const [endpointId, windows] of result.touched) drift.touch(endpointId, windows);
    }
    return sum;
  }

  /** The arm's features on the grid of the version that stands for it: the first arm's, or the named one's. */
  function driftView(record: EndpointRecord, arm: string | undefined): DriftView {
    const cohorts = store.cohorts(record.id).filter((row) => arm === undefined || row.arm === arm);
    const candidates = [
      ...record.arms.filter(({ key }) => arm === undefined || key === arm).map(({ version }) => version),
      ...cohorts.map(({ version }) => version),
    ];
    const version = candidates.find((candidate) => plan(record.model, candidate).features.length > 0);
    const features = version === undefined ? [] : plan(record.model, version).features;
    const onGrid = (feature: WatchedFeature, other: string) =>
      plan(record.model, other).features.some(
        ({ name, gridId }) => name === feature.name && gridId === feature.gridId,
      );
    return {
      endpointId: record.id,
      features,
      includes: (feature, paneArm, paneVersion) =>
        (arm === undefined || paneArm === arm) && onGrid(feature, paneVersion),
      key: `${version ?? ''} ${arm ?? ''}`,
      cohorts,
    };
  }

  async function driftOf(name: string, arm?: string): Promise<FeatureDrift[]> {
    return drift.overview(driftView(endpoint(name), arm));
  }

  async function summary(record: EndpointRecord): Promise<EndpointSummary> {
    const scores = await drift.overview(driftView(record, undefined));
    const drifted = scores.filter(({ latest }) => latest?.level === 'moderate' || latest?.level === 'large');
    return {
      endpoint: record.name,
      windowSizeMs: WINDOW_MS,
      ...store.totals(record.id),
      ...store.span(record.id),
      drifted: drifted.length,
      features: scores.length,
      hasReference: scores.length > 0,
    };
  }

  return {
    /** Commits what the gateway logged. Sent again, it changes nothing. */
    ingest: (
      rows: readonly Prediction[],
      dropped = 0,
      sampledOut = 0,
    ): Promise<{ inserted: number; repeated: number }> =>
      inTurn(async () => {
        const result = await ingestAll(rows);
        losses.dropped += dropped;
        losses.sampledOut += sampledOut;
        if (result.inserted > 0 || dropped > 0 || sampledOut > 0) tell();
        return result;
      }),
    /** Joins labels to logged predictions, each once; what it returns is committed. Positions are those in `labels`. */
    label: (labels: readonly NewLabel[]): Promise<LabelResult> =>
      inTurn(async () => {
        const sum = noLabels();
        for (let from = 0; from < labels.length; from += LABEL_SLICE) {
          if (from > 0) await pause();
          const result = labelSlice(labelPorts, labels.slice(from, from + LABEL_SLICE));
          for (const key of ['joined', 'unchanged', 'replaced', 'stale'] as const) sum[key] += result[key];
          sum.unknown.push(...result.unknown.map((at) => from + at));
          sum.refused.push(...result.refused.map(({ at, reason }) => ({ at: from + at, reason })));
        }
        if (sum.joined > 0) tell();
        return sum;
      }),
    /** Which slices rows are in; to be set before any come. */
    setSlicer(next: Slicer): void {
      slicer = next;
    },
    setObserver(next: MonitoringObserver): void {
      observer = next;
    },
    /** A logged prediction; null when none of that id is there (any more). */
    find: (id: string): LabelTarget | null => store.target(id),
    /** Joins a label to a logged prediction within the caller's transaction. */
    labelNow(label: NewLabel): LabelResult {
      const result = labelSlice(labelPorts, [label]);
      if (result.joined > 0) tell();
      return result;
    },
    /** The labels that a prediction had, newest first; LATHE_NOT_FOUND when it is not logged (any more). */
    history(id: string): LabelRevision[] {
      const target = store.target(id);
      if (!target) throw new LatheError('LATHE_NOT_FOUND', { kind: 'prediction', name: id });
      const { truth, truthMs, truthReceivedMs, truthBy, truthSource } = target;
      if (truth === null) return [];
      const present = {
        ...{
          label: truth,
          labelledMs: truthMs ?? 0,
          receivedMs: truthReceivedMs,
          truthBy,
          source: truthSource,
        },
      };
      return [present, ...store.revisions(target.seq)].map(
        ({ truthBy: by, receivedMs, source, ...rest }) => ({
          ...rest,
          receivedMs: receivedMs ?? rest.labelledMs,
          by: by === 1 ? 'entity' : 'id',
          source: source ?? 'api',
        }),
      );
    },
    /** Why the label cannot be one of the prediction; null when it can. */
    labelProblem: (target: LabelTarget, label: string): string | null =>
      labelProblem(decide(target.endpointId, target.version) ?? NO_DECISION, target, label),
    /** LATHE_NOT_FOUND where there is none. */
    endpoint,
    decide,
    plan,
    reads,
    /** Series of performance with and without labels, and of the rows of a slice. */
    performanceSources: performance.sources,
    performanceDetail: performance.detail,
    async overview(): Promise<EndpointSummary[]> {
      const summaries: EndpointSummary[] = [];
      for (const record of deps.endpoints()) {
        const found = await summary(record);
        if (found.predictions > 0 || found.hasReference) summaries.push(found);
      }
      return summaries;
    },
    drift: driftOf,
    feature(input: {
      endpoint: string;
      feature: string;
      windowMs?: number | undefined;
      arm?: string | undefined;
    }): FeatureDetail {
      const view = driftView(endpoint(input.endpoint), input.arm);
      const feature = view.features.find(({ name }) => name === input.feature);
      if (!feature) throw new LatheError('LATHE_NOT_FOUND', { kind: 'watched feature', name: input.feature });
      return drift.detail(view, feature, input.windowMs);
    },
    async performance(name: string): Promise<{ points: PerformancePoint[]; arms: ArmSummary[] }> {
      const rows = await reads.cohorts(endpoint(name).id);
      return { points: rows.map(performancePoint), arms: armSummaries(rows) };
    },
    cohorts: (name: string): Promise<CohortRow[]> => reads.cohorts(endpoint(name).id),
    predictions: (name: string, limit: number) =>
      store.newest(endpoint(name).id, limit).map((row: LoggedPrediction) => ({
        ...row,
        features: JSON.parse(row.features) as Prediction['features'],
      })),
    totals(): { predictions: number; labelled: number } {
      const sum = { predictions: 0, labelled: 0 };
      for (const { id } of deps.endpoints()) {
        const { predictions, labelled } = store.totals(id);
        sum.predictions += predictions;
        sum.labelled += labelled;
      }
      return sum;
    },
    /** Predictions that were served but could not be logged, since the engine started. */
    losses: (): Losses => ({ ...losses }),
    /** Removes raw rows past their retention time, a few at a time; counts and quality stay. */
    async prune(): Promise<number> {
      const beforeMs = clock.now() - deps.retentionDays() * DAY_MS;
      let removed = 0;
      for (;;) {
        const some = store.prune(beforeMs, PRUNE_SLICE);
        removed += some;
        if (some < PRUNE_SLICE) return removed;
        await new Promise((resolve) => setTimeout(resolve, 20).unref());
      }
    },
    /** Counts rows that were logged before in a slice too, within the caller's transaction. */
    sortIn(slice: number, rows: readonly (CohortMember & Parameters<typeof truthOf>[0])[]): void {
      const cohorts = createCohortTurn(store.sums, slicing);
      for (const row of rows)
        cohorts.sorted(row, slice, decide(row.endpointId, row.version) ?? NO_DECISION, truthOf(row));
      cohorts.flush();
    },
    /** Removes at most `limit` windows of a slice's sums, within the caller's transaction; true when none is left. */
    dropSlice: (endpointId: number, slice: number, limit: number): boolean =>
      store.sums.dropSlice(endpointId, slice, limit),
    compareSlices: (query: CompareQuery) => reads.ask('comparison', query),
    /** Counts by the hour what older versions counted by the day. */
    async carry(): Promise<void> {
      while (!closed && carryPart({ db, store, decide, slicer: slicing }))
        await new Promise((resolve) => setTimeout(resolve, CARRY_PAUSE_MS).unref());
    },
    close(): void {
      closed = true;
      if (tellTimer) clearTimeout(tellTimer);
    },
  };
}
