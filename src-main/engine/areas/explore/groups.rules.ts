/**
 * A line with fewer points than were logged. Neighbours share one point, which keeps their least, greatest and last
 * value: a spike of a single point is seen at every zoom. Which neighbours share is a matter of their place in the
 * series, so that moving the window or logging more does not make the picture shimmer. Pure.
 */

export type Line = {
  /** Points in the columns. */
  points: number;
  /** Points logged in the range. */
  logged: number;
  notFinite: number;
  x: Float64Array;
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
};

/** Neighbours that were summarised before. `last` is NaN where none of them is finite; x is of the last finite one. */
export type Nodes = {
  x: Float64Array;
  last: Float64Array;
  min: Float64Array;
  max: Float64Array;
  notFinite: Float64Array;
};

export type Plan = {
  /** First place after each group, ascending; the last is the end of the range. */
  ends: Float64Array;
  /** From this place on, groups begin and end at multiples of the unit. */
  even: number;
};

/** The first places in doubling groups, so many in an octave: a logarithmic axis spreads them wide. */
const HEAD = 8;

/** Groups of places `from` up to `to`, at most `most`, each a multiple of `unit` long after the first few. */
export function planGroups(from: number, to: number, most: number, unit = 1): Plan {
  let size = groupSize(from, to, most, unit);
  const headGroups = HEAD * (Math.ceil(Math.log2(size)) + 2);
  const withHead = from === 0 && size > 1 && headGroups <= most / 4;
  if (withHead) size = groupSize(from, to, most - headGroups, unit);
  const ends: number[] = [];
  let at = from;
  const even = withHead ? Math.min(to, HEAD * size) : Math.min(to, Math.ceil(from / size) * size);
  if (withHead)
    while (at < even) {
      at = Math.min(even, at + (at < HEAD ? 1 : 2 ** Math.floor(Math.log2(at)) / HEAD));
      ends.push(at);
    }
  while (at < to) {
    at = Math.min(to, (Math.floor(at / size) + 1) * size);
    ends.push(at);
  }
  return { ends: Float64Array.from(ends), even };
}

/** The least multiple of `unit` that cuts places `from` up to `to` at its own multiples into at most `most` parts. */
function groupSize(from: number, to: number, most: number, unit: number): number {
  let size = unit * Math.max(1, Math.ceil((to - from) / most / unit));
  while (to > from && Math.floor((to - 1) / size) - Math.floor(from / size) + 1 > most) size += unit;
  return size;
}

/**
 * Takes points and nodes in ascending order of place; a node lies in one group. With `alone` each group is one point,
 * and no nodes come.
 */
export function createGrouping(ends: Float64Array, alone = false) {
  const column = () => new Float64Array(ends.length);
  const values = column();
  const line: Line = {
    ...{ points: 0, logged: 0, notFinite: 0 },
    x: column(),
    last: values,
    min: alone ? values : column(),
    max: alone ? values : column(),
  };
  let group = 0;
  let end = ends[0] ?? 0;
  let open = false;
  let [x, last, min, max] = [0, 0, 0, 0];

  function flush(): void {
    if (!open) return;
    const at = line.points++;
    line.x[at] = x;
    line.last[at] = last;
    line.min[at] = min;
    line.max[at] = max;
    open = false;
  }
  function enter(place: number): void {
    flush();
    while (place >= end && group < ends.length - 1) end = ends[++group] as number;
  }
  function take(toX: number, itsLast: number, itsMin: number, itsMax: number): void {
    if (open) {
      if (itsMin < min) min = itsMin;
      if (itsMax > max) max = itsMax;
    } else {
      min = itsMin;
      max = itsMax;
      open = true;
    }
    x = toX;
    last = itsLast;
  }

  function copyFinite(xs: Float64Array, ys: Float64Array, from: number, to: number): void {
    let at = line.points;
    for (let row = from; row < to; row++) {
      const value = ys[row] as number;
      if (!Number.isFinite(value)) continue;
      line.x[at] = xs[row] as number;
      values[at] = value;
      at++;
    }
    line.notFinite += to - from - (at - line.points);
    line.points = at;
  }

  return {
    /** Rows `from` up to `to` of the columns; row `from` is at `place`. */
    points(xs: Float64Array, ys: Float64Array, from: number, to: number, place: number): void {
      line.logged += to - from;
      if (alone) {
        copyFinite(xs, ys, from, to);
        return;
      }
      for (let row = from; row < to; row++) {
        const value = ys[row] as number;
        if (place + row - from >= end) enter(place + row - from);
        if (Number.isFinite(value)) take(xs[row] as number, value, value, value);
        else line.notFinite++;
      }
    },
    /** The same of nodes of `size` places each, the last one up to `until`. */
    nodes(nodes: Nodes, from: number, to: number, place: number, size: number, until: number): void {
      line.logged += Math.min(until, place + (to - from) * size) - place;
      for (let row = from; row < to; row++) {
        const its = place + (row - from) * size;
        if (its >= end) enter(its);
        line.notFinite += nodes.notFinite[row] as number;
        const value = nodes.last[row] as number;
        if (!Number.isNaN(value))
          take(nodes.x[row] as number, value, nodes.min[row] as number, nodes.max[row] as number);
      }
    },
    line(): Line {
      flush();
      return line;
    },
  };
}

/** The first place whose x is not below `bound`, or with `after` the first whose x is above it. `x` ascends. */
export function placeOf(x: Float64Array, bound: number, after = false): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const here = x[middle] as number;
    if (here < bound || (after && here === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** NaN is passed over. */
export function ascends(x: Float64Array): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const value of x) {
    if (value < last) return false;
    if (!Number.isNaN(value)) last = value;
  }
  return true;
}

/** Every point stands for itself. */
export function isPlain({ points, last, min, max }: Line): boolean {
  if (min === last && max === last) return true;
  for (let at = 0; at < points; at++) if (min[at] !== last[at] || max[at] !== last[at]) return false;
  return true;
}
