/**
 * A histogram of durations with a fixed size: buckets grow by 5 %, from 1 µs to about 5 minutes, so a
 * quantile is at most 2.5 % off and memory never depends on the load.
 */
const GROWTH = Math.log(1.05);
const BUCKETS = 400;

export type Histogram = {
  /** Duration in milliseconds. */
  add(ms: number): void;
  /** Quantile in milliseconds (nearest rank); null without values. */
  quantile(share: number): number | null;
  count(): number;
  sumMs(): number;
  /** How many values were at most each of these bounds (rising, in milliseconds), to within a bucket's 5 %. */
  cumulative(boundsMs: readonly number[]): number[];
  /** The buckets that are not empty, for another process: index and count in turn. */
  packed(): number[];
  /** What another histogram packed comes on top; its values count at the middle of their buckets. */
  merge(packed: readonly number[]): void;
  reset(): void;
};

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;
  let sum = 0;
  return {
    add(ms) {
      const index = bucketOf(ms);
      counts[index] = (counts[index] ?? 0) + 1;
      total += 1;
      sum += ms;
    },
    quantile(share) {
      if (total === 0) return null;
      let left = Math.max(1, Math.ceil(share * total));
      for (let index = 0; index < BUCKETS; index++) {
        left -= counts[index] ?? 0;
        if (left <= 0) return middle(index);
      }
      return null;
    },
    count: () => total,
    sumMs: () => sum,
    cumulative(boundsMs) {
      let at = 0;
      let below = 0;
      return boundsMs.map((boundMs) => {
        for (const last = bucketOf(boundMs); at <= last; at++) below += counts[at] ?? 0;
        return below;
      });
    },
    packed() {
      const packed: number[] = [];
      counts.forEach((count, index) => {
        if (count > 0) packed.push(index, count);
      });
      return packed;
    },
    merge(packed) {
      for (let at = 0; at + 1 < packed.length; at += 2) {
        const index = packed[at] as number;
        const count = packed[at + 1] as number;
        if (!(index >= 0 && index < BUCKETS)) continue;
        counts[index] = (counts[index] ?? 0) + count;
        total += count;
        sum += count * middle(index);
      }
    },
    reset() {
      counts.fill(0);
      total = 0;
      sum = 0;
    },
  };
}

const middle = (index: number): number => Math.exp((index + 0.5) * GROWTH) / 1000;

const bucketOf = (ms: number): number =>
  Math.min(BUCKETS - 1, Math.floor(Math.log(Math.max(1, ms * 1000)) / GROWTH));
