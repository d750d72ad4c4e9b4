import { expect, it } from 'vitest';
import { presetsFor } from './presets.rules.ts';
import { checkRule } from './rule-check.rules.ts';

it('are rules that can be used, with the quality that the model has and what there is to compare it with', () => {
  for (const regression of [true, false])
    for (const judged of [true, false])
      for (const { rule } of presetsFor('e', { regression, judged })) checkRule(rule);
  const quality = (regression: boolean, judged: boolean) => presetsFor('e', { regression, judged })[3]?.rule;
  expect(quality(false, true)).toMatchObject({
    ...{ series: { metric: 'accuracy' }, condition: { from: 'reference', direction: 'down' } },
  });
  expect(quality(true, false)).toMatchObject({
    ...{ series: { metric: 'rmse' }, condition: { from: 'week-before', direction: 'up', relative: true } },
  });
});
