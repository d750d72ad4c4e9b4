/** Dots of a scatter plot: which one is meant, which lie in a box, and the straight line through them. Pure. */
import type { Range } from './curve.ts';

export type Places = { x: Float32Array; y: Float32Array };

/** The dot nearest to a place in pixels, -1 when none is within `reach`. */
export function nearestDot({ x, y }: Places, left: number, top: number, reach: number): number {
  let best = -1;
  let closest = reach * reach;
  for (let at = 0; at < x.length; at++) {
    const apart = ((x[at] ?? 0) - left) ** 2 + ((y[at] ?? 0) - top) ** 2;
    if (apart <= closest) {
      closest = apart;
      best = at;
    }
  }
  return best;
}

/** Dots with both values inside a box of values, edges included. */
export function insideBox(x: Float64Array, y: Float64Array, [x0, x1]: Range, [y0, y1]: Range): number[] {
  const found: number[] = [];
  for (let at = 0; at < x.length; at++) {
    const [px, py] = [x[at] ?? Number.NaN, y[at] ?? Number.NaN];
    if (px >= x0 && px <= x1 && py >= y0 && py <= y1) found.push(at);
  }
  return found;
}

export type Trend = { slope: number; intercept: number; r: number; n: number };

/** Least squares and Pearson's r over the pairs that have both values; null for fewer than three or no spread. */
export function trendOf(x: ArrayLike<number>, y: ArrayLike<number>): Trend | null {
  let [n, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    const [px, py] = [x[at] ?? Number.NaN, y[at] ?? Number.NaN];
    if (!Number.isFinite(px) || !Number.isFinite(py)) continue;
    n += 1;
    // Welford's update, so that large values with a small spread keep their digits.
    const [dx, dy] = [px - meanX, py - meanY];
    meanX += dx / n;
    meanY += dy / n;
    xx += dx * (px - meanX);
    yy += dy * (py - meanY);
    xy += dx * (py - meanY);
  }
  if (n < 3 || !(xx > 0) || !(yy > 0)) return null;
  const slope = xy / xx;
  return {
    slope,
    intercept: meanY - slope * meanX,
    r: Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))),
    n,
  };
}
