/**
 * A series as it is read: a packed part, and behind it the points themselves. A series changes only by points that
 * are added. So the packed part holds as long as it and what lies behind it are all the points there are; where some
 * came in between, it holds up to the first of them. All must be read in one transaction.
 */

import { pick, unpack } from '../../../contract/packed-columns.ts';
import type { Database } from '../../data/database.ts';
import { ascends, type Nodes } from './groups.rules.ts';
import { CHUNK_POINTS, chunkId } from './levels.ts';
import type { NodeColumns } from './nodes.rules.ts';
import { countPoints, keyAt, NO_POINTS, type PointKey, type Points, pointsAfter } from './points.ts';
import { statementsOf } from './statements.ts';

/** What is said of a series without looking at its points; `step`, `ts`, `val`, `nan` are of the last packed one. */
export type SeriesRow = {
  series: number;
  n: number;
  packed: number | null;
  inTime: number | null;
} & PointKey;

/** A SeriesRow of `series s LEFT JOIN rollup_head h ON h.series_id = s.id`. */
export const SERIES_ROW = `s.id AS series, s.n, h.n AS packed, h.in_time AS inTime,
  h.last_step AS step, h.last_ts AS ts, h.last_val AS val, h.last_nan AS nan`;

export type PackedSeries = {
  series: number;
  n: number;
  /** Points that are packed and hold; a multiple of CHUNK_POINTS unless `whole`. */
  packed: number;
  /** All that is packed holds, so the last summary of each level, which may be of fewer points, does too. */
  whole: boolean;
  /** What comes behind. */
  tail: Points;
  /** Timestamps ascend. */
  inTime: boolean;
};

export type Axis = 'step' | 'ts';

const POINT_COLUMNS = ['step', 'ts', 'val'] as const;
const NODE_COLUMNS = ['step', 'ts', 'last', 'min', 'max', 'notFinite'] as const;
const statements = statementsOf((db) => ({
  data: db.prepare('SELECT data FROM rollup WHERE id = ?').pluck(),
  last: db.prepare('SELECT last_step AS step, last_ts AS ts FROM rollup WHERE id = ?'),
}));

/** How much of what is packed holds; `last` is the last point of it. */
export type Holding = Pick<PackedSeries, 'packed' | 'whole'> & { last: PointKey | null };

export function openSeries(db: Database, row: SeriesRow): PackedSeries {
  const { series } = row;
  const behind = row.packed === row.n ? NO_POINTS : pointsAfter(db, series, row.packed === null ? null : row);
  const { packed, whole, last } = holding(db, row, behind.step.length);
  const tail = whole ? behind : pointsAfter(db, series, last);
  const inTime = ascends(tail.ts) && (!last || tail.ts.length === 0 || last.ts <= (tail.ts[0] as number));
  return {
    ...{ series, n: packed + tail.step.length, packed, whole, tail },
    inTime: inTime && (!last || row.inTime === 1),
  };
}

/** `behind` is how many points lie behind the last packed one. */
export function holding(db: Database, row: SeriesRow, behind: number): Holding {
  if (row.packed === null) return { packed: 0, whole: true, last: null };
  const strangers = row.n - row.packed - behind;
  if (strangers === 0) return { packed: row.packed, whole: true, last: row };
  const chunks = chunksThatHold(db, row, row.packed, strangers);
  const last = chunks === 0 ? null : lastOfChunk(db, row.series, chunks - 1);
  return { packed: chunks * CHUNK_POINTS, whole: false, last };
}

/** How many chunks of points hold, `strangers` points having come in between. The search goes from the end. */
function chunksThatHold(db: Database, row: SeriesRow, packed: number, strangers: number): number {
  let end: PointKey = row;
  let missing = strangers;
  for (let chunk = Math.ceil(packed / CHUNK_POINTS) - 1; chunk > 0; chunk--) {
    const begin = lastOfChunk(db, row.series, chunk - 1);
    const packedHere = Math.min(packed, (chunk + 1) * CHUNK_POINTS) - chunk * CHUNK_POINTS;
    missing -= countPoints(db, row.series, begin, end) - packedHere;
    if (missing <= 0) return chunk;
    end = begin;
  }
  return 0;
}

