import { expect, it } from 'vitest';
import { judge } from './judge.rules.ts';
import { presetsFor } from './presets.rules.ts';
import { checkRule } from './rule-check.rules.ts';
import { days, series } from './testing-alerts.ts';

it('are rules that can be used, with the quality that the model has and what there is to compare it with', () => {
  for (const regression of [true, false])
    for (const judged of [true, false])
      for (const { rule } of presetsFor('e', { regression, judged })) checkRule(rule);
  const quality = (regression: boolean, judged: boolean) =>
    presetsFor('e', { regression, judged }).find(({ rule: { series } }) => series.of === 'performance')?.rule;
  expect(quality(false, true)).toMatchObject({
    ...{ series: { metric: 'accuracy' }, condition: { from: 'reference', direction: 'down' } },
  });
  expect(quality(true, false)).toMatchObject({
    ...{ series: { metric: 'rmse' }, condition: { from: 'week-before', direction: 'up', relative: true } },
  });
});

it('take half of the inputs for half, however many there are', () => {
  const half = presetsFor('e', { regression: false, judged: true }).find(
    ({ key }) => key === 'dataset-drift',
  );
  for (const inputs of [1, 2, 3, 8, 9, 255, 500]) {
    const counts = [Math.ceil(inputs / 2) - 1, Math.ceil(inputs / 2)];
    const shares = series(days(...counts.map((count) => count / inputs)), { unit: 'share' });
    const states = judge(shares, (half as NonNullable<typeof half>).rule).map(({ state }) => state);
    expect(states.map((state) => state === 'breach')).toEqual([false, true]);
  }
});
