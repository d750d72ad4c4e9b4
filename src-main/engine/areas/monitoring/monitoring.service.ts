/**
 * Watches what endpoints answer: takes logged predictions in, joins labels, scores drift and quality, and
 * forgets raw rows after their time. Nothing here holds the thread for long: work is cut into slices.
 */
import { LatheError } from '../../../contract/errors.ts';
import type {
  ArmSummary,
  DataQuality,
  FeatureDetail,
  FeatureDrift,
  PerformancePoint,
} from '../../../contract/monitoring.ts';
import type { FrozenMethod, WindowSize } from '../../../contract/monitoring-series.ts';
import type { Prediction } from '../../../platform/link.ts';
import { blocksOfPredictions } from '../../../platform/tap-block.ts';
import type { AreaContext } from '../../context.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { PSI_METHOD } from './drift.rules.ts';
import { driftDetail, driftOverview } from './drift.ts';
import { type Chunk, type IngestSums, ingestChunks, type Logged, WINDOW_MS } from './ingest.ts';
import { type Label, type Labelled, labelSlice } from './labels.ts';
import { createMonitoringStore, type LabelTarget, type LoggedPrediction } from './monitoring.store.ts';
import { createPanesStore } from './panes.store.ts';
import { armSummaries, type CohortRow, type Decision, performancePoint } from './performance.rules.ts';
import { planOf, type VersionFacts, type WatchPlan } from './plans.ts';
import { dataQuality, type Losses } from './quality.ts';
import { rollSlice } from './roller.ts';
import { createSeries } from './series.ts';
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
  /** Features whose values are counted and never written down. */
  masked?: (endpointId: number) => ReadonlySet<string>;
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

const LABEL_SLICE = 125;
const PRUNE_SLICE = 500;
const TELL_EVERY_MS = 1_000;
const ROLL_AFTER_MS = 500;
const DAY_MS = 86_400_000;