/** Of a chunk that is full. */
export const lastOfChunk = (db: Database, series: number, chunk: number): PointKey =>
  keyAt(packedPoints(db, series, chunk), CHUNK_POINTS - 1);

export function packedPoints(db: Database, series: number, chunk: number): Points {
  const bytes = dataOf(db, series, 0, chunk);
  return { step: pointColumn(bytes, 'step'), ts: pointColumn(bytes, 'ts'), val: pointColumn(bytes, 'val') };
}

export function packedNodes(db: Database, series: number, level: number, chunk: number): NodeColumns {
  const bytes = dataOf(db, series, level, chunk);
  return { step: nodeColumn(bytes, 'step'), ts: nodeColumn(bytes, 'ts'), ...valuesOf(bytes) };
}

const valuesOf = (bytes: Buffer) => ({
  last: nodeColumn(bytes, 'last'),
  min: nodeColumn(bytes, 'min'),
  max: nodeColumn(bytes, 'max'),
  notFinite: nodeColumn(bytes, 'notFinite'),
});
const pointColumn = (bytes: Buffer, name: (typeof POINT_COLUMNS)[number]) =>
  unpack(bytes, POINT_COLUMNS.indexOf(name), POINT_COLUMNS.length);
const nodeColumn = (bytes: Buffer, name: (typeof NODE_COLUMNS)[number]) =>
  unpack(bytes, NODE_COLUMNS.indexOf(name), NODE_COLUMNS.length);

export const pointColumns = ({ step, ts, val }: Points): Float64Array[] => [step, ts, val];
export const nodeColumns = (nodes: NodeColumns): Float64Array[] => NODE_COLUMNS.map((name) => nodes[name]);

function dataOf(db: Database, series: number, level: number, chunk: number): Buffer {
  const data = statements(db).data.get(chunkId(series, level, chunk)) as Buffer | undefined;
  if (!data) throw new Error(`chunk ${chunk} of level ${level} of series ${series} is missing`);
  return data;
}

/** Steps and values of a chunk of points as the chart has them (`plain`); null when a value is not finite. */
export function plainPoints(chunk: Buffer): Uint8Array | null {
  if (!pointColumn(chunk, 'val').every(Number.isFinite)) return null;
  return pick(chunk, [POINT_COLUMNS.indexOf('step'), POINT_COLUMNS.indexOf('val')], POINT_COLUMNS.length);
}

/** The chunks along one axis, the one read last of each level being kept. */
export function chunksAlong(db: Database, { series }: PackedSeries, axis: Axis) {
  let points: { chunk: number; x: Float64Array; val: Float64Array } | null = null;
  const nodes: ({ chunk: number; nodes: Nodes } | undefined)[] = [];
  return {
    points(chunk: number): { x: Float64Array; val: Float64Array } {
      if (points?.chunk !== chunk) {
        const bytes = dataOf(db, series, 0, chunk);
        points = { chunk, x: pointColumn(bytes, axis), val: pointColumn(bytes, 'val') };
      }
      return points;
    },
    nodes(level: number, chunk: number): Nodes {
      const kept = nodes[level];
      if (kept?.chunk === chunk) return kept.nodes;
      const bytes = dataOf(db, series, level, chunk);
      const found = { x: nodeColumn(bytes, axis), ...valuesOf(bytes) };
      nodes[level] = { chunk, nodes: found };
      return found;
    },
    /** Where along the axis a chunk of points ends. */
    end: (chunk: number): number =>
      (statements(db).last.get(chunkId(series, 0, chunk)) as Record<Axis, number>)[axis],
  };
}
export type Chunks = ReturnType<typeof chunksAlong>;
