/** A whole series in memory: for an axis along which it is not sorted as it lies. */
import type { Database } from '../../data/database.ts';
import { ascends, createGrouping, type Line, placeOf, planGroups } from './groups.rules.ts';
import { CHUNK_NODES, CHUNK_POINTS, LEVELS_FROM, sizeOf } from './levels.ts';
import { concatNodes, type NodeColumns, nodesOfPoints, sliceNodes } from './nodes.rules.ts';
import { type PackedSeries, packedNodes, packedPoints } from './packed-series.ts';
import type { Points } from './points.ts';
import type { Range } from './series-line.ts';

/** A longer series is summarised before it is sorted, to about an eighth of this. */
const MOST_ITEMS = 131_072;
const SUMMARISED = 16_384;

/** Points, or neighbours that share one; `counts` says of how many points each is. */
export type Items = NodeColumns & { counts: Float64Array };

export function itemsOf(db: Database, series: PackedSeries): Items {
  if (series.n <= MOST_ITEMS) return itemsOfPoints(allPoints(db, series));
  if (series.packed < LEVELS_FROM) {
    const size = Math.ceil(series.n / SUMMARISED);
    return countedItems(nodesOfPoints(allPoints(db, series), size), series.n, size);
  }
  let level = 1;
  while (series.packed / sizeOf(level) > SUMMARISED) level++;
  const size = sizeOf(level);
  // A summary that is not whole is left out where it might be of other points than those that stand now.
  const nodes = series.whole ? Math.ceil(series.packed / size) : Math.floor(series.packed / size);
  const summarised = Math.min(series.packed, nodes * size);
  const parts = Array.from({ length: Math.ceil(nodes / CHUNK_NODES) }, (_, chunk) =>
    packedNodes(db, series.series, level, chunk),
  );
  const packed = concatNodes(parts);
  const rest = nodesOfPoints(pointsFrom(db, series, summarised), size);
  const first = countedItems(sliceNodes(packed, 0, nodes), summarised, size);
  const second = countedItems(rest, series.n - summarised, size);
  return { ...concatNodes([first, second]), counts: Float64Array.of(...first.counts, ...second.counts) };
}

function countedItems(nodes: NodeColumns, points: number, size: number): Items {
  const counts = Float64Array.from(nodes.last, (_, at) => Math.min(size, points - at * size));
  return { ...nodes, counts };
}

function itemsOfPoints({ step, ts, val }: Points): Items {
  const value = val.map((each) => (Number.isFinite(each) ? each : Number.NaN));
  const notFinite = val.map((each) => (Number.isFinite(each) ? 0 : 1));
  return {
    step,
    ts,
    last: value,
    min: value,
    max: value,
    notFinite,
    counts: new Float64Array(step.length).fill(1),
  };
}

const allPoints = (db: Database, series: PackedSeries): Points => pointsFrom(db, series, 0);

/** The points from a place on. */
function pointsFrom(db: Database, series: PackedSeries, from: number): Points {
  const { packed, tail, n } = series;
  const points = {
    step: new Float64Array(n - from),
    ts: new Float64Array(n - from),
    val: new Float64Array(n - from),
  };
  const put = (part: Points, place: number) => {
    for (const name of ['step', 'ts', 'val'] as const)
      points[name].set(part[name].subarray(Math.max(0, from - place)), Math.max(0, place - from));
  };
  for (let chunk = Math.floor(from / CHUNK_POINTS); chunk * CHUNK_POINTS < packed; chunk++)
    put(packedPoints(db, series.series, chunk), chunk * CHUNK_POINTS);
  put(tail, packed);
  return points;
}

/** The line of the items along an `x` of theirs; NaN for one that has no place there. */
export function lineOfItems(items: Items, x: Float64Array, range: Range, most: number): Line {
  const order = inOrder(x);
  const pick = (column: Float64Array) => {
    const picked = new Float64Array(order.length);
    for (let at = 0; at < picked.length; at++) picked[at] = column[order[at] as number] as number;
    return picked;
  };
  const along = pick(x);
  const from = range.from === null ? 0 : placeOf(along, range.from);
  const to = range.to === null ? along.length : Math.max(from, placeOf(along, range.to, true));
  const grouping = createGrouping(planGroups(from, to, most).ends);
  const nodes = {
    x: along,
    last: pick(items.last),
    min: pick(items.min),
    max: pick(items.max),
    notFinite: pick(items.notFinite),
  };
  grouping.nodes(nodes, from, to, from, 1, to);
  const line = grouping.line();
  line.logged = pick(items.counts)
    .subarray(from, to)
    .reduce((sum, count) => sum + count, 0);
  return line;
}

/** Ascending x; equal ones stay in the order in which they lie. */
function inOrder(x: Float64Array): Uint32Array {
  const order = new Uint32Array(x.length);
  let length = 0;
  for (let at = 0; at < x.length; at++) if (!Number.isNaN(x[at])) order[length++] = at;
  if (ascends(x)) return order.subarray(0, length);
  return order.subarray(0, length).sort((a, b) => (x[a] as number) - (x[b] as number) || a - b);
}

/**
 * For each item the other series' last value at or before its step: NaN where that is not finite or there is none yet.
 */
export function joined(items: Items, other: Items): Float64Array {
  const x = new Float64Array(items.step.length).fill(Number.NaN);
  let at = -1;
  for (let item = 0; item < x.length; item++) {
    while (at + 1 < other.step.length && (other.step[at + 1] as number) <= (items.step[item] as number)) at++;
    if (at >= 0) x[item] = other.last[at] as number;
  }
  return x;
}