const NO_PLAN: WatchPlan = { decision: { binary: false, threshold: 0.5 }, features: [] };
const NOTHING_MASKED: ReadonlySet<string> = new Set();
/** Cursors of gateways that ended so long ago are forgotten. */
const CURSOR_DAYS = 30;
const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createMonitoringService(context: AreaContext, deps: MonitoringDeps) {
  const { clock, db, events, log } = context;
  const store = createMonitoringStore(db);
  const panes = createPanesStore(db);
  const timelines = createTimelines(context);
  const plans = new Map<string, WatchPlan>();
  let turn: Promise<unknown> = Promise.resolve();
  let toldMs = Number.NEGATIVE_INFINITY;
  let tellTimer: NodeJS.Timeout | null = null;
  let rollTimer: NodeJS.Timeout | null = null;
  let closed = false;
  const losses: Losses = { dropped: 0, sampledOut: 0, reused: 0 };
  let observer: MonitoringObserver | null = null;

  /** What is watched of a version. One whose reference is damaged is served and counted all the same. */
  function plan(model: string, version: string): WatchPlan {
    const key = `${model}@${version}`;
    const known = plans.get(key);
    if (known) return known;
    const facts = deps.version(model, version);
    if (!facts) return NO_PLAN;
    const json = deps.grid(model, version);
    let made = NO_PLAN;
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

  const decide = (endpointId: number, version: string): Decision => {
    const record = deps.endpoints().find(({ id }) => id === endpointId);
    return (record ? plan(record.model, version) : NO_PLAN).decision;
  };

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

  /** Rolls up what was counted until now. */
  async function rollUp(): Promise<void> {
    const upTo = panes.newestPending();
    for (let last = 0; last < upTo && !closed; await pause()) {
      const rolled = rollSlice(db, panes);
      if (!rolled) return;
      last = rolled.last;
      for (const [endpointId, minutes] of rolled.touched) timelines.touch(endpointId, minutes);
      tell();
    }
  }

  /** Within a second; views are told when it is done. */
  function rollSoon(): void {
    rollTimer ??= setTimeout(() => {
      rollTimer = null;
      rollUp().catch((thrown: unknown) => {
        log.error({ err: thrown }, 'counts could not be rolled up yet');
        if (!closed) rollSoon();
      });
    }, ROLL_AFTER_MS).unref();
  }

  /** One after the other: a message's slices are not mixed with another's. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  const look = createViews({ endpoint, plan, reference: deps.reference, panes, timelines });
  const sight = async (wanted: Wanted) => {
    await rollUp();
    return look(wanted);
  };
  const series = createSeries({ sight, timelines });

  async function ingestAll(chunks: readonly Chunk[]): Promise<{ inserted: number; repeated: number }> {
    const sum = { inserted: 0, repeated: 0 };
    const places = new Map<string, ReturnType<typeof resolveNow>>();
    const resolveNow = (name: string, version: string) => {
      const record = deps.endpoints().find((candidate) => candidate.name === name);
      if (!record) return null;
      const masked = deps.masked?.(record.id) ?? NOTHING_MASKED;
      return { endpointId: record.id, plan: plan(record.model, version), masked };
    };
    const resolve = (name: string, version: string) => {
      const key = `${name} ${version}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      const place = resolveNow(name, version);
      places.set(key, place);
      return place;
    };
    const done = (result: IngestSums) => {
      sum.inserted += result.inserted;
      sum.repeated += result.repeated;
      losses.reused += result.reused;
      losses.dropped += result.dropped;
      losses.sampledOut += result.sampledOut;
      if (result.dropped > 0 || result.sampledOut > 0) tell();
    };
    const ports = { db, store, panes, resolve, now: clock.now, logged: observer?.logged };
    await ingestChunks(ports, chunks, done, pause);
    rollSoon();
    return sum;
  }

  const driftOf = async (
    wanted: Omit<Wanted, 'per'> & { per?: WindowSize | undefined; method?: FrozenMethod | undefined },
  ): Promise<FeatureDrift[]> =>
    driftOverview(
      timelines,
      await sight({ ...wanted, per: wanted.per ?? 'day' }),
      wanted.method ?? PSI_METHOD,
    );

  async function summary(record: EndpointRecord): Promise<EndpointSummary> {
    const scores = await driftOf({ endpoint: record.name });
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
    /**
     * Commits chunks of a tap, in their order. Those that are in already change nothing, and after a failure the same
     * chunks go on where they stood.
     */
    ingestTap: (chunks: readonly Chunk[]) => inTurn(() => ingestAll(chunks)),
    /** Commits rows that did not come through a tap. They are told apart by their ids. */
    ingest: (rows: readonly Prediction[]) =>
      inTurn(() =>
        ingestAll([{ blocks: blocksOfPredictions(rows), cursor: null, dropped: 0, sampledOut: 0 }]),
      ),
    /** Joins labels to logged predictions; a repeated label changes nothing, another one replaces the first. */
    label: (
      labels: readonly { predictionId: string; label: string; labelledMs?: number | undefined }[],
    ): Promise<{ joined: number; unchanged: number; unknown: string[] }> =>
      inTurn(async () => {
        const sum = { joined: 0, unchanged: 0, unknown: [] as string[] };
        for (let from = 0; from < labels.length; from += LABEL_SLICE) {
          if (from > 0) await pause();
          const slice = labels.slice(from, from + LABEL_SLICE).map(
            ({ predictionId, label, labelledMs }): Label => ({
              predictionId,
              label,
              labelledMs: labelledMs ?? clock.now(),
            }),
          );
          const result = labelSlice(db, store, decide, slice, observer?.labelled);
          sum.joined += result.joined;
          sum.unchanged += result.unchanged;
          sum.unknown.push(...result.unknown);
        }
        if (sum.joined > 0) tell();
        return sum;
      }),
    setObserver(next: MonitoringObserver): void {
      observer = next;
    },
    /** A logged prediction; null when none of that id is there (any more). */
    find: (id: string): LabelTarget | null => store.target(id),
    /** Joins a label to a logged prediction within the caller's transaction. */
    labelNow(label: Label): void {
      labelSlice(db, store, decide, [label], observer?.labelled);
      tell();
    },
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
    /** One measured thing over time. */
    series: series.read,
    /** Another area's series of a kind. */
    addSeries: series.add,
    async quality(wanted: {
      endpoint: string;
      per?: WindowSize | undefined;
      arm?: string | undefined;
    }): Promise<DataQuality> {
      const seen = await sight({ ...wanted, per: wanted.per ?? 'day' });
      return dataQuality({ timelines, panes, losses: { ...losses } }, seen);
    },
    performance(name: string): { points: PerformancePoint[]; arms: ArmSummary[] } {
      const rows = store.cohorts(endpoint(name).id);
      return { points: rows.map(performancePoint), arms: armSummaries(rows) };
    },
    cohorts: (name: string): CohortRow[] => store.cohorts(endpoint(name).id),
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
    /** Removes raw rows, minutes and hours past their time, a few at a time; days and quality stay. Returns the raw rows. */
    async prune(): Promise<number> {
      while (panes.prune(PRUNE_SLICE, clock.now() - CURSOR_DAYS * DAY_MS) >= PRUNE_SLICE) await pause();
      const beforeMs = clock.now() - deps.retentionDays() * DAY_MS;
      let removed = 0;
      for (;;) {
        const some = store.prune(beforeMs, PRUNE_SLICE);
        removed += some;
        if (some < PRUNE_SLICE) return removed;
        await new Promise((resolve) => setTimeout(resolve, 20).unref());
      }
    },
    close(): void {
      closed = true;
      if (tellTimer) clearTimeout(tellTimer);
      if (rollTimer) clearTimeout(rollTimer);
    },
  };
}
