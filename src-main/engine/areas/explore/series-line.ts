/** The line of one series along step or time, from as few packed chunks as will do. */
import type { Database } from '../../data/database.ts';
import { createGrouping, type Line, type Plan, placeOf, planGroups } from './groups.rules.ts';
import { CHUNK_NODES, CHUNK_POINTS, LEVELS_FROM, sizeOf, topLevel } from './levels.ts';
import { type Axis, type Chunks, chunksAlong, type PackedSeries } from './packed-series.ts';

/** Along the axis, both ends included; null is open. */
export type Range = { from: number | null; to: number | null };

/** `x` of the series must ascend along the axis. */
export function lineAlong(db: Database, series: PackedSeries, axis: Axis, range: Range, most: number): Line {
  const chunks = chunksAlong(db, series, axis);
  const from = range.from === null ? 0 : placeIn(series, chunks, axis, range.from, false);
  const to = range.to === null ? series.n : Math.max(from, placeIn(series, chunks, axis, range.to, true));
  const level = levelFor(series, to - from, most);
  const plan = planOnce(from, to, most, sizeOf(level));
  const grouping = createGrouping(plan.ends, plan.ends.length === to - from);
  const packedEnd = Math.min(to, series.packed);

  let at = from;
  // Groups of their own lengths first, one by one: a whole summary might reach over the end of one.
  for (let group = 0; at < Math.min(plan.even, packedEnd); group++) {
    const end = Math.min(plan.ends[group] as number, packedEnd);
    feed(level, at, end);
    at = end;
  }
  feed(level, at, packedEnd);
  const behind = Math.max(from, series.packed);
  if (behind < to) {
    const { tail, packed } = series;
    grouping.points(tail[axis], tail.val, behind - packed, to - packed, behind);
  }
  return grouping.line();

  /** Places `begin` up to `end` of the packed part, in summaries of at most this level. */
  function feed(highest: number, begin: number, end: number): void {
    if (begin >= end) return;
    if (highest === 0) {
      feedPoints(begin, end);
      return;
    }
    const size = sizeOf(highest);
    const first = Math.ceil(begin / size);
    const isEnd = series.whole && end === series.packed;
    const afterLast = isEnd ? Math.ceil(end / size) : Math.floor(end / size);
    if (first >= afterLast) {
      feed(highest - 1, begin, end);
      return;
    }
    feed(highest - 1, begin, first * size);
    for (let node = first; node < afterLast; ) {
      const chunk = Math.floor(node / CHUNK_NODES);
      const stop = Math.min(afterLast, (chunk + 1) * CHUNK_NODES);
      const base = chunk * CHUNK_NODES;
      grouping.nodes(chunks.nodes(highest, chunk), node - base, stop - base, node * size, size, end);
      node = stop;
    }
    feed(highest - 1, afterLast * size, end);
  }
  function feedPoints(begin: number, end: number): void {
    for (let place = begin; place < end; ) {
      const chunk = Math.floor(place / CHUNK_POINTS);
      const stop = Math.min(end, (chunk + 1) * CHUNK_POINTS);
      const { x, val } = chunks.points(chunk);
      grouping.points(x, val, place - chunk * CHUNK_POINTS, stop - chunk * CHUNK_POINTS, place);
      place = stop;
    }
  }
}

/** The coarsest level that still has half as many summaries in `places` places as points are wanted. */
function levelFor(series: PackedSeries, places: number, most: number): number {
  if (series.packed < LEVELS_FROM) return 0;
  let level = topLevel(series.packed);
  while (level > 0 && places / sizeOf(level) < most / 2) level--;
  return level;
}

/** The first place whose x is not below `bound`, or with `after` the first whose x is above it. */
function placeIn(series: PackedSeries, chunks: Chunks, axis: Axis, bound: number, after: boolean): number {
  const { packed, tail } = series;
  const all = Math.ceil(packed / CHUNK_POINTS);
  let [low, high] = [0, all];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const end = chunks.end(middle);
    if (end < bound || (after && end === bound)) low = middle + 1;
    else high = middle;
  }
  if (low === all) return packed + placeOf(tail[axis], bound, after);
  return low * CHUNK_POINTS + placeOf(chunks.points(low).x, bound, after);
}

let last: { key: string; plan: Plan } | null = null;
/** Runs of one chart are often equally long. */
function planOnce(from: number, to: number, most: number, unit: number): Plan {
  const key = `${from} ${to} ${most} ${unit}`;
  if (last?.key !== key) last = { key, plan: planGroups(from, to, most, unit) };
  return last.plan;
}
