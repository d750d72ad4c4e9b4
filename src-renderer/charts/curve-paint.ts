/** From curves to what the painter draws. Pure. */
import { type CurvePoints, firstAtLeast, type Range } from './curve.ts';
import type { PaintItem } from './painter-items.ts';
import type { Scale } from './scale.ts';

export type Pane = { width: number; height: number; x: Scale; y: Scale; xRange: Range };

/** Points this far apart in pixels are worth a dot of their own. */
const APART = 14;
/** A band's height against that of its neighbourhood beyond which it is a spike. */
const SPIKE = 4;
/** How far the neighbourhood reaches, in points to each side. */
const NEAR = 8;

type Drawn = {
  points: CurvePoints;
  ghost: Float64Array | null;
  color: string;
  dashed: boolean;
  /** Dots on points that stand far apart. */
  dots: boolean;
  /** How strongly the band shows, 0 for none. */
  band: number;
};

/** The items of one curve, in the order in which they lie over each other. */
export function curveItems(curve: Drawn, pane: Pane): PaintItem[] {
  const { points, ghost, color } = curve;
  const palette = [color];
  const from = Math.max(0, firstAtLeast(points.x, pane.xRange[0]) - 1);
  const to = Math.min(points.x.length, firstAtLeast(points.x, pane.xRange[1]) + 1);
  if (to <= from) return [];
  const items: PaintItem[] = [];
  const bands = curve.band > 0 ? bandOf(points, from, to, pane) : null;
  if (bands) {
    items.push({ kind: 'area', points: bands.area, palette, alpha: curve.band });
    if (bands.spikes.length > 0)
      items.push({ kind: 'strokes', points: bands.spikes, palette, alpha: 0.8, width: 1 });
  }
  if (ghost)
    items.push({
      kind: 'lines',
      points: project(points.x, ghost, from, to, pane),
      palette,
      alpha: 0.28,
      width: 1,
    });
  const line = project(points.x, points.y, from, to, pane);
  const sparse = to - from === 1 || (curve.dots && (to - from) * APART < widthOf(line));
  if (sparse) items.push({ kind: 'dots', points: line.slice(), palette, alpha: 1, radius: 2.5 });
  items.push({
    kind: 'lines',
    points: line,
    palette,
    alpha: 1,
    width: 1.5,
    ...(curve.dashed ? { dash: [6, 3] } : {}),
  });
  return items;
}

/** x, y in pixels of the points from `from` to before `to`. */
export function project(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  pane: Pane,
): Float32Array {
  const out = new Float32Array((to - from) * 2);
  for (let i = from, at = 0; i < to; i++) {
    out[at++] = bounded(pane.x.share(x[i] ?? 0) * pane.width);
    out[at++] = bounded((1 - pane.y.share(y[i] ?? Number.NaN)) * pane.height);
  }
  return out;
}

/** Far outside the pane the exact place does not matter, and huge coordinates draw wrongly. */
const bounded = (pixel: number): number => Math.max(-20_000, Math.min(20_000, pixel));

const widthOf = (line: Float32Array): number => (line.at(-2) ?? 0) - (line[0] ?? 0);

/** The band between the extremes, and upright strokes where it reaches out far beyond its usual height. */
function bandOf(
  { x, low, high }: CurvePoints,
  from: number,
  to: number,
  pane: Pane,
): { area: Float32Array; spikes: Float32Array } | null {
  const area = new Float32Array((to - from) * 3);
  const heights = new Float32Array(to - from);
  let any = false;
  for (let i = from, at = 0; i < to; i++, at += 3) {
    area[at] = bounded(pane.x.share(x[i] ?? 0) * pane.width);
    const top = bounded((1 - pane.y.share(high[i] ?? 0)) * pane.height);
    const below = pane.y.share(low[i] ?? 0);
    // On a logarithmic axis what is not above zero lies below the pane.
    const bottom = Number.isNaN(below) ? pane.height + 10 : bounded((1 - below) * pane.height);
    area[at + 1] = bottom;
    area[at + 2] = Number.isNaN(top) ? bottom : top;
    heights[i - from] = bottom - (area[at + 2] ?? bottom);
    any ||= (heights[i - from] ?? 0) > 0.5;
  }
  if (!any) return null;
  const spikes: number[] = [];
  for (let i = 0; i < heights.length; i++)
    if ((heights[i] ?? 0) > Math.max(SPIKE * around(heights, i), 3))
      spikes.push(area[i * 3] ?? 0, area[i * 3 + 1] ?? 0, area[i * 3 + 2] ?? 0);
  return { area, spikes: Float32Array.from(spikes) };
}

/** Mean height of the neighbourhood without the point and the two beside it, into which a spike may reach. */
function around(heights: Float32Array, at: number): number {
  let [sum, count] = [0, 0];
  for (let i = Math.max(0, at - NEAR); i <= Math.min(heights.length - 1, at + NEAR); i++) {
    if (Math.abs(i - at) < 2) continue;
    sum += heights[i] ?? 0;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
