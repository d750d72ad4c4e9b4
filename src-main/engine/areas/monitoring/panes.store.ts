/** SQL of what is counted: panes and rows per minute, hour and day, and how far each gateway's tap is in. */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { type BinPlan, binPlanOf, type Layouts } from './bins.rules.ts';
import { createBinsStore } from './bins.store.ts';
import { createMinutesStore } from './minutes.store.ts';
import { encodeCounts, mergeStored, type Pane, packPanes } from './pane.rules.ts';
import { LEVELS, type Level, type Place, type PlaceAt } from './places.ts';

/** How far behind the newest event windows are kept; days for good. */
const KEPT_MS = { minute: 2 * WINDOW_SIZE_MS.day, hour: 90 * WINDOW_SIZE_MS.day } as const;

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
  const addRows = db.prepare(
    `INSERT INTO window_rows(endpoint_id, level, window_ms, arm, version, rows, skewed, unlogged) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, skewed = skewed + excluded.skewed, unlogged = unlogged + excluded.unlogged`,
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
  const firstWindow = db.prepare(
    'SELECT min(window_ms) AS ms FROM window_rows WHERE endpoint_id = ? AND level = ?',
  );
  const cursor = db.prepare('SELECT seq, done FROM tap_cursor WHERE instance = ?');
  const setCursor = db.prepare(
    `INSERT INTO tap_cursor(instance, seq, done, at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET seq = excluded.seq, done = excluded.done, at_ms = excluded.at_ms`,
  );
  const oldRows = db.prepare(
    `DELETE FROM window_rows WHERE (endpoint_id, level, window_ms, arm, version) IN (
       SELECT endpoint_id, level, window_ms, arm, version FROM window_rows WHERE endpoint_id = ? AND level = ? AND window_ms < ? LIMIT ?)`,
  );
  const features = db.prepare('SELECT name FROM pane_feature');
  const oldHours = db.prepare(
    `DELETE FROM window_pane WHERE (endpoint_id, level, feature, window_ms, arm, version) IN (
       SELECT endpoint_id, level, feature, window_ms, arm, version FROM window_pane
       WHERE endpoint_id = ? AND level = 1 AND feature = ? AND window_ms < ? LIMIT ?)`,
  );
  const oldCursors = db.prepare('DELETE FROM tap_cursor WHERE at_ms < ?');
  const endpoints = db.prepare('SELECT endpoint_id AS id, last_event_ms AS lastEventMs FROM watched');
  const minutes = createMinutesStore(db);
  const bins = createBinsStore(db);
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

  /** Null without layouts, when nothing can be binned. */
  const planOf = (layouts: Layouts): BinPlan | null => (layouts.size === 0 ? null : binPlanOf(layouts, idOf));

  /** The bins of the panes that are stored. */
  function binned(at: PlaceAt, plan: BinPlan): Float64Array {
    const into = new Float64Array(plan.size);
    const { endpointId, level, windowMs, arm, version } = at;
    if (level === LEVELS.minute) {
      minutes.each([endpointId, windowMs, arm, Number(version)], plan.ids, (id, pane) =>
        plan.add(into, id, pane),
      );
      return into;
    }
    for (const feature of plan.features) {
      const stored = readPane.get(endpointId, level, feature, windowMs, arm, Number(version)) as
        | StoredPane
        | undefined;
      if (stored) plan.add(into, feature, { ...stored, from: 0, to: stored.counts.length });
    }
    return into;
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
      const at: PlaceAt = { ...place, level: LEVELS[level] };
      const plan = planOf(layouts);
      const beside = plan && bins.read(at, plan);
      for (const { feature, pane } of panes) {
        const key = [endpointId, at.level, feature, windowMs, arm, version] as const;
        const stored = readPane.get(...key) as StoredPane | undefined;
        if (stored) mergeStored(pane, { ...stored, moments: momentsOf(stored) });
        const { sum, squares, min, max, counts } = pane;
        writePane.run(...key, sum, squares, finite(min), finite(max), encodeCounts(counts));
        if (beside) plan.put(beside, feature, counts);
      }
      if (!plan) bins.remove(at);
      // What is written down has all panes: the window may have others from before bins were, or by another plan.
      else bins.write(at, plan, beside ?? binned(at, plan));
    },
    placesAfter: bins.placesAfter,
    /** Writes down the bins of the panes that are stored. */
    binPanes(at: PlaceAt, layouts: Layouts): void {
      const plan = planOf(layouts);
      if (plan) bins.write(at, plan, binned(at, plan));
    },
    addRows(per: WindowSize, { endpointId, windowMs, arm, version }: Place, counted: Rows): void {
      const { rows, skewed, unlogged } = counted;
      addRows.run(endpointId, LEVELS[per], windowMs, arm, Number(version), rows, skewed, unlogged);
    },
    /** Adds blobs of panes to those of a minute, and writes their bins down beside. */
    addMinute(place: Place, blobs: readonly Uint8Array[], layouts: Layouts): void {
      const { endpointId, windowMs, arm, version } = place;
      minutes.add([endpointId, windowMs, arm, Number(version)], blobs);
      const at: PlaceAt = { ...place, level: LEVELS.minute };
      const plan = planOf(layouts);
      if (plan) bins.write(at, plan, binned(at, plan));
      else bins.remove(at);
    },
    watched: (endpointId: number): Watched | null => (watched.get(endpointId) as Watched | undefined) ?? null,
    watch: (endpointId: number, { lastEventMs, lastReceivedMs }: Watched): void =>
      void watch.run(endpointId, lastEventMs, lastReceivedMs),
    /** Where the first kept window with rows begins; null when there is none. */
    firstWindow: (endpointId: number, per: WindowSize): number | null =>
      (firstWindow.get(endpointId, LEVELS[per]) as { ms: number | null }).ms,
    /** Of events no later than these: windows of theirs are not kept any more. */
    floors: floorsOf,
    cursor: (instance: string): Cursor => (cursor.get(instance) as Cursor | undefined) ?? { seq: 0, done: 0 },
    setCursor: (instance: string, { seq, done }: Cursor, nowMs: number): void =>
      void setCursor.run(instance, seq, done, nowMs),
    /** Removes at most about `limit` windows that are past their time, and cursors older than `cursorsMs`; returns how many windows. */
    prune(limit: number, cursorsMs: number): number {
      let removed = 0;
      for (const { id, lastEventMs } of endpoints.all() as { id: number; lastEventMs: number }[]) {
        if (removed >= limit) return removed;
        const floors = floorsOf(lastEventMs);
        removed += minutes.prune(id, floors.minute, limit);
        for (const per of ['minute', 'hour'] as const) {
          removed += oldRows.run(id, LEVELS[per], floors[per], limit).changes;
          removed += bins.prune(id, LEVELS[per], floors[per], limit);
        }
        for (const { name } of features.all() as { name: string }[]) {
          if (removed >= limit) return removed;
          removed += oldHours.run(id, name, floors.hour, limit).changes;
        }
      }
      oldCursors.run(cursorsMs);
      return removed;
    },
  };
}

const floorsOf = (newestMs: number) => ({
  minute: newestMs - KEPT_MS.minute,
  hour: newestMs - KEPT_MS.hour,
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const momentsOf = ({ sum, squares, min, max }: Omit<StoredPane, 'form' | 'counts'>) => ({
  sum,
  squares,
  min: min ?? Number.POSITIVE_INFINITY,
  max: max ?? Number.NEGATIVE_INFINITY,
});
