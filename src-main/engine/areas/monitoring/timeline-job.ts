/** Entry for the reader threads: rows and features over time, read from the panes of a workspace. */
import type { WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import type { Baseline } from './drift.rules.ts';
import { unpackPanes } from './pane.rules.ts';
import { LEVELS, momentsOf } from './panes.store.ts';
import { type GridCells, type TimedPane, type Timeline, timelineOf } from './timeline.rules.ts';

export type TimelineFeature = {
  name: string;
  cells: GridCells;
  baseline: Baseline;
  /** Versions whose panes are on this feature's grid. */
  versions: readonly string[];
};
export type TimelineInput = {
  endpointId: number;
  per: WindowSize;
  /** Null for all arms. */
  arm: string | null;
  /** Rising. */
  windows: readonly number[];
  spanMs: number;
  features: readonly TimelineFeature[];
  withBins: boolean;
};

export type RowsInput = {
  endpointId: number;
  per: WindowSize;
  arm: string | null;
  fromMs: number;
  toMs: number;
};
/** ROW_FIELDS numbers for each window that has rows, rising in time; and the versions that they are of. */
export type RowsRead = { windows: Float64Array; versions: string[] };
export const ROW_FIELDS = ['windowMs', 'rows', 'skewed', 'unlogged'] as const;

export type TimelineJob = { job: 'timelines'; input: TimelineInput } | { job: 'rows'; input: RowsInput };

export const run: ReaderJob<TimelineJob, Timeline[] | RowsRead> = (db, { job, input }) =>
  job === 'rows' ? rowsOf(db, input) : timelinesOf(db, input);

function rowsOf(db: Database, { endpointId, per, arm, fromMs, toMs }: RowsInput) {
  const table =
    per === 'minute'
      ? 'minute_pane WHERE'
      : `window_rows WHERE level = ${per === 'day' ? LEVELS.day : LEVELS.hour} AND`;
  const rows = db
    .prepare(
      `SELECT window_ms, rows, skewed, unlogged, arm, CAST(version AS TEXT) FROM ${table} endpoint_id = ?
       AND window_ms BETWEEN ? AND ? ORDER BY window_ms`,
    )
    .raw()
    .iterate(endpointId, fromMs, toMs) as Iterable<[number, number, number, number, string, string]>;
  const windows: number[] = [];
  const versions = new Set<string>();
  for (const [windowMs, n, skewed, unlogged, ofArm, version] of rows) {
    if (arm !== null && ofArm !== arm) continue;
    versions.add(version);
    if (windows.at(-ROW_FIELDS.length) !== windowMs) windows.push(windowMs, 0, 0, 0);
    const at = windows.length - ROW_FIELDS.length;
    windows[at + 1] = (windows[at + 1] as number) + n;
    windows[at + 2] = (windows[at + 2] as number) + skewed;
    windows[at + 3] = (windows[at + 3] as number) + unlogged;
  }
  const packed = Float64Array.from(windows);
  return { result: { windows: packed, versions: [...versions] }, transfer: [packed.buffer] };
}

/** One timeline for each feature, in their order. */
function timelinesOf(db: Database, input: TimelineInput) {
  const fromMs = (input.windows[0] ?? 0) - input.spanMs + 1;
  const toMs = input.windows.at(-1) ?? -1;
  const panesOf =
    input.per === 'minute' ? readMinutes(db, input, fromMs, toMs) : readWindows(db, input, fromMs, toMs);
  const result = input.features.map((feature) =>
    timelineOf(feature, panesOf(feature), input.windows, input.spanMs, input.withBins),
  );
  const buffers = result.flatMap(({ facts, spanBins, ownBins }) => [facts, spanBins, ownBins]);
  return { result, transfer: buffers.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])) };
}

type Row = [number, string, number, number, number | null, number | null, number | null, number, Buffer];

function readWindows(db: Database, { endpointId, per, arm }: TimelineInput, fromMs: number, toMs: number) {
  const level = per === 'day' ? LEVELS.day : LEVELS.hour;
  const query = db
    .prepare(
      `SELECT window_ms, arm, version, sum, squares, min, max, form, counts FROM window_pane
       WHERE endpoint_id = ? AND level = ? AND feature = ? AND window_ms BETWEEN ? AND ? ORDER BY window_ms`,
    )
    .raw();
  return ({ name, versions }: TimelineFeature): TimedPane[] => {
    const own = new Set(versions.map(Number));
    const panes: TimedPane[] = [];
    for (const row of query.all(endpointId, level, name, fromMs, toMs) as Row[]) {
      const [windowMs, ofArm, version, sum, squares, min, max, form, counts] = row;
      if ((arm !== null && ofArm !== arm) || !own.has(version)) continue;
      panes.push({ windowMs, moments: momentsOf({ sum, squares, min, max }), form, counts });
    }
    return panes;
  };
}

function readMinutes(db: Database, input: TimelineInput, fromMs: number, toMs: number) {
  const ids = new Map(
    (db.prepare('SELECT id, name FROM pane_feature').all() as { id: number; name: string }[]).map(
      ({ id, name }) => [id, name],
    ),
  );
  const wanted = new Map(
    input.features.map(({ name, versions }) => [
      name,
      { versions: new Set(versions.map(Number)), panes: [] as TimedPane[] },
    ]),
  );
  const rows = db
    .prepare(
      `SELECT window_ms, arm, version, panes FROM minute_pane WHERE endpoint_id = ? AND window_ms BETWEEN ? AND ?
       ORDER BY window_ms`,
    )
    .raw()
    .iterate(input.endpointId, fromMs, toMs) as Iterable<[number, string, number, Buffer]>;
  for (const [windowMs, arm, version, blob] of rows) {
    if (input.arm !== null && arm !== input.arm) continue;
    for (const { id, moments, counts } of unpackPanes(blob)) {
      const feature = wanted.get(ids.get(id) ?? '');
      if (feature?.versions.has(version)) feature.panes.push({ windowMs, moments, form: 1, counts });
    }
  }
  return ({ name }: TimelineFeature): TimedPane[] => wanted.get(name)?.panes ?? [];
}
