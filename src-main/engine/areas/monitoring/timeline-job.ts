/** Entry for the reader threads: features over time, read from the panes of a workspace. */
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

/** One timeline for each feature, in their order. */
export const run: ReaderJob<TimelineInput, Timeline[]> = (db, input) => {
  const fromMs = (input.windows[0] ?? 0) - input.spanMs + 1;
  const toMs = input.windows.at(-1) ?? -1;
  const panesOf =
    input.per === 'minute' ? readMinutes(db, input, fromMs, toMs) : readWindows(db, input, fromMs, toMs);
  const result = input.features.map((feature) =>
    timelineOf(feature, panesOf(feature), input.windows, input.spanMs, input.withBins),
  );
  const buffers = result.flatMap(({ facts, spanBins, ownBins }) => [facts, spanBins, ownBins]);
  return { result, transfer: buffers.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])) };
};

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
