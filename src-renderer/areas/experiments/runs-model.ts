/** Which columns a table of runs has, which value of a metric is best, and which metrics share a chart. Pure. */
import type { MetricSeries } from '../../../src-main/contract/experiments.ts';
import type { RunColumn, RunKeys } from '../../../src-main/contract/runs-table.ts';
import { directionOf } from '../../lib/metric-direction.ts';

/** A column by its id: `a:name`, `m:min:loss`, `p:lr`, `t:team`. */
export type ColumnId = string;

export const columnId = (column: RunColumn): ColumnId => {
  if (column.kind === 'attribute') return `a:${column.key}`;
  if (column.kind === 'metric') return `m:${column.aggregate}:${column.key}`;
  return `${column.kind === 'param' ? 'p' : 't'}:${column.key}`;
};

export function columnOf(id: ColumnId): RunColumn | null {
  const [, kind, rest = ''] = /^([ampt]):(.*)$/s.exec(id) ?? [];
  if (kind === 'p') return { kind: 'param', key: rest };
  if (kind === 't') return { kind: 'tag', key: rest };
  if (kind === 'a') {
    const key = ATTRIBUTES.find((one) => one === rest);
    return key ? { kind: 'attribute', key } : null;
  }
  const [, aggregate, key = ''] = /^(last|min|max):(.*)$/s.exec(rest) ?? [];
  return aggregate ? { kind: 'metric', key, aggregate: aggregate as 'last' | 'min' | 'max' } : null;
}

export const ATTRIBUTES = [
  'name',
  'status',
  'user',
  'started',
  'ended',
  'duration',
  'note',
  'produced',
] as const;

const TITLES: Record<(typeof ATTRIBUTES)[number], string> = {
  name: 'Run',
  status: 'Status',
  user: 'User',
  started: 'Started',
  ended: 'Ended',
  duration: 'Duration',
  note: 'Note',
  produced: 'Produced',
};

/** What a column's header says. */
export const columnTitle = (column: RunColumn): string => {
  if (column.kind === 'attribute') return TITLES[column.key];
  return column.kind === 'metric' && column.aggregate !== 'last'
    ? `${column.key} (${column.aggregate})`
    : column.key;
};

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
const TRAIN = /^(train|training)[_./-]/i;
const TEST = /^test[_./-]/i;
const SYSTEM = /^system\//;

/**
 * Metrics by how much they tell: what most of the `total` runs have first, training ones last, the machine's own at
 * the very end, and before test ones those of validation, since that is what runs may be chosen by.
 */
export function rankMetrics(keys: readonly { key: string; runs: number }[], total: number): string[] {
  const rank = ({ key, runs }: { key: string; runs: number }) => [
    SYSTEM.test(key) ? 1 : 0,
    runs * 2 < total ? 1 : 0,
    TRAIN.test(key) ? 1 : 0,
    directionOf(key) === null ? 1 : 0,
    TEST.test(key) ? 1 : 0,
    -runs,
  ];
  return [...keys]
    .map((one) => ({ key: one.key, rank: rank(one) }))
    .sort((a, b) => {
      for (let i = 0; i < a.rank.length; i++) {
        const by = (a.rank[i] ?? 0) - (b.rank[i] ?? 0);
        if (by !== 0) return by;
      }
      return a.key.localeCompare(b.key);
    })
    .map(({ key }) => key);
}

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

/** Metrics that belong on one chart: the same measure over training and held-out rows. Only those with a history. */
export function metricGroups(series: readonly Pick<MetricSeries, 'key' | 'points'>[]): MetricGroup[] {
  const groups = new Map<string, Set<string>>();
  for (const { key, points } of series) {
    if (points.length < 2) continue;
    const base = key.replace(STAGE, '');
    const keys = groups.get(base) ?? new Set<string>();
    keys.add(key);
    groups.set(base, keys);
  }
  return [...groups.entries()]
    .map(([base, keys]) => ({ base, keys: [...keys].sort() }))
    .sort((a, b) => a.base.localeCompare(b.base));
}
