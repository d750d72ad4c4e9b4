import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directionOf } from '../../lib/metric-direction.ts';
import {
  ATTRIBUTES,
  barShare,
  columnId,
  columnOf,
  metricGroups,
  rankMetrics,
  scaleOf,
  usualColumns,
} from './runs-model.ts';

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

it('a column’s id comes back as the column, whatever its name holds', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.record({ kind: fc.constant('param' as const), key: fc.string() }),
        fc.record({ kind: fc.constant('tag' as const), key: fc.string() }),
        fc.record({
          kind: fc.constant('metric' as const),
          key: fc.string(),
          aggregate: fc.constantFrom('last' as const, 'min' as const, 'max' as const),
        }),
        fc.record({ kind: fc.constant('attribute' as const), key: fc.constantFrom(...ATTRIBUTES) }),
      ),
      (column) => {
        expect(columnOf(columnId(column))).toEqual(column);
      },
    ),
  );
  expect(columnOf('a:nope')).toBeNull();
  expect(columnOf('m:mean:x')).toBeNull();
});

it('held-out metrics come before training ones, the machine’s own last', () => {
  const names = ['train_log_loss', 'auc', 'log_loss', 'test_auc', 'n', 'system/cpu'];
  expect(
    rankMetrics(
      names.map((key) => ({ key, runs: 1 })),
      1,
    ),
  ).toEqual(['auc', 'log_loss', 'test_auc', 'n', 'train_log_loss', 'system/cpu']);
});

it('the usual columns leave out what is alike and what is long', () => {
  const columns = usualColumns({
    sampled: 2,
    metrics: [{ key: 'auc', runs: 2, curve: true }],
    params: [
      { key: 'lr', runs: 2, varies: true, longest: 5 },
      { key: 'seed', runs: 2, varies: false, longest: 1 },
      { key: 'features', runs: 2, varies: true, longest: 400 },
    ],
    tags: [],
  });
  expect(columns).toEqual(['m:last:auc', 'a:produced', 'a:duration', 'a:started', 'p:lr']);
});

describe('scaleOf', () => {
  it('marks the best value in the metric’s direction', () => {
    expect(scaleOf('loss', 0.4, 0.5)).toEqual({ low: 0.4, high: 0.5, best: 0.4 });
    expect(scaleOf('auc', 0.4, 0.5)?.best).toBe(0.5);
    expect(scaleOf('n', 3, 4)?.best).toBeNull();
  });
  it('one value is not the best of anything', () => {
    expect(scaleOf('auc', 0.7, 0.7)).toEqual({ low: 0.7, high: 0.7, best: null });
    expect(scaleOf('none', null, null)).toBeNull();
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

it('training and held-out values of a measure share a chart', () => {
  expect(metricGroups(['val_log_loss', 'train_log_loss', 'lr'])).toEqual([
    { base: 'log_loss', keys: ['train_log_loss', 'val_log_loss'] },
    { base: 'lr', keys: ['lr'] },
  ]);
});
