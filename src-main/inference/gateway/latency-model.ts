/**
 * How long a model's batches take on its device, learned from those that ran: s(n) = b + a·n.
 *
 * The last runs of each power-of-two size are kept, so that neither a quiet hour of single rows nor a burst of
 * full batches forgets what the other sizes cost. The line goes through the medians of the sizes by the
 * Theil–Sen estimator (median of the pairwise slopes, each weighted by its distance in rows), which a quarter
 * of wild measurements does not move; least squares is thrown off by one in thirty. Where a size was measured
 * often enough, its own median corrects the line, as real models are not quite straight. Sizes that did not run
 * for long count little: what was true of them on a busy machine need not be true any more.
 */
export type LatencyModel = {
  /** One batch of `rows` took `ms`. */
  add(rows: number, ms: number): void;
  /** Milliseconds a batch of `rows` is expected to take; 0 before anything was measured. */
  expect(rows: number): number;
  /** Milliseconds that about 95 in 100 batches of `rows` keep within; 0 before anything was measured. */
  safe(rows: number): number;
  /** The line: milliseconds per batch and per row. Null before anything was measured. */
  line(): { baseMs: number; rowMs: number } | null;
  /** Rows of the largest batch that was measured; 0 before the first. */
  largest(): number;
  /** Changes whenever an estimate may have changed. */
  version(): number;
};

/** Runs kept for each size. */
const KEPT = 16;
/** Runs of a size from which its own median counts more than the line. */
const TRUSTED = 3;
/** A size that is not among so many runs is stale. */
const STALE = 128;
const STALE_WEIGHT = 0.1;
/** The line is drawn anew after so many runs. */
const REFRESH = 4;
const SAFE_SHARE = 0.95;
const MAX_SPREAD = 2;

type Size = {
  rows: number[];
  ms: number[];
  next: number;
  seen: number;
  /** Which run of the model its last one was. */
  last: number;
  point: { rows: number; ms: number };
};

export function createLatencyModel(): LatencyModel {
  const sizes = new Map<number, Size>();
  let line: { baseMs: number; rowMs: number } | null = null;
  let spread = 1;
  let largest = 0;
  let version = 0;
  let unread = 0;
  let runs = 0;

  const isStale = (size: Size): boolean => runs - size.last > STALE;

  const expect = (rows: number): number => {
    if (!line) return 0;
    const straight = line.baseMs + line.rowMs * rows;
    const size = sizes.get(sizeOf(rows));
    if (!size || size.ms.length < TRUSTED || isStale(size)) return straight;
    const there = line.baseMs + line.rowMs * size.point.rows;
    return there > 0 ? straight * Math.min(4, Math.max(0.25, size.point.ms / there)) : straight;
  };

  const refresh = () => {
    unread = 0;
    version += 1;
    line = theilSen(
      [...sizes.values()].map((size) => ({
        ...size.point,
        weight: isStale(size) ? STALE_WEIGHT : size.ms.length,
      })),
    );
    const ratios: number[] = [];
    for (const size of sizes.values()) {
      if (isStale(size)) continue;
      size.rows.forEach((each, at) => {
        const expected = expect(each);
        if (expected > 0) ratios.push((size.ms[at] as number) / expected);
      });
    }
    ratios.sort(ascending);
    const high = ratios[Math.min(ratios.length - 1, Math.floor(SAFE_SHARE * ratios.length))] ?? 1;
    spread = Math.min(MAX_SPREAD, Math.max(1, high));
  };

  return {
    add(rows, ms) {
      if (!(ms >= 0) || !(rows >= 1)) return;
      const key = sizeOf(rows);
      let size = sizes.get(key);
      if (!size) {
        size = { rows: [], ms: [], next: 0, seen: 0, last: 0, point: { rows, ms } };
        sizes.set(key, size);
      }
      // The first run of a size pays for its buffers and plans: it is forgotten at the second.
      if (size.seen === 1) size.next = 0;
      size.rows[size.next] = rows;
      size.ms[size.next] = ms;
      size.next = (size.next + 1) % KEPT;
      size.seen += 1;
      runs += 1;
      size.last = runs;
      size.point = { rows: median(size.rows), ms: median(size.ms) };
      largest = Math.max(largest, rows);
      unread += 1;
      if (unread >= REFRESH || size.seen <= TRUSTED || line === null) refresh();
    },
    expect,
    safe: (rows) => expect(rows) * spread,
    line: () => line,
    largest: () => largest,
    version: () => version,
  };
}

type Point = { rows: number; ms: number; weight: number };

/** Sen (1968), with weights. Neither part is negative: a batch takes time, and more rows do not take less. */
function theilSen(points: readonly Point[]): { baseMs: number; rowMs: number } | null {
  if (points.length === 0) return null;
  const slopes: { value: number; weight: number }[] = [];
  points.forEach((left, at) => {
    for (const right of points.slice(at + 1)) {
      const apart = Math.abs(right.rows - left.rows);
      if (apart === 0) continue;
      const value = (right.ms - left.ms) / (right.rows - left.rows);
      slopes.push({ value, weight: apart * Math.min(left.weight, right.weight) });
    }
  });
  // One size alone says nothing of the slope; the caller grows its batches step by step until it does.
  const rowMs = Math.max(0, weightedMedian(slopes) ?? 0);
  const bases = points.map(({ rows, ms, weight }) => ({ value: ms - rowMs * rows, weight }));
  return { baseMs: Math.max(0, weightedMedian(bases) ?? 0), rowMs };
}

function weightedMedian(values: { value: number; weight: number }[]): number | null {
  values.sort((left, right) => left.value - right.value);
  let half = 0;
  for (const { weight } of values) half += weight / 2;
  for (const { value, weight } of values) {
    half -= weight;
    if (half <= 0) return value;
  }
  return null;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted(ascending);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

const ascending = (left: number, right: number): number => left - right;
const sizeOf = (rows: number): number => Math.floor(Math.log2(rows));
