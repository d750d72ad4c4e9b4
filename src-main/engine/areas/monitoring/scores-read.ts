/** Every feature's scores over time, read from what is stored of minutes, hours and days; on a reader thread. */
import type { WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { eachEntry } from './bins.rules.ts';
import { addTo, eachPacked, type StoredStretch, type Target } from './pane.rules.ts';
import { LEVELS, OF_ARM } from './panes.store.ts';
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

type Scores = ReturnType<typeof scoresOver>;
/** Where a feature's counts go: from cells, and from bins. */
type Place = ScoredFeature & { ofCells: Target; ofBins: Target };
/** By the id that features have in blobs, those on a version's grid. */
type Places = readonly (Place | undefined)[];

/** SCORE_FIELDS of each feature, window by window. */
export function scoresOf(db: Database, input: ScoresInput): Float64Array {
  const { features, windows, spanMs, method } = input;
  const references = features.map(({ reference }) => reference);
  const scores = scoresOver(references, windows, spanMs, method);
  const places = features.map((feature, at): Place => {
    const first = scores.offsets[at] as number;
    const ofBins = { first, binOfCell: Uint8Array.from(feature.reference, (_, bin) => bin) };
    return { ...feature, ofCells: { first, binOfCell: feature.binOfCell }, ofBins };
  });
  const fromMs = (windows[0] ?? 0) - spanMs + 1;
  const toMs = windows.at(-1) ?? -1;
  (input.per === 'minute' ? readMinutes : readWindows)(db, input, places, scores, fromMs, toMs);
  return scores.done();
}

function byVersion(db: Database, places: readonly Place[]): (version: number) => Places {
  const ids = new Map(db.prepare('SELECT name, id FROM pane_feature').raw().all() as [string, number][]);
  const known = new Map<number, Places>();
  return (version) => {
    let own = known.get(version);
    if (!own) {
      const on: (Place | undefined)[] = [];
      for (const place of places) {
        // A name without an id was never counted.
        const id = ids.get(place.name);
        if (id !== undefined && place.versions.includes(String(version))) on[id] = place;
      }
      own = on;
      known.set(version, own);
    }
    return own;
  };
}

function readMinutes(
  db: Database,
  { endpointId, arm }: ScoresInput,
  places: readonly Place[],
  scores: Scores,
  fromMs: number,
  toMs: number,
): void {
  const placesOf = byVersion(db, places);
  const rows = db
    .prepare(
      `SELECT window_ms, version, panes FROM minute_pane WHERE endpoint_id = :endpointId
       AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM} ORDER BY window_ms`,
    )
    .raw()
    .iterate({ endpointId, arm, fromMs, toMs }) as Iterable<[number, number, Buffer]>;
  for (const [windowMs, version, panes] of rows) {
    const bins = scores.binsOf(windowMs);
    const own = placesOf(version);
    eachPacked(panes, (id, pane) => {
      const place = own[id];
      if (place) addTo(bins, pane, place.ofCells);
    });
  }
}

type Row = [windowMs: number, arm: string, version: number, bins: Buffer | null];

function readWindows(
  db: Database,
  { endpointId, arm, per }: ScoresInput,
  places: readonly Place[],
  scores: Scores,
  fromMs: number,
  toMs: number,
): void {
  const placesOf = byVersion(db, places);
  const level = per === 'day' ? LEVELS.day : LEVELS.hour;
  const rows = db
    .prepare(
      `SELECT window_ms, arm, version, bins FROM window_rows LEFT JOIN window_bins USING (endpoint_id, level, window_ms, arm, version)
       WHERE endpoint_id = :endpointId AND level = :level AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM} ORDER BY window_ms`,
    )
    .raw()
    .all({ endpointId, level, arm, fromMs, toMs }) as Row[];
  const pane = db
    .prepare(
      `SELECT form, counts FROM window_pane WHERE endpoint_id = ? AND level = ? AND feature = ? AND window_ms = ? AND arm = ? AND version = ?`,
    )
    .raw();
  for (const [windowMs, ofArm, version, blob] of rows) {
    const bins = scores.binsOf(windowMs);
    const own = placesOf(version);
    const addPane = (place: Place) => {
      const stored = pane.get(endpointId, level, place.name, windowMs, ofArm, version) as
        | [number, Buffer]
        | undefined;
      if (stored) addTo(bins, stretchOf(...stored), place.ofCells);
    };
    if (blob)
      eachEntry(blob, (id, layoutId, counts) => {
        const place = own[id];
        if (place?.layoutId === layoutId) addTo(bins, counts, place.ofBins);
        // Binned as another version's, or not at all.
        else if (place) addPane(place);
      });
    // Counted before bins were.
    else for (const place of own) if (place) addPane(place);
  }
}

const stretchOf = (form: number, counts: Buffer): StoredStretch => ({
  form,
  counts,
  from: 0,
  to: counts.length,
});
