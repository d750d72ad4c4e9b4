/** Smoothing of a metric curve. Pure. */

export type XY = { x: number; y: number };

/**
 * Time-weighted exponential moving average: a point's pull fades with its distance in x, so that runs which log
 * every step and runs which log every tenth step are smoothed alike. Debiased as in Adam (Kingma & Ba 2015, §3),
 * so that the first points are not pulled to zero.
 *
 * `weight` is 0 (no smoothing) to below 1: how much of the past is kept over one `unit` of x.
 * `unit` is the median distance between points when left out. Non-finite values pass through and do not take part.
 */
export function smoothEma(points: readonly XY[], weight: number, unit = medianGap(points)): XY[] {
  if (weight <= 0 || points.length < 2) return points.map((point) => ({ ...point }));
  const keep = Math.min(weight, 0.999);
  let sum = 0;
  let mass = 0;
  let lastX = Number.NaN;
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y };
    const gap = Number.isNaN(lastX) ? 1 : Math.max(0, x - lastX) / unit;
    const fade = keep ** gap;
    sum = sum * fade + y * (1 - keep);
    mass = mass * fade + (1 - keep);
    lastX = x;
    return { x, y: sum / mass };
  });
}

/** Median distance in x between neighbours; 1 when there is none above zero. */
export function medianGap(points: readonly { x: number }[]): number {
  const gaps: number[] = [];
  for (let i = 1; i < points.length; i++) {
    const gap = (points[i]?.x ?? 0) - (points[i - 1]?.x ?? 0);
    if (gap > 0) gaps.push(gap);
  }
  if (gaps.length === 0) return 1;
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 1;
}
