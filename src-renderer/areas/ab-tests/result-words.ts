/** How figures of a test are written, by its metric. Pure. */
import type {
  AbArm,
  AbEffect,
  AbMetric,
  AbResult,
  AbSeries,
  AbVerdict,
} from '../../../src-main/contract/ab-tests.ts';
import type { Unit } from '../../charts/format.ts';
import { armColor } from '../../charts/theme.ts';
import type { Series } from '../../charts/time-series-data.ts';
import { formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import type { Tone } from '../../ui/tone.ts';

export const METRICS: Record<AbMetric, { label: string; help: string; share: boolean }> = {
  accuracy: { label: 'Accuracy', help: 'labelled rows that were predicted right', share: true },
  'reward-mean': { label: 'Mean reward', help: 'mean of the rewards that came', share: false },
  'reward-rate': {
    label: 'Reward rate',
    help: 'served rows that earned a reward; one without feedback counts as none',
    share: true,
  },
  'error-rate': { label: 'Error rate', help: 'requests that the server failed', share: true },
  'score-mean': { label: 'Mean score', help: 'mean of the model’s score', share: false },
};

export const unitOf = (metric: AbMetric): Unit => (METRICS[metric].share ? 'share' : 'number');

/** A value of the metric: 81.32 %, or 0.4182. */
export function valueText(metric: AbMetric, value: number | null): string {
  if (value === null) return NONE;
  return METRICS[metric].share ? formatPercent(value, 2) : formatNumber(value, 4);
}

/** A difference, with its sign; shares differ in points. */
export function differenceText(metric: AbMetric, value: number | null): string {
  if (value === null) return NONE;
  const sign = value > 0 ? '+' : value < 0 ? '−' : '';
  const size = Math.abs(value);
  return METRICS[metric].share
    ? `${sign}${formatNumber(size * 100, 3)} points`
    : `${sign}${formatNumber(size, 3)}`;
}

export const intervalText = (metric: AbMetric, { low, high }: Pick<AbEffect, 'low' | 'high'>): string =>
  low === null || high === null ? NONE : `${differenceText(metric, low)} to ${differenceText(metric, high)}`;

export const meanInterval = (metric: AbMetric, { low, high }: Pick<AbArm, 'low' | 'high'>): string =>
  low === null || high === null ? '' : `${valueText(metric, low)} to ${valueText(metric, high)}`;

export function verdictTone({ kind }: AbVerdict): Extract<Tone, 'ok' | 'warn' | 'bad' | 'info'> {
  if (kind === 'mismatch' || kind === 'worse') return 'bad';
  if (kind === 'better') return 'ok';
  return kind === 'empty' || kind === 'few' ? 'warn' : 'info';
}

/** The intervals over time as lines; each arm keeps the colour that it has everywhere. */
export function effectSeries(series: AbSeries, arms: AbResult['arms']): Series[] {
  return series.map(({ arm, points }) => ({
    id: arm,
    label: arm,
    color: armColor(
      arm,
      arms.findIndex(({ key }) => key === arm),
    ),
    points: points.map(({ atMs, effect, low, high, units }) => ({ x: atMs, y: effect, low, high, n: units })),
  }));
}

/** A smallest difference as it is typed: percent points for shares; null for none. */
export function minEffectOf(metric: AbMetric, text: string): { value: number | null } | { problem: string } {
  if (text.trim() === '') return { value: null };
  const typed = Number(text.replace('%', ''));
  if (!Number.isFinite(typed) || typed <= 0) return { problem: 'Write a number above 0, or leave it empty.' };
  return { value: METRICS[metric].share ? typed / 100 : typed };
}

export const minEffectText = (metric: AbMetric, value: number | null): string =>
  value === null ? '' : String(Number((METRICS[metric].share ? value * 100 : value).toPrecision(6)));
