/** Columns of runs by name, and metrics by how much they tell. Pure. */
import type { RunColumn } from '../../src-main/contract/runs-table.ts';
import { directionOf } from './metric-direction.ts';

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
