/** Every feature's scores over time, read from what is stored of minutes, hours and days; on a reader thread. */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { addBins, chunkOf, eachBinned, plannedOf, type Run } from './bins.rules.ts';
import { createMinutesStore, OF_ARM } from './minutes.store.ts';
import { addTo, type StoredStretch, type Target } from './pane.rules.ts';
import { LEVELS } from './places.ts';
import { type BinnedMethod, scoresOver } from './scores.rules.ts';

export type ScoredFeature = {
  name: string;
  binOfCell: Uint8Array;
  layoutId: number;
  /** Reference rows per bin. */
  reference: Float64Array;
  /** Versions whose panes are on this feature's grid. */
  versions: readonly string[];
};
export type ScoresInput = {
  endpointId: number;
  per: WindowSize;
  /** Null for all arms. */
  arm: string | null;
  /** Rising. */
  windows: readonly number[];
  spanMs: number;
  method: BinnedMethod;
  features: readonly ScoredFeature[];
};

/** Where a feature's counts go from its cells. */
type Place = ScoredFeature & { target: Target };
/** By the id that features have in blobs. */
type Places = readonly (Place | undefined)[];
/** Of rows of one version and plan: where bins go, and the features whose bins these are not. */
type Way = { runs: readonly Run[]; rest: Places };

/** SCORE_FIELDS of each feature, window by window. */
export function scoresOf(db: Database, input: ScoresInput): Float64Array {
  const { endpointId, arm, features, windows, spanMs, method } = input;
  const level = LEVELS[input.per];
  const references = features.map(({ reference }) => reference);
  const scores = scoresOver(references, windows, spanMs, method);
  const places = features.map((feature, at): Place => {
    const first = scores.offsets[at] as number;
    return { ...feature, target: { first, binOfCell: feature.binOfCell } };
  });
  const wayOf = waysOf(db, places);
  const addPanes = input.per === 'minute' ? ofMinute(db) : ofWindow(db);
  const range = {
    endpointId,
    level,
    arm,
    fromMs: (windows[0] ?? 0) - spanMs + 1,
    toMs: windows.at(-1) ?? -1,
  };
  const binnedAt = readBinned(db, range, WINDOW_SIZE_MS[input.per]);
  const rows = db
    .prepare(
      `SELECT window_ms, arm, version FROM window_rows
       WHERE endpoint_id = :endpointId AND level = :level AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM} ORDER BY window_ms`,
    )
    .raw()
    .all(range) as [windowMs: number, arm: string, version: number][];
  for (const [windowMs, ofArm, version] of rows) {
    const bins = scores.binsOf(windowMs);
    const binned = binnedAt(windowMs, ofArm, version);
    const { runs, rest } = wayOf(version, binned?.plan ?? null);
    if (binned) addBins(bins, binned.chunk, binned.from, runs);
    if (rest.length > 0) addPanes(bins, rest, [endpointId, level, windowMs, ofArm, version]);
  }
  return scores.done();
}

type Range = { endpointId: number; level: number; arm: string | null; fromMs: number; toMs: number };
type Key = [endpointId: number, level: number, windowMs: number, arm: string, version: number];
/** A window's bins: `from` is where they are in the chunk. */
type Binned = { plan: number; chunk: Buffer; from: number };

/** Finds what is written down of a window, undefined where nothing is. */
function readBinned(db: Database, range: Range, sizeMs: number) {
  const { chunkMs: fromChunk } = chunkOf(range.fromMs, sizeMs);
  const chunks = db
    .prepare(
      `SELECT chunk_ms, arm, version, bins FROM bin_chunk
       WHERE endpoint_id = :endpointId AND level = :level AND chunk_ms BETWEEN :fromChunk AND :toMs ${OF_ARM}`,
    )
    .raw()
    .all({ ...range, fromChunk }) as [number, string, number, Buffer][];
  const byArm = new Map<string, Map<number, (Binned | undefined)[]>>();
  for (const [chunkMs, arm, version, chunk] of chunks) {
    const byVersion = byArm.get(arm) ?? new Map<number, (Binned | undefined)[]>();
    byArm.set(arm, byVersion);
    const windows = byVersion.get(version) ?? [];
    byVersion.set(version, windows);
    const first = (chunkMs - fromChunk) / sizeMs;
    eachBinned(chunk, (window, plan, from) => {
      windows[first + window] = { plan, chunk, from };
    });
  }
  return (windowMs: number, arm: string, version: number): Binned | undefined =>
    byArm.get(arm)?.get(version)?.[(windowMs - fromChunk) / sizeMs];
}

/** What was counted before bins were has no plan, and no bins. */
function waysOf(db: Database, places: readonly Place[]): (version: number, plan: number | null) => Way {
  const ids = new Map(db.prepare('SELECT name, id FROM pane_feature').raw().all() as [string, number][]);
  const planned = db.prepare('SELECT layout FROM bin_plan WHERE id = ?').pluck();
  const known = new Map<number | null, Map<number, Way>>();

  function way(version: number, plan: number | null): Way {
    const rest: (Place | undefined)[] = [];
    for (const place of places) {
      // A name without an id was never counted.
      const id = ids.get(place.name);
      if (id !== undefined && place.versions.includes(String(version))) rest[id] = place;
    }
    if (plan === null) return { runs: [], rest };
    const runs: Run[] = [];
    for (const { id, layoutId, first, bins } of plannedOf(planned.get(plan) as Buffer)) {
      const place = rest[id];
      // Binned by other bins, or not at all.
      if (place?.layoutId !== layoutId) continue;
      delete rest[id];
      const { first: to } = place.target;
      const last = runs.at(-1);
      // Most often all features follow one another on both sides.
      if (last && last.from + last.count === first && last.to + last.count === to) last.count += bins;
      else runs.push({ from: first, to, count: bins });
    }
    return { runs, rest: rest.some((place) => place) ? rest : [] };
  }

  return (version, plan) => {
    const ofPlan = known.get(plan) ?? new Map<number, Way>();
    known.set(plan, ofPlan);
    const own = ofPlan.get(version) ?? way(version, plan);
    ofPlan.set(version, own);
    return own;
  };
}

/** Adds the panes of these features to `bins`. */
type AddPanes = (bins: Float64Array, features: Places, key: Key) => void;

function ofMinute(db: Database): AddPanes {
  const minutes = createMinutesStore(db);
  return (bins, features, [endpointId, , windowMs, arm, version]) =>
    minutes.each([endpointId, windowMs, arm, version], Object.keys(features).map(Number), (id, pane) => {
      const place = features[id];
      if (place) addTo(bins, pane, place.target);
    });
}

function ofWindow(db: Database): AddPanes {
  const read = db
    .prepare(
      `SELECT form, counts FROM window_pane WHERE feature = ? AND endpoint_id = ? AND level = ? AND window_ms = ? AND arm = ? AND version = ?`,
    )
    .raw();
  return (bins, features, key) => {
    for (const place of features) {
      const stored = place && (read.get(place.name, ...key) as [number, Buffer] | undefined);
      if (stored) addTo(bins, stretchOf(...stored), place.target);
    }
  };
}

const stretchOf = (form: number, counts: Buffer): StoredStretch => ({
  form,
  counts,
  from: 0,
  to: counts.length,
});
