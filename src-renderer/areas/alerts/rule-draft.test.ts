import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertCondition, AlertRule } from '../../../src-main/contract/alerts.ts';
import type { SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import { checkDraft, draftOf, emptyDraft, type RuleDraft, sensible, suggestedName } from './rule-draft.ts';

const draft = (more: Partial<RuleDraft> = {}) => emptyDraft('flights', more);

describe('a rule while it is written', () => {
  test('a new one is a rule already, with a name from what it says', () => {
    const { rule, problems } = checkDraft(draft());
    expect(problems).toEqual({});
    expect(rule).toMatchObject({
      name: 'PSI of any input above 0.25',
      series: { of: 'drift', feature: '*', method: 'lathe.psi.frozen@1' },
      condition: { kind: 'threshold', direction: 'above', value: 0.25, exit: null },
      arm: null,
      slice: null,
    });
  });

  test('shares are written in per cent and kept as shares', () => {
    const { rule } = checkDraft(draft({ of: 'quality', value: '5', exit: '2 %' }));
    expect(rule?.condition).toEqual({ kind: 'threshold', direction: 'above', value: 0.05, exit: 0.02 });
  });

  test.each<[Partial<RuleDraft>, keyof RuleDraft, RegExp]>([
    [{ value: 'much' }, 'value', /number/],
    [{ value: '' }, 'value', /number/],
    [{ value: '0.25', exit: '0.3' }, 'exit', /good side/],
    [{ kind: 'change', by: '0' }, 'by', /above 0/],
    [{ kind: 'burn-rate', of: 'quality', objective: '20' }, 'objective', /Between 50/],
    [{ kind: 'burn-rate', of: 'quality', shortWindows: '30' }, 'shortWindows', /fewer/],
    [{ of: 'mean', feature: '' }, 'feature', /Choose/],
    [{ of: 'business', business: '' }, 'business', /Choose/],
    [{ forWindows: '0' }, 'forWindows', /1 or more/],
    [{ minN: '1.5' }, 'minN', /whole/],
    [{ forWindows: '101' }, 'forWindows', /100/],
  ])('%o: the field %s is told', (more, field, words) => {
    const { rule, problems } = checkDraft(draft(more));
    expect(rule).toBeNull();
    expect(problems[field]).toMatch(words);
  });

  test('every kind of series starts as something sensible', () => {
    const kinds: SeriesRef['of'][] = [
      'drift',
      'drifted-share',
      'quality',
      'performance',
      'estimated',
      'volume',
    ];
    for (const of of kinds) expect(checkDraft(draft({ of, ...sensible(of) })).problems).toEqual({});
    expect(suggestedName(draft({ of: 'performance', ...sensible('performance') }))).toBe(
      'Accuracy down by 5 points',
    );
  });

  test('a slice is kept only where a series can have one', () => {
    expect(checkDraft(draft({ slice: 's' })).rule?.slice).toBeNull();
    expect(checkDraft(draft({ of: 'volume', ...sensible('volume'), slice: 's' })).rule?.slice).toBe('s');
  });

  test('a rule survives being opened and saved', () => {
    const series = fc.constantFrom<SeriesRef>(
      { of: 'drift', feature: 'temp', method: 'lathe.js.frozen@1' },
      { of: 'drifted-share' },
      { of: 'quality', feature: '*', measure: 'unseen' },
      { of: 'mean', feature: 'temp' },
      { of: 'performance', metric: 'rmse' },
      { of: 'estimated', metric: 'roc-auc' },
      { of: 'business', metric: 'bookings' },
    );
    const amount = fc.integer({ min: 1, max: 10_000 }).map((value) => value / 1000);
    const condition: fc.Arbitrary<AlertCondition> = fc.oneof(
      amount.map((value) => ({
        kind: 'threshold' as const,
        direction: 'above' as const,
        value,
        exit: value / 2,
      })),
      fc.record({
        kind: fc.constant('change' as const),
        from: fc.constantFrom('reference' as const, 'previous' as const),
        direction: fc.constantFrom('up' as const, 'either' as const),
        by: amount,
        relative: fc.boolean(),
      }),
      amount.map((rate) => ({
        kind: 'burn-rate' as const,
        objective: 0.995,
        rate,
        longWindows: 24,
        shortWindows: 2,
        minEvents: 50,
      })),
    );
    fc.assert(
      fc.property(series, condition, fc.integer({ min: 1, max: 100 }), (of, when, windows) => {
        const rule: AlertRule = {
          id: 'r',
          revision: 3,
          createdMs: 0,
          preset: false,
          state: 'ok',
          says: '',
          problem: null,
          endpoint: 'flights',
          name: 'a rule',
          enabled: false,
          severity: 'critical',
          series: of,
          per: 'hour',
          arm: 'champion',
          slice: null,
          condition: when,
          minN: 10,
          forWindows: windows,
          keepWindows: 2,
        };
        const { id, revision, createdMs, preset, state, says, problem, ...input } = rule;
        const saved = checkDraft(draftOf(rule)).rule;
        expect(saved).toMatchObject({ ...input, condition: { kind: when.kind } });
        for (const [key, value] of Object.entries(when)) {
          const kept = saved?.condition[key as keyof AlertCondition];
          if (typeof value === 'number') expect(kept).toBeCloseTo(value, 9);
          else expect(kept).toBe(value);
        }
      }),
    );
  });
});
