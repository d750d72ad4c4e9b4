/** What a chart of curves shows, in words and as a table. Pure. */
import type { ChartTable } from './chart-frame.tsx';
import type { Curve } from './curve.ts';
import { readValue } from './format.ts';
import type { FrameAxis } from './frame.ts';
import { xText } from './line-readout.tsx';

const SPOKEN = 6;

export function curvesSummary(title: string, curves: readonly Curve[], emptyText: string): string {
  if (curves.length === 0) return `${title}: ${emptyText}`;
  const said = curves.slice(0, SPOKEN).map((curve) => {
    const [low, high] = extremesOf(curve);
    return `${curve.label}: latest ${readValue(curve.points.y.at(-1), 'number')}, from ${readValue(low, 'number')} to ${readValue(high, 'number')} over ${curve.logged} points.`;
  });
  const more = curves.length > SPOKEN ? ` And ${curves.length - SPOKEN} more curves.` : '';
  return `${title}. ${said.join(' ')}${more}`;
}

/** One row a curve; thousands of points as rows would help nobody. */
export function curvesTable(curves: readonly Curve[], kind: FrameAxis['kind'], xName: string): ChartTable {
  return {
    columns: ['Curve', 'Latest', 'At', 'Lowest', 'Highest', 'Points', 'Not finite'],
    rows: curves.map((curve) => {
      const [low, high] = extremesOf(curve);
      return [
        curve.label,
        readValue((curve.ghost ?? curve.points.y).at(-1), 'number'),
        xText(curve.points.x.at(-1) ?? 0, kind, xName),
        readValue(low, 'number'),
        readValue(high, 'number'),
        readValue(curve.logged, 'count'),
        readValue(curve.notFinite, 'count'),
      ];
    }),
    keep: 'first',
  };
}

function extremesOf({ points }: Curve): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of points.low) if (value < low) low = value;
  for (const value of points.high) if (value > high) high = value;
  return [low, high];
}
