/** Which columns a table of runs has, which value of a metric is best, and which metrics share a chart. Pure. */
import type { MetricSeries, RunRow } from '../../../src-main/contract/experiments.ts';
import { directionOf } from '../../lib/metric-direction.ts';

/** Parameters that differ between runs, those with the fewest missing values first; then the ones that are alike. */
export function paramColumns(runs: readonly RunRow[]): { varying: string[]; constant: string[] } {
  const values = new Map<string, { seen: Set<string>; count: number }>();
  for (const run of runs)
    for (const [name, value] of Object.entries(run.params)) {
      const known = values.get(name) ?? { seen: new Set<string>(), count: 0 };
      known.seen.add(value);
      known.count++;
      values.set(name, known);
    }
  const names = [...values.keys()].sort(
    (a, b) => (values.get(b)?.count ?? 0) - (values.get(a)?.count ?? 0) || a.localeCompare(b),
  );
  const varies = (name: string) => {
    const known = values.get(name);
    return known !== undefined && (known.seen.size > 1 || known.count < runs.length);
  };
  return { varying: names.filter(varies), constant: names.filter((name) => !varies(name)) };
}

const STAGE = /^(train|training|val|valid|validation|test|eval|dev)[_./-]/i;
const TRAIN = /^(train|training)[_./-]/i;
const TEST = /^test[_./-]/i;

/**
 * Metrics by how much they tell: what most runs have first, training ones last, and before test ones those of
 * validation, since that is what runs may be chosen by.
 */
export function metricColumns(runs: readonly RunRow[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs)
    for (const name of Object.keys(run.metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rank = (name: string) => [
    (counts.get(name) ?? 0) * 2 < runs.length ? 1 : 0,
    TRAIN.test(name) ? 1 : 0,
    directionOf(name) === null ? 1 : 0,
    TEST.test(name) ? 1 : 0,
    -(counts.get(name) ?? 0),
  ];
  return [...counts.keys()].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (let i = 0; i < left.length; i++) {
      const by = (left[i] ?? 0) - (right[i] ?? 0);
      if (by !== 0) return by;
    }
    return a.localeCompare(b);
  });
}

export type MetricScale = { low: number; high: number; best: number | null };

/** Range of a metric over runs, and its best value where its direction is known and there is something to beat. */
export function scaleOf(runs: readonly RunRow[], metric: string): MetricScale | null {
  const values = runs
    .map((run) => run.metrics[metric])
    .filter((value) => value !== undefined && Number.isFinite(value));
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return null;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  const direction = directionOf(metric);
  const best =
    known.length < 2 || low === high || direction === null ? null : direction === 'higher' ? high : low;
  return { low, high, best };
}

/** Length of the bar in a metric's cell, 0 to 1, from zero where all values have one sign and are not far from it. */
export function barShare(value: number, { low, high }: MetricScale): number {
  if (!Number.isFinite(value)) return 0;
  const from = low >= 0 && low < high * 0.5 ? 0 : low - (high - low) * 0.1;
  return high === from ? 0 : Math.min(1, Math.max(0, (value - from) / (high - from)));
}

/** Runs whose name, status, parameters or tags contain every word of the filter. `lr=0.1` asks for a parameter. */
export function filterRuns(runs: readonly RunRow[], filter: string): RunRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...runs];
  return runs.filter((run) => {
    const pairs = [...Object.entries(run.params), ...Object.entries(run.tags)].map(
      ([key, value]) => `${key}=${value}`,
    );
    const text = [
      run.name,
      run.status,
      run.id,
      ...run.produced.map(({ model, version }) => `${model} v${version}`),
      ...pairs,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
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
