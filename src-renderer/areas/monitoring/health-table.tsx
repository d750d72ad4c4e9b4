/** The lanes as rows: the same figures for those who read rather than look. */
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import type { WindowSize } from '../../../src-main/contract/monitoring-series.ts';
import { DataTable } from '../../charts/chart-frame.tsx';
import { readValue, type Unit } from '../../charts/format.ts';
import { intervalText, type LaneLine } from '../../charts/lane-rules.ts';
import { formatCount, NONE } from '../../lib/format.ts';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { chartUnit, windowText } from '../../lib/series-words.ts';
import type { HealthLines } from './health-data.ts';
import { featureTitle } from './psi.ts';

type HealthTableProps = {
  lines: HealthLines;
  features: readonly FeatureDrift[];
  per: WindowSize;
  range: TimeRange;
};

export function HealthTable({ lines, features, per, range }: HealthTableProps) {
  const columns: { title: string; line: LaneLine; unit: Unit }[] = [
    ...(lines.volume ? [{ title: 'Rows', line: lines.volume, unit: 'count' as const }] : []),
    ...(lines.share ? [{ title: 'Drifted inputs', line: lines.share, unit: 'share' as const }] : []),
    ...(lines.mean ? [{ title: 'Mean score', line: lines.mean, unit: 'number' as const }] : []),
    ...lines.performance.map((line) => ({
      title: `${lines.title}, ${line.label}`,
      line,
      unit: lines.performanceUnit,
    })),
    ...lines.business.map(({ line, series }) => ({ title: line.label, line, unit: chartUnit(series.unit) })),
  ];
  const lookups = columns.map(({ line }) => new Map(line.points.map((point) => [point.x, point])));
  const worst = worstPerWindow(features);
  const windows = [...new Set([...lookups.flatMap((lookup) => [...lookup.keys()]), ...worst.keys()])]
    .filter((at) => at >= range.fromMs && at < range.toMs)
    .sort((a, b) => b - a);
  return (
    <DataTable
      caption="Health over time"
      height={520}
      table={{
        keep: 'first',
        columns: ['Window', 'Worst input', ...columns.map(({ title }) => title)],
        rows: windows.map((at) => [
          windowText(at, per),
          worst.get(at)?.text ?? NONE,
          ...columns.map(({ unit }, i) => {
            const point = lookups[i]?.get(at);
            if (!point) return NONE;
            const interval = intervalText(point, unit);
            return [
              readValue(point.y, unit),
              interval ? `(${interval})` : '',
              unit === 'count' ? '' : `n ${formatCount(point.n)}`,
              point.open ? 'not final' : '',
            ]
              .filter(Boolean)
              .join(' ');
          }),
        ]),
      }}
    />
  );
}

/** The input with the highest score of each window. */
function worstPerWindow(features: readonly FeatureDrift[]): Map<number, { value: number; text: string }> {
  const worst = new Map<number, { value: number; text: string }>();
  for (const feature of features)
    for (const { windowMs, value, level } of feature.trend) {
      if (level === 'too-few' || value <= (worst.get(windowMs)?.value ?? -1)) continue;
      worst.set(windowMs, {
        value,
        text: `${featureTitle(feature)} ${readValue(value, 'number')}, ${level}`,
      });
    }
  return worst;
}
