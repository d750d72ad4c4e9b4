/**
 * Takes what the gateway logged into the workspace: rows, panes and cohorts in one transaction, so that a
 * message that is sent again after a crash changes nothing. Only rows that were really inserted are counted.
 */
import type { Prediction } from '../../../platform/link.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import { createCohortTurn, NO_SLICES, type Slicer } from './cohort-turn.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import type { WatchedFeature, WatchPlan } from './plans.ts';
import { addValue, emptyPane, mergePane, type Pane, PREDICTION_FEATURE } from './profile.rules.ts';

/** Monitoring windows: one day of event time, aligned to UTC days. */
export const WINDOW_MS = 86_400_000;

export const windowOf = (eventMs: number): number => Math.floor(eventMs / WINDOW_MS) * WINDOW_MS;

export type IngestResult = {
  inserted: number;
  /** Already logged: the gateway sent them again. */
  repeated: number;
  /** Refused: another event was logged under the same id before. */
  reused: number;
  /** Windows that changed, per endpoint id. */
  touched: Map<number, Set<number>>;
};

/** Where a prediction belongs; null when its endpoint or version is not known (any more). */
export type Resolve = (endpoint: string, version: string) => { endpointId: number; plan: WatchPlan } | null;

type Group = {
  endpointId: number;
  arm: string;
  version: string;
  windowMs: number;
  n: number;
  features: readonly WatchedFeature[];
  panes: Pane[];
};

/** What was newly logged, by endpoint id: called in the transaction that logged it. */
export type Logged = (rows: ReadonlyMap<number, readonly Prediction[]>) => void;

/** Commits the rows in one transaction. Call with few enough rows to hold the thread under 10 ms. */
export function ingestSlice(
  db: Database,
  store: MonitoringStore,
  resolve: Resolve,
  rows: readonly Prediction[],
  logged?: Logged,
  slicer: Slicer = NO_SLICES,
): IngestResult {
  const result: IngestResult = { inserted: 0, repeated: 0, reused: 0, touched: new Map() };
  inTransaction(db, () => {
    const cohorts = createCohortTurn(store.sums, slicer);
    const groups = new Map<string, Group>();
    const inserted = new Map<number, Prediction[]>();
    for (const row of rows) {
      const place = resolve(row.endpoint, row.version);
      if (!place) continue;
      const slices = slicer.maskOf(place.endpointId, row.features);
      if (!store.insert(place.endpointId, row, slices)) {
        if (store.eventOf(row.id) === row.eventMs) result.repeated += 1;
        else result.reused += 1;
        continue;
      }
      result.inserted += 1;
      cohorts.served({ ...row, endpointId: place.endpointId }, slices, place.plan.decision);
      count(groupOf(groups, place, row), row);
      const others = inserted.get(place.endpointId);
      if (others) others.push(row);
      else inserted.set(place.endpointId, [row]);
    }
    cohorts.flush();
    for (const group of groups.values()) write(store, group, result.touched);
    logged?.(inserted);
  });
  return result;
}

function groupOf(
  groups: Map<string, Group>,
  place: { endpointId: number; plan: WatchPlan },
  row: Prediction,
): Group {
  const windowMs = windowOf(row.eventMs);
  const key = `${place.endpointId} ${row.arm} ${row.version} ${windowMs}`;
  let group = groups.get(key);
  if (!group) {
    const { features } = place.plan;
    const panes = features.map((feature) => emptyPane(feature.grid.size));
    group = {
      endpointId: place.endpointId,
      arm: row.arm,
      version: row.version,
      windowMs,
      n: 0,
      features,
      panes,
    };
    groups.set(key, group);
  }
  return group;
}

function count(group: Group, row: Prediction): void {
  group.n += 1;
  for (let at = 0; at < group.features.length; at++) {
    const feature = group.features[at] as WatchedFeature;
    const value = feature.name === PREDICTION_FEATURE ? row.score : row.features[feature.name];
    addValue(group.panes[at] as Pane, feature.grid, value);
  }
}

function write(store: MonitoringStore, group: Group, touched: Map<number, Set<number>>): void {
  const { endpointId, arm, version, windowMs } = group;
  for (let at = 0; at < group.features.length; at++) {
    const key = {
      endpointId,
      arm,
      version,
      windowMs,
      feature: (group.features[at] as WatchedFeature).name,
    };
    const pane = group.panes[at] as Pane;
    const present = store.pane(key);
    if (present) mergePane(pane, present);
    store.writePane(key, pane);
  }
  const windows = touched.get(endpointId) ?? new Set();
  windows.add(windowMs);
  touched.set(endpointId, windows);
}
