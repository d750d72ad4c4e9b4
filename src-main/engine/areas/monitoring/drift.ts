/**
 * Scores per feature and window, remembered: only windows that new predictions touched are read and scored
 * again. Work is cut between features, so that the first look at a year of data does not hold the thread.
 */
import type { DriftScore, FeatureDetail, FeatureDrift } from '../../../contract/monitoring.ts';
import { type Binning, binCounts, driftScore, SPAN_WINDOWS } from './drift.rules.ts';
import { WINDOW_MS } from './ingest.ts';
import type { MonitoringStore, StoredPane } from './monitoring.store.ts';
import type { CohortRow } from './performance.rules.ts';
import type { WatchedFeature } from './plans.ts';
import { emptyPane, mergePane, type Pane, referencePane } from './profile.rules.ts';

/** What to look at: an endpoint's features as one version froze them, and whose panes are on that grid. */
export type DriftView = {
  endpointId: number;
  features: readonly WatchedFeature[];
  /** True for panes that may be added to this feature's. */
  includes(feature: WatchedFeature, arm: string, version: string): boolean;
  /** Differs when `includes` does. */
  key: string;
  cohorts: readonly Pick<CohortRow, 'windowMs'>[];
};

type ScoredWindow = { windowMs: number; score: DriftScore; mean: number | null; missingShare: number };
type Remembered = { windows: Map<number, ScoredWindow>; dirty: Set<number> };

const TREND_WINDOWS = 90;
const DETAIL_WINDOWS = 366;
const SPAN_MS = (SPAN_WINDOWS - 1) * WINDOW_MS;

export function createDrift(store: MonitoringStore) {
  const memory = new Map<number, Map<string, Remembered>>();

  /** Brings the memory up to date for windows among `wanted` that are new or dirty. */
  function scored(
    view: DriftView,
    feature: WatchedFeature,
    wanted: readonly number[],
    all: readonly number[],
  ): Remembered {
    const perEndpoint = memory.get(view.endpointId) ?? new Map<string, Remembered>();
    memory.set(view.endpointId, perEndpoint);
    const key = `${view.key} ${feature.name}`;
    const known = perEndpoint.get(key) ?? { windows: new Map(), dirty: new Set() };
    perEndpoint.set(key, known);
    const stale = wanted.filter((windowMs) => !known.windows.has(windowMs) || known.dirty.has(windowMs));
    if (stale.length === 0) return known;
    const panes = panesByWindow(view, feature, (stale[0] as number) - SPAN_MS, stale.at(-1) as number);
    const firstMs = all[0] as number;
    for (const windowMs of stale) {
      const pane = spanPane(feature, panes, windowMs);
      const score = driftScore(feature.binning, pane, windowMs - SPAN_MS >= firstMs);
      known.windows.set(windowMs, {
        windowMs,
        score,
        mean: meanOf(feature, pane),
        missingShare: missingShare(pane),
      });
      known.dirty.delete(windowMs);
    }
    return known;
  }

  function panesByWindow(view: DriftView, feature: WatchedFeature, fromMs: number, toMs: number) {
    const byWindow = new Map<number, StoredPane[]>();
    for (const pane of store.panes(view.endpointId, feature.name, fromMs, toMs)) {
      if (pane.counts.length !== feature.grid.size || !view.includes(feature, pane.arm, pane.version))
        continue;
      const list = byWindow.get(pane.windowMs);
      if (list) list.push(pane);
      else byWindow.set(pane.windowMs, [pane]);
    }
    return byWindow;
  }

  return {
    /** Marks windows as changed; the spans that contain them change too. */
    touch(endpointId: number, windows: Iterable<number>): void {
      const perEndpoint = memory.get(endpointId);
      if (!perEndpoint) return;
      for (const windowMs of windows)
        for (const known of perEndpoint.values())
          for (let at = 0; at < SPAN_WINDOWS; at++) known.dirty.add(windowMs + at * WINDOW_MS);
    },

    async overview(view: DriftView): Promise<FeatureDrift[]> {
      const { all, complete } = windowsOf(view.cohorts);
      const wanted = complete.slice(-TREND_WINDOWS);
      const drifts: FeatureDrift[] = [];
      for (const feature of view.features) {
        if (drifts.length > 0) await new Promise(setImmediate);
        const known = scored(view, feature, wanted, all);
        const windows = wanted.flatMap((windowMs) => known.windows.get(windowMs) ?? []);
        const latest = windows.at(-1) ?? null;
        drifts.push({
          feature: feature.name,
          kind: feature.kind,
          latest: latest?.score ?? null,
          latestWindowMs: latest?.windowMs ?? null,
          trend: windows.map(({ windowMs, score }) => ({ windowMs, value: score.value, level: score.level })),
          missingShare: latest?.missingShare ?? 0,
          referenceMissingShare: missingShare(referencePane(feature.profile)),
        });
      }
      return drifts;
    },

    /** `windowMs` may be the incomplete newest window; without it the newest complete one is shown. */
    detail(view: DriftView, feature: WatchedFeature, windowMs: number | undefined): FeatureDetail {
      const { all, complete } = windowsOf(view.cohorts);
      const wanted = complete.slice(-DETAIL_WINDOWS);
      const known = scored(view, feature, wanted, all);
      const selected = windowMs ?? wanted.at(-1) ?? null;
      const pane =
        selected === null
          ? emptyPane(feature.grid.size)
          : spanPane(feature, panesByWindow(view, feature, selected - SPAN_MS, selected), selected);
      const reference = referencePane(feature.profile);
      return {
        feature: feature.name,
        kind: feature.kind,
        windows: wanted.flatMap((at) => known.windows.get(at) ?? []),
        selectedWindowMs: selected,
        distribution: distribution(feature.binning, pane),
        referenceMean: meanOf(feature, reference),
        referenceN: reference.n,
      };
    },
  };
}

/** A window is complete once a later one has rows: event time, not the wall clock, says when a day is over. */
export function windowsOf(cohorts: readonly Pick<CohortRow, 'windowMs'>[]): {
  all: number[];
  complete: number[];
} {
  const all = [...new Set(cohorts.map((row) => row.windowMs))].sort((a, b) => a - b);
  return { all, complete: all.slice(0, -1) };
}

function spanPane(
  feature: WatchedFeature,
  panes: ReadonlyMap<number, readonly StoredPane[]>,
  windowMs: number,
): Pane {
  const merged = emptyPane(feature.grid.size);
  for (let at = 0; at < SPAN_WINDOWS; at++)
    for (const pane of panes.get(windowMs - at * WINDOW_MS) ?? []) mergePane(merged, pane);
  return merged;
}

/** Bins that hold anything on either side, as shares. */
function distribution(binning: Binning, pane: Pane): FeatureDetail['distribution'] {
  const current = binCounts(binning, pane.counts);
  return binning.bins.flatMap((bin, at) => {
    const reference = binning.reference[at] as number;
    const now = current[at] as number;
    if (reference === 0 && now === 0) return [];
    return [
      {
        ...bin,
        reference: binning.referenceN === 0 ? 0 : reference / binning.referenceN,
        current: pane.n === 0 ? 0 : now / pane.n,
      },
    ];
  });
}

const missingShare = (pane: Pane): number => (pane.n === 0 ? 0 : pane.missing / pane.n);

const meanOf = (feature: WatchedFeature, pane: Pane): number | null => {
  const present = pane.n - pane.missing;
  return feature.kind === 'categorical' || present === 0 ? null : pane.sum / present;
};
