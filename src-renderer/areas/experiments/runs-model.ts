/** Which columns a table of runs has, which value of a metric is best, and which metrics share a chart. Pure. */
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { type ColumnId, rankMetrics } from '../../lib/run-columns.ts';

export {
  ATTRIBUTES,
  type ColumnId,
  columnId,
  columnOf,
  columnTitle,
  rankMetrics,
} from '../../lib/run-columns.ts';

/** A parameter longer than this does not fit a column: a list of feature names, a whole configuration. */
const LONGEST = 24;
const USUAL = 4;

/** The columns of a table nobody has changed: what tells most about the runs. */
export function usualColumns({ metrics, params, sampled }: RunKeys): ColumnId[] {
  return [
    ...rankMetrics(metrics, sampled)
      .slice(0, USUAL)
      .map((key) => `m:last:${key}`),
    'a:produced',
    'a:duration',
    'a:started',
    ...params
      .filter(({ varies, longest }) => varies && longest <= LONGEST)
      .slice(0, USUAL)
      .map(({ key }) => `p:${key}`),
  ];
}

const STAGE = /^(train|training|val|valid|validation|test|eval|dev)[_./-]/i;

export type MetricScale = { low: number; high: number; best: number | null };

/** The best of a metric's values where its direction is known and there is something to beat. */
export function scaleOf(key: string, low: number | null, high: number | null): MetricScale | null {
  if (low === null || high === null) return null;
  const direction = directionOf(key);
  const best = low === high || direction === null ? null : direction === 'higher' ? high : low;
  return { low, high, best };
}

/** Length of the bar in a metric's cell, 0 to 1, from zero where all values have one sign and are not far from it. */
export function barShare(value: number, { low, high }: MetricScale): number {
  if (!Number.isFinite(value)) return 0;
  const from = low >= 0 && low < high * 0.5 ? 0 : low - (high - low) * 0.1;
  return high === from ? 0 : Math.min(1, Math.max(0, (value - from) / (high - from)));
}

export type MetricGroup = { base: string; keys: string[] };

/** Metrics that belong on one chart: the same measure over training and held-out rows. */
export function metricGroups(keys: readonly string[]): MetricGroup[] {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const base = key.replace(STAGE, '');
    groups.set(base, [...(groups.get(base) ?? []), key]);
  }
  return [...groups.entries()]
    .map(([base, members]) => ({ base, keys: members.sort() }))
    .sort((a, b) => a.base.localeCompare(b.base));
}
