/** Entry for the reader threads: rows and features over time, read from the panes of a workspace. */
import type { WindowSize } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import type { ReaderJob } from '../../data/reader-worker.ts';
import type { Baseline } from './drift.rules.ts';
import { eachOfMinutes, OF_ARM } from './minutes.store.ts';
import { momentsOf } from './panes.store.ts';
import { LEVELS } from './places.ts';
import { type ScoresInput, scoresOf } from './scores-read.ts';
import { type GridCells, type Timeline, timelineOf } from './timeline.rules.ts';

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

export type TimelineJob =
  | { job: 'timelines'; input: TimelineInput }
  | { job: 'scores'; input: ScoresInput }
  | { job: 'rows'; input: RowsInput };

export const run: ReaderJob<TimelineJob, Timeline[] | Float64Array | RowsRead> = (db, { job, input }) => {
  if (job === 'rows') return rowsOf(db, input);
  if (job === 'timelines') return timelinesOf(db, input);
  const scores = scoresOf(db, input);
  return { result: scores, transfer: [scores.buffer as ArrayBuffer] };
};

function rowsOf(db: Database, { endpointId, per, arm, fromMs, toMs }: RowsInput) {
  const own = `window_rows WHERE level = ${LEVELS[per]} AND endpoint_id = :endpointId AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM}`;
  const where = { endpointId, fromMs, toMs, arm };
  const rows = db
    .prepare(
      `SELECT window_ms, sum(rows), sum(skewed), sum(unlogged), min(version), max(version) FROM ${own} GROUP BY window_ms`,
    )
    .raw()
    .all(where) as [number, number, number, number, number, number][];
  const [first] = rows;
  // Most often there is one, and no second look.
  const versions =
    first && rows.every(([, , , , least, most]) => least === first[4] && most === first[4])
      ? [String(first[4])]
      : (db.prepare(`SELECT DISTINCT CAST(version AS TEXT) FROM ${own}`).pluck().all(where) as string[]);
  const windows = new Float64Array(rows.length * ROW_FIELDS.length);
  for (const [at, row] of rows.entries())
    windows.set(row.slice(0, ROW_FIELDS.length), at * ROW_FIELDS.length);
  return { result: { windows, versions }, transfer: [windows.buffer] };
}

/** One timeline for each feature, in their order. */
function timelinesOf(db: Database, input: TimelineInput) {
  const { features, windows, spanMs, withBins } = input;
  const fromMs = (windows[0] ?? 0) - spanMs + 1;
  const toMs = windows.at(-1) ?? -1;
  const timelines = features.map((feature) => timelineOf(feature, windows, spanMs, withBins));
  (input.per === 'minute' ? readMinutes : readWindows)(db, input, timelines, fromMs, toMs);
  const result = timelines.map((timeline) => timeline.done());
  const buffers = result.flatMap(({ facts, spanBins, ownBins }) => [facts, spanBins, ownBins]);
  return { result, transfer: buffers.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])) };
}

type Adding = readonly Pick<ReturnType<typeof timelineOf>, 'add'>[];
type Row = [number, number, number, number | null, number | null, number | null, number, Buffer];

function readWindows(db: Database, input: TimelineInput, timelines: Adding, fromMs: number, toMs: number) {
  const { endpointId, arm } = input;
  const level = LEVELS[input.per];
  const query = db
    .prepare(
      `SELECT window_ms, version, sum, squares, min, max, form, counts FROM window_pane WHERE endpoint_id = :endpointId
       AND level = :level AND feature = :name AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM} ORDER BY window_ms`,
    )
    .raw();
  for (const [at, { name, versions }] of input.features.entries()) {
    const timeline = timelines[at] as Adding[number];
    const own = new Set(versions.map(Number));
    for (const row of query.all({ endpointId, level, name, fromMs, toMs, arm }) as Row[]) {
      const [windowMs, version, sum, squares, min, max, form, counts] = row;
      if (own.has(version))
        timeline.add(windowMs, {
          ...momentsOf({ sum, squares, min, max }),
          ...{ form, counts, from: 0, to: counts.length },
        });
    }
  }
}

function readMinutes(db: Database, input: TimelineInput, timelines: Adding, fromMs: number, toMs: number) {
  const names = new Map(input.features.map(({ name, versions }, at) => [name, { at, versions }]));
  const wanted = new Map<number, { timeline: Adding[number]; versions: ReadonlySet<number> }>();
  for (const { id, name } of db.prepare('SELECT id, name FROM pane_feature').all() as {
    id: number;
    name: string;
  }[]) {
    const found = names.get(name);
    if (found)
      wanted.set(id, {
        timeline: timelines[found.at] as Adding[number],
        versions: new Set(found.versions.map(Number)),
      });
  }
  const { endpointId, arm } = input;
  eachOfMinutes(db, { endpointId, arm, fromMs, toMs }, wanted.keys(), (id, windowMs, version, pane) => {
    const feature = wanted.get(id);
    if (feature?.versions.has(version)) feature.timeline.add(windowMs, pane);
  });
}
