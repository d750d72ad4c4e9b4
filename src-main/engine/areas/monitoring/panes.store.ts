/** SQL of what is counted: panes and rows per minute, hour and day, and how far each gateway's tap is in. */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import {
  addCounts,
  addWideCounts,
  emptyPane,
  encodeCounts,
  mergeMoments,
  type Pane,
  packPanes,
  unpackPanes,
} from './pane.rules.ts';

/** Levels that are kept by feature; minutes are packed. */
export const LEVELS = { hour: 1, day: 2 } as const;
export type Level = keyof typeof LEVELS;

/** How far behind the newest event windows are kept; days for good. */
const KEPT_MS = { minute: 2 * WINDOW_SIZE_MS.day, hour: 90 * WINDOW_SIZE_MS.day } as const;

export type Place = { endpointId: number; arm: string; version: string; windowMs: number };
export type Rows = { rows: number; skewed: number; unlogged: number };
export type WindowRows = Rows & { windowMs: number; arm: string; version: string };
export type Watched = { lastEventMs: number; lastReceivedMs: number };
export type Cursor = { seq: number; done: number };
export type NamedPane = { feature: string; pane: Pane };

/** A stored pane's counts, by `form`. */
export const addStored = (
  into: Uint32Array | Float64Array,
  stored: { form: number; counts: Uint8Array },
  times: 1 | -1,
): boolean => (stored.form === 0 ? addWideCounts : addCounts)(into, stored.counts, times);

/** The SQL that reads the rows of windows in [?, ?] of an endpoint. */
export const ROWS_SQL: Record<WindowSize, string> = {
  minute: `SELECT window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, rows, skewed, unlogged FROM minute_pane
           WHERE endpoint_id = ? AND window_ms BETWEEN ? AND ? ORDER BY window_ms`,
  ...levelRows('hour'),
  ...levelRows('day'),
};
function levelRows<L extends Level>(level: L): Record<L, string> {
  const sql = `SELECT window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, rows, skewed, unlogged FROM window_rows
               WHERE endpoint_id = ? AND level = ${LEVELS[level]} AND window_ms BETWEEN ? AND ? ORDER BY window_ms`;
  return { [level]: sql } as Record<L, string>;
}

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
  const hourFeatures = db.prepare(
    `SELECT DISTINCT feature FROM window_pane WHERE endpoint_id = ? AND level = 1`,
  );
  const oldHours = db.prepare(
    `DELETE FROM window_pane WHERE (endpoint_id, level, feature, window_ms, arm, version) IN (
       SELECT endpoint_id, level, feature, window_ms, arm, version FROM window_pane
       WHERE endpoint_id = ? AND level = 1 AND feature = ? AND window_ms < ? LIMIT ?)`,
  );
  const oldCursors = db.prepare('DELETE FROM tap_cursor WHERE at_ms < ?');
  const endpoints = db.prepare('SELECT endpoint_id AS id, last_event_ms AS lastEventMs FROM watched');
  const ids = new Map<string, number>();

  /** Within a transaction it is not remembered, as it may be rolled back. */
  function idOf(name: string): number {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const found = (featureId.get(name) ?? addFeature.get(name)) as { id: number };
    if (!db.inTransaction) ids.set(name, found.id);
    return found.id;
  }

  return {
    /** Gives names their ids ahead of the transactions that need them. */
    know(features: readonly string[]): void {
      for (const name of features) idOf(name);
    },
    /** Adds panes to those of an hour or day. */
    addPanes(level: Level, place: Place, panes: readonly NamedPane[]): void {
      const { endpointId, windowMs, arm } = place;
      const version = Number(place.version);
      for (const { feature, pane } of panes) {
        const at = [endpointId, LEVELS[level], feature, windowMs, arm, version] as const;
        const stored = readPane.get(...at) as StoredPane | undefined;
        // Counts of another grid cannot be added to: they make way, as the version is watched on this one now.
        if (stored && addStored(pane.counts, stored, 1)) mergeMoments(pane, momentsOf(stored));
        writePane.run(
          ...at,
          pane.sum,
          pane.squares,
          finite(pane.min),
          finite(pane.max),
          encodeCounts(pane.counts),
        );
      }
    },
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
    /** Adds rows and panes to those of a minute. */
    addMinute(place: Place, rows: Rows, panes: readonly NamedPane[]): void {
      const { endpointId, windowMs, arm } = place;
      const version = Number(place.version);
      const row = readMinute.get(endpointId, windowMs, arm, version) as { panes: Uint8Array } | undefined;
      const merged = new Map(panes.map(({ feature, pane }) => [idOf(feature), pane]));
      for (const { id, moments, counts } of row ? unpackPanes(row.panes) : []) {
        const pane = merged.get(id);
        if (pane && addCounts(pane.counts, counts, 1)) mergeMoments(pane, moments);
        else if (!pane) merged.set(id, restored(moments, counts));
      }
      const blob = packPanes([...merged].map(([id, pane]) => ({ id, pane })));
      const { rows: n, skewed, unlogged } = rows;
      addMinute.run(endpointId, windowMs, arm, version, n, skewed, unlogged, blob);
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
        for (const { feature } of hourFeatures.all(id) as { feature: string }[]) {
          if (removed >= limit) return removed;
          removed += oldHours.run(id, feature, hour, limit).changes;
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

/** A feature of a minute that nothing is added to: its counts as far as they reach. */
function restored(moments: Omit<Pane, 'counts'>, stored: Uint8Array): Pane {
  let size = 1;
  while (true) {
    const pane = { ...emptyPane(size), ...moments };
    if (addCounts(pane.counts, stored, 1)) return pane;
    size *= 2;
  }
}
