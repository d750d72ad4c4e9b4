/**
 * Watches what endpoints answer: takes logged predictions in, joins labels, scores drift and quality, and
 * forgets raw rows after their time. Nothing here holds the thread for long: work is cut into slices.
 */
import { LatheError } from '../../../contract/errors.ts';
import type { LabelRevision } from '../../../contract/labels.ts';
import {
  type ArmSummary,
  type DataQuality,
  type FeatureDetail,
  type FeatureDrift,
  type PerformancePoint,
  type RankedFeature,
  TREND,
} from '../../../contract/monitoring.ts';
import type { FrozenMethod, WindowSize } from '../../../contract/monitoring-series.ts';
import type { Prediction } from '../../../platform/link.ts';
import type { AreaContext } from '../../context.ts';
import { createFeatureReader } from '../../data/packed-features.ts';
import { nextTurn } from '../../turns.ts';
import type { RawLog } from '../raw-log/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { createBinsBacklog } from './bins-backlog.ts';
import { carryPart } from './carry.ts';
import { createCohortReads } from './cohort-reads.ts';
import { type CohortMember, createCohortTurn, NO_SLICES, type Slicer } from './cohort-turn.ts';
import { countBytesPerDay } from './count-bytes.ts';
import { dataQuality } from './data-quality.ts';
import { PSI_METHOD } from './drift.rules.ts';
import { driftDetail, driftOverview } from './drift.ts';
import { createFolding } from './fold.ts';
import { WINDOW_MS } from './ingest.ts';
import { createIntake } from './intake.ts';
import { type Decision, decisionOf, labelProblem, NO_DECISION } from './judging.rules.ts';
import { truthOf } from './labels.ts';
import { createMonitoringStore, type LabelTarget, type LoggedPrediction } from './monitoring.store.ts';
import { createPanesStore } from './panes.store.ts';
import { armSummaries, type CohortRow, performancePoint } from './performance.rules.ts';
import { createPerformance } from './performance.ts';
import type { CompareQuery } from './performance-job.ts';
import { layoutsOf, planOf, type VersionFacts, type WatchPlan } from './plans.ts';
import { type RankingWanted, ranking } from './ranking.ts';
import type { LabelledScores } from './ranks.rules.ts';
import type { LayoutsOf } from './roller.ts';
import { createSeries } from './series.ts';
import { createSliceScores } from './slice-scores.ts';
import { createTimelines } from './timelines.ts';
import { createViews, type FindReference, type Wanted } from './views.ts';

export type MonitoringDeps = {
  endpoints: () => readonly EndpointRecord[];
  /** Null when there is no such version. */
  version: (model: string, version: string) => Omit<VersionFacts, 'reference'> | null;
  /** The profile that froze the version's grid, as JSON; null without one. */
  grid: (model: string, version: string) => string | null;
  /** What is compared with; null leaves it to the one that froze the grid. */
  reference: FindReference;
  /** Scores and labels of the version's reference, where it has both; null (or nothing) elsewhere. */
  labelled?: (model: string, version: string) => Promise<LabelledScores | null>;
  retentionDays: () => number;
  rawLog: Pick<RawLog, 'masked' | 'features'>;
};

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

const PRUNE_SLICE = 500;
const DAY_MS = 86_400_000;

/** Cursors of gateways that ended so long ago are forgotten. */
const CURSOR_DAYS = 30;
/** Between parts of what is done in the background. */
const PAUSE_MS = 20;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());

const NO_PLAN: WatchPlan = { decision: NO_DECISION, features: [] };

