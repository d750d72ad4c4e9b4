/** What lies under the crosshair of a chart of curves. Pure. */
import { type CurvePoints, nearestIndex, valueAt } from './curve.ts';
import type { Scale } from './scale.ts';

type Pickable = { id: string; points: CurvePoints; ghost: Float64Array | null };
export type Reading = {
  id: string;
  x: number;
  y: number;
  low: number;
  high: number;
  /** The value behind a smoothed one. */
  raw: number | null;
  /** Pixels from the pointer, upright. */
  apart: number;
};

/**
 * The curves at a place of the pane, nearest to the pointer first. Each is read at its own nearest point; those that
 * have not begun or have ended there are left out, unless that point lies within `reach` pixels.
 */
export function readingsAt(
  curves: readonly Pickable[],
  pointer: { left: number; top: number },
  pane: { width: number; height: number; x: Scale; y: Scale },
  reach = 12,
): Reading[] {
  const at = pane.x.value(pointer.left / pane.width);
  const found: Reading[] = [];
  for (const { id, points, ghost } of curves) {
    const i = nearestIndex(points.x, at);
    if (i < 0) continue;
    const [x, y] = [points.x[i] ?? 0, points.y[i] ?? 0];
    const passing = valueAt(points.x, points.y, at);
    const px = pane.x.share(x) * pane.width;
    if (passing === null && Math.abs(px - pointer.left) > reach) continue;
    const apart = Math.abs((1 - pane.y.share(passing ?? y)) * pane.height - pointer.top);
    if (!Number.isNaN(apart))
      found.push({
        id,
        x,
        y,
        low: points.low[i] ?? y,
        high: points.high[i] ?? y,
        raw: ghost?.[i] ?? null,
        apart,
      });
  }
  return found.sort((a, b) => a.apart - b.apart);
}
