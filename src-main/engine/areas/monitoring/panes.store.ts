/** SQL of what is counted: panes and rows per minute, hour and day, and how far each gateway's tap is in. */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { binEntry, type Layouts, mergeEntries } from './bins.rules.ts';
import {
  addStored,
  emptyPane,
  encodeCounts,
  mergeStored,
  type Pane,
  packPanes,
  unpackPanes,
} from './pane.rules.ts';

/** Levels that are kept by feature; minutes are packed. */
export const LEVELS = { hour: 1, day: 2 } as const;
export type Level = keyof typeof LEVELS;

/** All arms, or one: of the others not even the blobs are copied out of the database. */
export const OF_ARM = 'AND (:arm IS NULL OR arm = :arm)';

/** How far behind the newest event windows are kept; days for good. */
const KEPT_MS = { minute: 2 * WINDOW_SIZE_MS.day, hour: 90 * WINDOW_SIZE_MS.day } as const;

export type Place = { endpointId: number; arm: string; version: string; windowMs: number };
/** Of an hour or day. */
export type PlaceAt = Place & { level: (typeof LEVELS)[Level] };
export type Rows = { rows: number; skewed: number; unlogged: number };
export type Watched = { lastEventMs: number; lastReceivedMs: number };
export type Cursor = { seq: number; done: number };
export type NamedPane = { feature: string; pane: Pane };
/** What one transaction counted of a minute. */
export type Pending = Place & Rows & { seq: number; panes: Uint8Array };

type StoredPane = {
  sum: number;
  squares: number | null;
  min: number | null;
  max: number | null;
  form: number;
  counts: Uint8Array;
};

export type PanesStore = ReturnType<typeof createPanesStore>;

