import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { barShare, filterRuns, metricColumns, metricGroups, paramColumns, scaleOf } from './runs-model.ts';

const run = (name: string, more: Partial<RunRow> = {}): RunRow => ({
  id: name,
  experimentId: 'e',
  name,
  status: 'FINISHED',
  startedMs: 0,
  endedMs: 1,
  params: {},
  metrics: {},
  tags: {},
  produced: [],
  ...more,
});

it('tells by name whether more is better, and keeps quiet where the name does not say', () => {
  expect(['auc', 'test_accuracy', 'val/f1'].map(directionOf)).toEqual(['higher', 'higher', 'higher']);
  expect(['log_loss', 'brier', 'val_rmse', 'train_time'].map(directionOf)).toEqual([
    'lower',
    'lower',
    'lower',
    'lower',
  ]);
  expect(directionOf('epochs_run')).toBeNull();
});

it('a parameter varies when values differ or only some runs have it', () => {
  const runs = [
    run('a', { params: { lr: '0.1', seed: '1', depth: '3' } }),
    run('b', { params: { lr: '0.2', seed: '1' } }),
  ];
  expect(paramColumns(runs)).toEqual({ varying: ['lr', 'depth'], constant: ['seed'] });
});

it('held-out metrics come before training ones', () => {
  const metrics = { train_log_loss: 1, auc: 1, log_loss: 1, test_auc: 1, n: 1 };
  expect(metricColumns([run('a', { metrics })])).toEqual([
    'auc',
    'log_loss',
    'test_auc',
    'n',
    'train_log_loss',
  ]);
});

describe('scaleOf', () => {
  const runs = [
    run('a', { metrics: { loss: 0.5, auc: 0.7, n: 3 } }),
    run('b', { metrics: { loss: 0.4, auc: Number.NaN, n: 4 } }),
  ];
  it('marks the best value in the metric’s direction', () => {
    expect(scaleOf(runs, 'loss')).toEqual({ low: 0.4, high: 0.5, best: 0.4 });
    expect(scaleOf(runs, 'n')?.best).toBeNull();
  });
  it('one value is not the best of anything', () => {
    expect(scaleOf(runs, 'auc')).toEqual({ low: 0.7, high: 0.7, best: null });
    expect(scaleOf(runs, 'none')).toBeNull();
  });
  it('bars stay between nothing and full', () => {
    for (const value of [0.4, 0.45, 0.5, 9, -9, Number.NaN]) {
      const share = barShare(value, { low: 0.4, high: 0.5, best: null });
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(barShare(1, { low: 1, high: 1, best: null })).toBeLessThanOrEqual(1);
  });
});

it('the filter needs every word, in names, parameters or tags', () => {
  const runs = [run('logreg', { params: { C: '1.0' } }), run('boosted', { tags: { data: 'x' } })];
  expect(filterRuns(runs, 'c=1.0').map(({ name }) => name)).toEqual(['logreg']);
  expect(filterRuns(runs, 'boost data').map(({ name }) => name)).toEqual(['boosted']);
  expect(filterRuns(runs, '  ')).toHaveLength(2);
  expect(filterRuns(runs, 'logreg boosted')).toEqual([]);
});

it('training and held-out histories of a measure share a chart; single values have none', () => {
  const points = [0, 1].map((step) => ({ step, value: 1, timestampMs: 0 }));
  const series = [
    { key: 'val_log_loss', points },
    { key: 'train_log_loss', points },
    { key: 'auc', points: points.slice(0, 1) },
    { key: 'lr', points },
  ];
  expect(metricGroups(series)).toEqual([
    { base: 'log_loss', keys: ['train_log_loss', 'val_log_loss'] },
    { base: 'lr', keys: ['lr'] },
  ]);
});
