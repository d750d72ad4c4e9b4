/** The lanes as rows of a table: a window a row, with what happened in it. Pure. */
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import {
  type Series,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../src-main/contract/monitoring-series.ts';
import type { ChartTable } from '../../charts/chart-frame.tsx';
import { readValue, type Unit } from '../../charts/format.ts';
import { intervalText, type LaneLine } from '../../charts/lane-rules.ts';
import { formatCount, NONE } from '../../lib/format.ts';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { chartUnit, LEVELS, windowText } from '../../lib/series-words.ts';
import type { HealthLines } from './health-data.ts';
import { featureTitle } from './psi.ts';

type Tabled = {
  lines: HealthLines;
  inputs: readonly FeatureDrift[];
  /** Drift of the score; null while it loads, and where there is no score. */
  prediction: Series | null;
  events: readonly ChangeEvent[];
  per: WindowSize;
  range: TimeRange;
};

export function healthRows({ lines, inputs, prediction, events, per, range }: Tabled): ChartTable {
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
  const worst = worstPerWindow(inputs);
  const score = new Map(prediction?.points.map((point) => [point.windowMs, point]));
  const happened = eventsPerWindow(events, WINDOW_SIZE_MS[per]);
  const windows = [
    ...new Set([
      ...lookups.flatMap((lookup) => [...lookup.keys()]),
      ...worst.keys(),
      ...score.keys(),
      ...happened.keys(),
    ]),
  ]
    .filter((at) => at >= range.fromMs && at < range.toMs)
    .sort((a, b) => b - a);
  return {
    keep: 'first',
    columns: [
      'Window',
      'Worst input',
      ...(prediction ? ['Drift of the score'] : []),
      ...columns.map(({ title }) => title),
      'Events',
    ],
    rows: windows.map((at) => [
      windowText(at, per),
      worst.get(at)?.text ?? NONE,
      ...(prediction ? [driftText(score.get(at))] : []),
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
      happened.get(at)?.join('; ') ?? '',
    ]),
  };
}

function driftText(point: Series['points'][number] | undefined): string {
  if (!point || point.value === null) return NONE;
  return [
    readValue(point.value, 'number'),
    ...(point.level === null ? [] : [LEVELS[point.level].word]),
    `n ${formatCount(point.n)}`,
    ...(point.complete ? [] : ['not final']),
  ].join(', ');
}

function eventsPerWindow(events: readonly ChangeEvent[], size: number): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { eventMs, title } of events.toSorted((a, b) => (a.eventMs ?? 0) - (b.eventMs ?? 0))) {
    if (eventMs === null) continue;
    const at = Math.floor(eventMs / size) * size;
    found.set(at, [...(found.get(at) ?? []), title]);
  }
  return found;
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