export function createPanesStore(db: Database) {
  const key = 'endpoint_id = ? AND level = ? AND feature = ? AND window_ms = ? AND arm = ? AND version = ?';
  const readPane = db.prepare(`SELECT sum, squares, min, max, form, counts FROM window_pane WHERE ${key}`);
  const writePane = db.prepare(
    `INSERT INTO window_pane(endpoint_id, level, feature, window_ms, arm, version, sum, squares, min, max, form, counts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET sum = excluded.sum, squares = excluded.squares, min = excluded.min, max = excluded.max,
       form = 1, counts = excluded.counts`,
  );
  const binsKey = 'endpoint_id = ? AND level = ? AND window_ms = ? AND arm = ? AND version = ?';
  const readBins = db.prepare(`SELECT bins FROM window_bins WHERE ${binsKey}`);
  const writeBins = db.prepare(
    `INSERT INTO window_bins(endpoint_id, level, window_ms, arm, version, bins) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET bins = excluded.bins`,
  );
  const placesAfter = db.prepare(
    `SELECT endpoint_id AS endpointId, level, window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, bins IS NOT NULL AS binned
     FROM window_rows LEFT JOIN window_bins USING (endpoint_id, level, window_ms, arm, version)
     WHERE (endpoint_id, level, window_ms, arm, version) > (?, ?, ?, ?, ?)
     ORDER BY endpoint_id, level, window_ms, arm, version LIMIT ?`,
  );
  const addRows = db.prepare(
    `INSERT INTO window_rows(endpoint_id, level, window_ms, arm, version, rows, skewed, unlogged) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, skewed = skewed + excluded.skewed, unlogged = unlogged + excluded.unlogged`,
  );
  const readMinute = db.prepare(
    'SELECT panes FROM minute_pane WHERE endpoint_id = ? AND window_ms = ? AND arm = ? AND version = ?',
  );
  const addMinute = db.prepare(
    `INSERT INTO minute_pane(endpoint_id, window_ms, arm, version, rows, skewed, unlogged, panes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, skewed = skewed + excluded.skewed, unlogged = unlogged + excluded.unlogged,
       panes = excluded.panes`,
  );
  const append = db.prepare(
    `INSERT INTO pane_pending(endpoint_id, window_ms, arm, version, rows, skewed, unlogged, panes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const pending = db.prepare(
    `SELECT seq, endpoint_id AS endpointId, window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, rows, skewed, unlogged, panes
     FROM pane_pending ORDER BY seq LIMIT ?`,
  );
  const newestPending = db.prepare('SELECT max(seq) AS seq FROM pane_pending');
  const rolled = db.prepare('DELETE FROM pane_pending WHERE seq <= ?');
  const featureName = db.prepare('SELECT name FROM pane_feature WHERE id = ?');
  const featureId = db.prepare('SELECT id FROM pane_feature WHERE name = ?');
  const addFeature = db.prepare('INSERT INTO pane_feature(name) VALUES (?) RETURNING id');
  const watched = db.prepare(
    'SELECT last_event_ms AS lastEventMs, last_received_ms AS lastReceivedMs FROM watched WHERE endpoint_id = ?',
  );
  const watch = db.prepare(
    `INSERT INTO watched(endpoint_id, last_event_ms, last_received_ms) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET last_event_ms = max(last_event_ms, excluded.last_event_ms),
       last_received_ms = max(last_received_ms, excluded.last_received_ms)`,
  );
  const firstMinute = db.prepare('SELECT min(window_ms) AS ms FROM minute_pane WHERE endpoint_id = ?');
  const firstWindow = db.prepare(
    'SELECT min(window_ms) AS ms FROM window_rows WHERE endpoint_id = ? AND level = ?',
  );
  const cursor = db.prepare('SELECT seq, done FROM tap_cursor WHERE instance = ?');
  const setCursor = db.prepare(
    `INSERT INTO tap_cursor(instance, seq, done, at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET seq = excluded.seq, done = excluded.done, at_ms = excluded.at_ms`,
  );
  const oldMinutes = db.prepare(
    `DELETE FROM minute_pane WHERE (endpoint_id, window_ms, arm, version) IN (
       SELECT endpoint_id, window_ms, arm, version FROM minute_pane WHERE endpoint_id = ? AND window_ms < ? LIMIT ?)`,
  );
  const oldHourRows = db.prepare(
    `DELETE FROM window_rows WHERE (endpoint_id, level, window_ms, arm, version) IN (
       SELECT endpoint_id, level, window_ms, arm, version FROM window_rows WHERE endpoint_id = ? AND level = 1 AND window_ms < ? LIMIT ?)`,
  );
  const oldHourBins = db.prepare(
    `DELETE FROM window_bins WHERE rowid IN (
       SELECT rowid FROM window_bins WHERE endpoint_id = ? AND level = 1 AND window_ms < ? LIMIT ?)`,
  );
  const features = db.prepare('SELECT name FROM pane_feature');
  const oldHours = db.prepare(
    `DELETE FROM window_pane WHERE (endpoint_id, level, feature, window_ms, arm, version) IN (
       SELECT endpoint_id, level, feature, window_ms, arm, version FROM window_pane
       WHERE endpoint_id = ? AND level = 1 AND feature = ? AND window_ms < ? LIMIT ?)`,
  );
  const oldCursors = db.prepare('DELETE FROM tap_cursor WHERE at_ms < ?');
  const endpoints = db.prepare('SELECT endpoint_id AS id, last_event_ms AS lastEventMs FROM watched');
  const ids = new Map<string, number>();
  const names = new Map<number, string>();

  /** Within a transaction it is not remembered, as it may be rolled back. */
  function idOf(name: string): number {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const found = (featureId.get(name) ?? addFeature.get(name)) as { id: number };
    if (!db.inTransaction) ids.set(name, found.id);
    return found.id;
  }

  /** Writes down the bins of the panes that are stored of an hour or day. */
  function binPanes({ endpointId, level, windowMs, arm, version }: PlaceAt, layouts: Layouts): void {
    const entries: Uint8Array[] = [];
    for (const [feature, layout] of layouts) {
      const at = [endpointId, level, feature, windowMs, arm, Number(version)] as const;
      const stored = readPane.get(...at) as StoredPane | undefined;
      if (!stored) continue;
      const counts = new Uint32Array(layout.binOfCell.length);
      // One of another grid leaves nothing.
      addStored(counts, stored, 1);
      entries.push(binEntry(idOf(feature), layout, counts));
    }
    writeBins.run(endpointId, level, windowMs, arm, Number(version), Buffer.concat(entries));
  }

  return {
    /** Gives names their ids ahead of the transactions that need them. */
    know(features: readonly string[]): void {
      for (const name of features) idOf(name);
    },
    /** Keeps what was counted of a minute until it is rolled up (roller.ts). */
    append({ endpointId, windowMs, arm, version }: Place, rows: Rows, panes: readonly NamedPane[]): void {
      const blob = packPanes(panes.map(({ feature, pane }) => ({ id: idOf(feature), pane })));
      const { rows: n, skewed, unlogged } = rows;
      append.run(endpointId, windowMs, arm, Number(version), n, skewed, unlogged, blob);
    },
    /** What is to be rolled up, oldest first. */
    pending: (limit: number): Pending[] => pending.all(limit) as Pending[],
    /** 0 when nothing is. */
    newestPending: (): number => (newestPending.get() as { seq: number | null }).seq ?? 0,
    /** Everything pending up to this is rolled up. */
    rolled: (seq: number): void => void rolled.run(seq),
    nameOf(id: number): string {
      const known = names.get(id) ?? (featureName.get(id) as { name: string }).name;
      names.set(id, known);
      return known;
    },
    /** Adds panes to those of an hour or day, and writes their bins down beside. */
    addPanes(level: Level, place: Place, panes: readonly NamedPane[], layouts: Layouts): void {
      const { endpointId, windowMs, arm } = place;
      const version = Number(place.version);
      const entries = new Map<number, Uint8Array>();
      for (const { feature, pane } of panes) {
        const at = [endpointId, LEVELS[level], feature, windowMs, arm, version] as const;
        const stored = readPane.get(...at) as StoredPane | undefined;
        if (stored) mergeStored(pane, { ...stored, moments: momentsOf(stored) });
        const { sum, squares, min, max, counts } = pane;
        writePane.run(...at, sum, squares, finite(min), finite(max), encodeCounts(counts));
        const id = idOf(feature);
        entries.set(id, binEntry(id, layouts.get(feature), counts));
      }
      const at = [endpointId, LEVELS[level], windowMs, arm, version] as const;
      const stored = readBins.get(...at) as { bins: Uint8Array } | undefined;
      if (stored) writeBins.run(...at, mergeEntries(stored.bins, entries));
      // What is written down has all panes: the window may have others from before bins were. Without a plan none can be
      // binned, and what is not written down is read from the panes.
      else if (layouts.size > 0) binPanes({ ...place, level: LEVELS[level] }, layouts);
    },
    /** Hours and days that come after this one, and whether their bins are written down. */
    placesAfter: (after: PlaceAt | null, limit: number): (PlaceAt & { binned: 0 | 1 })[] =>
      placesAfter.all(
        ...(after
          ? [after.endpointId, after.level, after.windowMs, after.arm, Number(after.version)]
          : [-1, 0, 0, '', 0]),
        limit,
      ) as (PlaceAt & { binned: 0 | 1 })[],
    binPanes,
    addRows(level: Level, { endpointId, windowMs, arm, version }: Place, rows: Rows): void {
      addRows.run(
        endpointId,
        LEVELS[level],
        windowMs,
        arm,
        Number(version),
        rows.rows,
        rows.skewed,
        rows.unlogged,
      );
    },
    /** Adds rows, and blobs of panes, to those of a minute. */
    addMinute({ endpointId, windowMs, arm, version }: Place, rows: Rows, blobs: readonly Uint8Array[]): void {
      const at = [endpointId, windowMs, arm, Number(version)] as const;
      const stored = readMinute.get(...at) as { panes: Uint8Array } | undefined;
      const all = stored ? [stored.panes, ...blobs] : blobs;
      const { rows: n, skewed, unlogged } = rows;
      addMinute.run(...at, n, skewed, unlogged, all.length === 1 ? all[0] : mergedBlob(all));
    },
    watched: (endpointId: number): Watched | null => (watched.get(endpointId) as Watched | undefined) ?? null,
    watch: (endpointId: number, { lastEventMs, lastReceivedMs }: Watched): void =>
      void watch.run(endpointId, lastEventMs, lastReceivedMs),
    /** Where the first kept window with rows begins; null when there is none. */
    firstWindow: (endpointId: number, per: WindowSize): number | null =>
      (
        (per === 'minute' ? firstMinute.get(endpointId) : firstWindow.get(endpointId, LEVELS[per])) as {
          ms: number | null;
        }
      ).ms,
    /** Of events no later than these: windows of theirs are not kept any more. */
    floors: (newestMs: number) => ({ minute: newestMs - KEPT_MS.minute, hour: newestMs - KEPT_MS.hour }),
    cursor: (instance: string): Cursor => (cursor.get(instance) as Cursor | undefined) ?? { seq: 0, done: 0 },
    setCursor: (instance: string, { seq, done }: Cursor, nowMs: number): void =>
      void setCursor.run(instance, seq, done, nowMs),
    /** Removes at most about `limit` windows that are past their time, and cursors older than `cursorsMs`; returns how many windows. */
    prune(limit: number, cursorsMs: number): number {
      let removed = 0;
      for (const { id, lastEventMs } of endpoints.all() as { id: number; lastEventMs: number }[]) {
        if (removed >= limit) return removed;
        const minute = lastEventMs - KEPT_MS.minute;
        const hour = lastEventMs - KEPT_MS.hour;
        removed += oldMinutes.run(id, minute, limit).changes + oldHourRows.run(id, hour, limit).changes;
        removed += oldHourBins.run(id, hour, limit).changes;
        for (const { name } of features.all() as { name: string }[]) {
          if (removed >= limit) return removed;
          removed += oldHours.run(id, name, hour, limit).changes;
        }
      }
      oldCursors.run(cursorsMs);
      return removed;
    },
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const momentsOf = ({ sum, squares, min, max }: Omit<StoredPane, 'form' | 'counts'>) => ({
  sum,
  squares,
  min: min ?? Number.POSITIVE_INFINITY,
  max: max ?? Number.NEGATIVE_INFINITY,
});

function mergedBlob(blobs: readonly Uint8Array[]): Uint8Array {
  const merged = new Map<number, Pane>();
  for (const blob of blobs)
    for (const { id, ...stored } of unpackPanes(blob)) {
      const pane = merged.get(id) ?? emptyPane(0);
      merged.set(id, pane);
      mergeStored(pane, stored);
    }
  return packPanes([...merged].map(([id, pane]) => ({ id, pane })));
}