export function createMonitoringService(context: AreaContext, deps: MonitoringDeps) {
  const { clock, db, log } = context;
  const store = createMonitoringStore(db, deps.rawLog.masked);
  const panes = createPanesStore(db);
  const readFeatures = createFeatureReader(db);
  const timelines = createTimelines(context);
  const plans = new Map<string, WatchPlan>();
  let closed = false;
  let slicer: Slicer = NO_SLICES;
  const reads = createCohortReads(context, store);

  /** What is watched of a version. One whose reference is damaged is served and counted all the same. */
  function plan(model: string, version: string): WatchPlan {
    const key = `${model}@${version}`;
    const known = plans.get(key);
    if (known) return known;
    const facts = deps.version(model, version);
    if (!facts) return NO_PLAN;
    const json = deps.grid(model, version);
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
  /** None of an endpoint that is gone: nobody looks at it. */
  const layouts: LayoutsOf = (endpointId, version) => {
    const record = deps.endpoints().find(({ id }) => id === endpointId);
    return record ? layoutsOf(plan(record.model, version)) : new Map();
  };
  const slicing: Slicer = {
    maskOf: (endpointId, featureOf) => slicer.maskOf(endpointId, featureOf),
    numbersOf: (endpointId, mask) => slicer.numbersOf(endpointId, mask),
    countOf: (endpointId) => slicer.countOf(endpointId),
    find: (endpointId, id) => slicer.find(endpointId, id),
  };
  const intake = createIntake(context, {
    ...{ store, panes, endpoints: deps.endpoints, plan, decide, layouts, slicer: slicing },
    touched: timelines.touch,
  });
  const performance = createPerformance({ endpoint, plan, slicer: slicing, reads, labelled: deps.labelled });

  const look = createViews({ endpoint, plan, reference: deps.reference, panes, timelines });
  const sight = async (wanted: Wanted) => {
    await intake.rollUp();
    return look(wanted);
  };
  const sliceScores = createSliceScores(context, sight);
  const series = createSeries({ sight, timelines });
  series.add('performance', performance.sources.performance);
  series.add('estimated', performance.sources.estimated);
  series.add('volume', performance.sources.volume);

  const driftOf = async (
    wanted: Omit<Wanted, 'per'> & {
      per?: WindowSize | undefined;
      method?: FrozenMethod | undefined;
      windows?: number | undefined;
    },
  ): Promise<FeatureDrift[]> =>
    driftOverview(
      timelines,
      await sight({ ...wanted, per: wanted.per ?? 'day' }),
      wanted.method ?? PSI_METHOD,
      wanted.windows ?? TREND,
    );

  async function summary(record: EndpointRecord): Promise<EndpointSummary> {
    // The prediction is none of the inputs.
    const scores = (await driftOf({ endpoint: record.name })).filter(({ kind }) => kind !== 'prediction');
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
    ingestTap: intake.ingestTap,
    ingest: intake.ingest,
    label: intake.label,
    labelNow: intake.labelNow,
    labelWaited: intake.labelWaited,
    losses: intake.losses,
    setObserver: intake.setObserver,
    /** What is watched of the version is worked out anew. */
    referenceChanged(model: string, version: string): void {
      plans.delete(`${model}@${version}`);
    },
    /** Which slices rows are in; to be set before any come. */
    setSlicer(next: Slicer): void {
      slicer = next;
    },
    /** A logged prediction; null when none of that id is there (any more). */
    find: (id: string): LabelTarget | null => store.target(id),
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
    /** Every watched feature, over the newest complete span of `per`. */
    drift: driftOf,
    /** One feature in detail. Throws LATHE_NOT_FOUND for one that is not watched. */
    async feature(
      wanted: Omit<Wanted, 'per'> & {
        feature: string;
        per?: WindowSize | undefined;
        method?: FrozenMethod | undefined;
        windowMs?: number | undefined;
      },
    ): Promise<FeatureDetail> {
      const { feature, method = PSI_METHOD, windowMs, ...where } = wanted;
      const seen = await sight({ ...where, per: where.per ?? 'day' });
      return driftDetail(timelines, seen, feature, method, windowMs);
    },
    /** Estimates without labels by slice. */
    sliceEstimates: performance.sliceEstimates,
    /** A feature's drift, quality or mean by slice, from the raw log. */
    sliceScores,
    /** One measured thing over time. */
    series: series.read,
    /** Another area's series of a kind. */
    addSeries: series.add,
    /** Which drifted inputs go with a change in quality. */
    async ranking(wanted: RankingWanted): Promise<RankedFeature[]> {
      const seen = await sight({ endpoint: wanted.endpoint, per: wanted.per ?? 'day' });
      return ranking(series.read, timelines, seen, wanted);
    },
    async quality(wanted: {
      endpoint: string;
      per?: WindowSize | undefined;
      arm?: string | undefined;
    }): Promise<DataQuality> {
      const seen = await sight({ ...wanted, per: wanted.per ?? 'day' });
      return dataQuality({ timelines, panes, losses: intake.allLosses(), nowMs: clock.now() }, seen);
    },
    async performance(name: string): Promise<{ points: PerformancePoint[]; arms: ArmSummary[] }> {
      const rows = await reads.cohorts(endpoint(name).id);
      return { points: rows.map(performancePoint), arms: armSummaries(rows) };
    },
    cohorts: (name: string): Promise<CohortRow[]> => reads.cohorts(endpoint(name).id),
    /** Features that were moved into the log's files come from there; they are empty where they are not kept any more. */
    async predictions(name: string, limit: number) {
      const { id } = endpoint(name);
      const rows = store.newest(id, limit);
      const moved = rows.filter((row) => row.features === '').map(({ seq }) => seq);
      const features = await deps.rawLog.features(id, moved).catch((thrown: unknown) => {
        log.warn({ err: thrown }, 'rows of the log could not be read');
        return new Map<number, Prediction['features']>();
      });
      return rows.map(({ seq, ...row }: LoggedPrediction) => ({
        ...row,
        features: row.features === '' ? (features.get(seq) ?? {}) : readFeatures(row.features),
      }));
    },
    totals(): { predictions: number; labelled: number } {
      const sum = { predictions: 0, labelled: 0 };
      for (const { id } of deps.endpoints()) {
        const { predictions, labelled } = store.totals(id);
        sum.predictions += predictions;
        sum.labelled += labelled;
      }
      return sum;
    },
    /** What the counts take on disk, per day of event time; null before any. */
    countBytesPerDay: (endpointId: number): Promise<number | null> =>
      countBytesPerDay(context.readers, endpointId),
    /** Removes raw rows, minutes and hours past their time, a few at a time; days and quality stay. Returns the raw rows. */
    async prune(): Promise<number> {
      while (panes.prune(PRUNE_SLICE, clock.now() - CURSOR_DAYS * DAY_MS) >= PRUNE_SLICE) await nextTurn();
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
    /** Counts by the hour what older versions counted by the day, and bins what they did not. */
    async carry(): Promise<void> {
      while (!closed && carryPart({ db, store, decide, slicer: slicing })) await pause();
      const backlog = createBinsBacklog(db, panes, layouts);
      while (!closed && backlog.part()) await pause();
    },
    /** Details of hours of days that are over move together. */
    async fold(): Promise<void> {
      const folding = createFolding(db);
      while (!closed && folding.part()) await pause();
    },
    close(): void {
      closed = true;
      intake.close();
    },
  };
}
