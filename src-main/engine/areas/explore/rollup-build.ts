/**
 * Packs what a series has more than is packed, or packs anew from where points came in between. Worked out on a reader
 * thread; rollup.store.ts writes it. A step packs at most MOST_POINTS points of a series, so that what is to be
 * written at once stays small. When points came in between, chunks of before lie behind the new ones for some steps;
 * nobody reads them, and they are written over.
 */

import { pack } from '../../../contract/packed-columns.ts';
import type { Database } from '../../data/database.ts';
import { ascends } from './groups.rules.ts';
import { CHUNK_NODES, CHUNK_POINTS, chunkId, LEVELS_FROM, sizeOf, topLevel } from './levels.ts';
import { concatNodes, type NodeColumns, nodesOfNodes, nodesOfPoints, sliceNodes } from './nodes.rules.ts';
import {
  holding,
  lastOfChunk,
  nodeColumns,
  packedNodes,
  pointColumns,
  SERIES_ROW,
  type SeriesRow,
} from './packed-series.ts';
import { countBehind, keyAt, type PointKey, type Points, pointsAfter } from './points.ts';
import { statementsOf } from './statements.ts';

const MOST_POINTS = 16_384;

export type Chunk = { id: number; lastStep: number; lastTs: number; data: Uint8Array<ArrayBuffer> };
export type Step = {
  series: number;
  /** What was packed when this was worked out; what is written must follow on it. */
  was: number | null;
  head: PointKey & { n: number; inTime: boolean };
  chunks: Chunk[];
};
/** `verified` is how many points the series had when all that is packed was found to hold; null when nobody looked. */
export type ToPack = { series: number; verified: number | null };
export type Built = {
  steps: Step[];
  /** Series with more to pack. */
  unfinished: ToPack[];
};

const statements = statementsOf((db) => ({
  series: db.prepare(
    `SELECT ${SERIES_ROW} FROM series s LEFT JOIN rollup_head h ON h.series_id = s.id WHERE s.id = ?`,
  ),
}));

/** As many of the series as make one portion; the others come back as unfinished. */
export function buildRollups(db: Database, wanted: readonly ToPack[]): Built {
  const built: Built = { steps: [], unfinished: [] };
  let budget = MOST_POINTS;
  for (const { series, verified } of wanted) {
    if (budget <= 0) {
      built.unfinished.push({ series, verified });
      continue;
    }
    const row = statements(db).series.get(series) as SeriesRow | undefined;
    if (!row) continue;
    const step = nextStep(db, row, budget, verified === row.n);
    if (!step) continue;
    built.steps.push(step.step);
    budget -= step.points;
    if (step.more) built.unfinished.push({ series, verified: row.n });
  }
  return built;
}

function nextStep(
  db: Database,
  row: SeriesRow,
  most: number,
  holds: boolean,
): { step: Step; points: number; more: boolean } | null {
  if (row.packed === row.n) return null;
  const packed = holds ? (row.packed ?? 0) : packedThatHolds(db, row);
  // Levels above the points begin with the whole of a series.
  const kept = packed < LEVELS_FROM ? 0 : Math.floor(packed / CHUNK_POINTS) * CHUNK_POINTS;
  const before = kept === 0 ? null : lastOfChunk(db, row.series, kept / CHUNK_POINTS - 1);
  const limit = Math.max(most, 2 * LEVELS_FROM);
  const points = pointsAfter(db, row.series, before, limit);
  if (points.step.length === 0) return null;
  const n = kept + points.step.length;
  const chunks = [...pointChunks(row.series, points, kept), ...nodeChunks(db, row.series, points, kept, n)];
  const inTime =
    ascends(points.ts) && (before === null || (row.inTime === 1 && before.ts <= (points.ts[0] as number)));
  const last = keyAt(points, points.step.length - 1);
  return {
    step: {
      series: row.series,
      was: row.packed,
      head: { ...last, n, inTime },
      chunks,
    },
    points: points.step.length,
    more: points.step.length === limit,
  };
}

const packedThatHolds = (db: Database, row: SeriesRow): number =>
  row.packed === null ? 0 : holding(db, row, countBehind(db, row.series, row)).packed;

function pointChunks(series: number, points: Points, kept: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < points.step.length; at += CHUNK_POINTS) {
    const end = Math.min(points.step.length, at + CHUNK_POINTS);
    const columns = pointColumns(points).map((column) => column.subarray(at, end));
    chunks.push({
      id: chunkId(series, 0, (kept + at) / CHUNK_POINTS),
      lastStep: points.step[end - 1] as number,
      lastTs: points.ts[end - 1] as number,
      data: pack(columns),
    });
  }
  return chunks;
}

/** The levels above, from the first node that has a new point. */
function nodeChunks(db: Database, series: number, points: Points, kept: number, n: number): Chunk[] {
  const chunks: Chunk[] = [];
  let below: { nodes: NodeColumns; first: number } = { nodes: nodesOfPoints(points, 1), first: kept };
  for (let level = 1; level <= topLevel(n); level++) {
    const size = sizeOf(level);
    const by = size / sizeOf(level - 1);
    const first = Math.floor(kept / size);
    // A node that was begun is made anew from all of its parts, of which some lie packed.
    const children =
      below.first > first * by ? withPacked(db, series, level - 1, first * by, below) : below.nodes;
    const nodes = nodesOfNodes(children, by);
    const chunkFirst = Math.floor(first / CHUNK_NODES) * CHUNK_NODES;
    below = { nodes, first };
    const whole = chunkFirst < first ? withPacked(db, series, level, chunkFirst, below) : nodes;
    chunks.push(...chunksOf(series, level, whole, chunkFirst));
  }
  return chunks;
}

/** The nodes with those packed before them from `from` on; all lie in one chunk, and are whole. */
function withPacked(
  db: Database,
  series: number,
  level: number,
  from: number,
  { nodes, first }: { nodes: NodeColumns; first: number },
): NodeColumns {
  const chunk = Math.floor(from / CHUNK_NODES);
  const base = chunk * CHUNK_NODES;
  return concatNodes([sliceNodes(packedNodes(db, series, level, chunk), from - base, first - base), nodes]);
}

function chunksOf(series: number, level: number, nodes: NodeColumns, first: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < nodes.last.length; at += CHUNK_NODES) {
    const part = sliceNodes(nodes, at, at + CHUNK_NODES);
    const last = part.last.length - 1;
    chunks.push({
      id: chunkId(series, level, (first + at) / CHUNK_NODES),
      lastStep: part.step[last] as number,
      lastTs: part.ts[last] as number,
      data: pack(nodeColumns(part)),
    });
  }
  return chunks;
}
