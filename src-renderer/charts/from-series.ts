/** A series of monitoring as points, stretches and thresholds of a chart. Pure. */
import {
  type Series as Measured,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../src-main/contract/monitoring-series.ts';
import type { Hatch, Threshold } from './plot-spec.ts';
import type { Series as Line, Point } from './time-series-data.ts';

/** Where a window stands on the axis: a day at its noon, so that its date is read; shorter ones where they begin. */
export const placeOf = (windowMs: number, per: WindowSize): number =>
  per === 'day' ? windowMs + WINDOW_SIZE_MS.day / 2 : windowMs;

/** The window that a place on the axis belongs to. */
export const windowAt = (x: number, per: WindowSize): number =>
  Math.floor(x / WINDOW_SIZE_MS[per]) * WINDOW_SIZE_MS[per];

/** Points of too few rows, of windows that are not over and of labels still coming are weak, and say why. */
export function pointsOf({ points, per, minN }: Pick<Measured, 'points' | 'per' | 'minN'>): Point[] {
  return points.map((point) => {
    const note = noteOf(point, minN);
    return {
      x: placeOf(point.windowMs, per),
      y: point.value,
      low: point.low,
      high: point.high,
      n: point.n,
      ...(note ? { weak: true, note } : {}),
    };
  });
}

function noteOf(point: Measured['points'][number], minN: number): string | null {
  if (point.n < minN) return `too few: ${minN} needed`;
  if (!point.mature) return 'labels still coming';
  return point.complete ? null : 'not over yet';
}

/**
 * What chance alone reaches with each window's rows, as a band from zero; null where no theory gives one. A score inside it
 * is no sign that anything moved.
 */
export function chanceBand({ points, per, minN }: Pick<Measured, 'points' | 'per' | 'minN'>): Line | null {
  const banded = points.flatMap(({ windowMs, chance, n }) =>
    chance === undefined
      ? []
      : [
          // Of too few rows it is wide, and must not stretch the scale.
          {
            ...{ x: placeOf(windowMs, per), y: chance, low: 0, high: chance, n },
            ...(n < minN ? { weak: true } : {}),
          },
        ],
  );
  if (banded.length === 0) return null;
  return { id: 'chance', label: 'within chance, 95 %', color: 'reference', dashed: true, points: banded };
}

/** Stretches of windows that are not final: their labels are still coming, or they are not over. */
export function openStretches({ points, per }: Pick<Measured, 'points' | 'per'>): Hatch[] {
  const size = WINDOW_SIZE_MS[per];
  const found: Hatch[] = [];
  for (const { windowMs, mature, complete } of points) {
    if (mature && complete) continue;
    const last = found.at(-1);
    if (last && windowMs <= last.to) last.to = windowMs + size;
    else found.push({ from: windowMs, to: windowMs + size, label: 'not final yet' });
  }
  return found;
}
/** The levels that a series is judged by, where it has them. */
export function levelsOf({ warnAt, alertAt }: Pick<Measured, 'warnAt' | 'alertAt'>): Threshold[] {
  return [
    ...(warnAt === null ? [] : [{ value: warnAt, label: 'moderate', color: 'warn' as const }]),
    ...(alertAt === null ? [] : [{ value: alertAt, label: 'large', color: 'bad' as const }]),
  ];
}
