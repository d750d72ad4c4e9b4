import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SliceCondition, type SliceRow } from '../../../src-main/contract/slices.ts';
import {
  byWeight,
  type ConditionDraft,
  checkCondition,
  conditionsText,
  emptyCondition,
} from './slice-words.ts';

describe('conditions', () => {
  test('are read as sentences', () => {
    expect(
      conditionsText([
        { feature: 'origin', op: 'in', values: ['EWR'] },
        { feature: 'hour', op: 'range', from: 17, to: null },
        { feature: 'temp', op: 'range', from: null, to: -3.5 },
        { feature: 'wind', op: 'missing' },
      ]),
    ).toBe('origin is EWR and hour from 17 and temp below −3.5 and wind is missing');
    expect(conditionsText([{ feature: 'hour', op: 'range', from: 5, to: 12 }])).toBe('hour from 5 to 12');
    expect(conditionsText([{ feature: 'c', op: 'in', values: ['a', 'b', 'c', 'd', 'e'] }])).toBe(
      'c is a or b or c or 2 more',
    );
  });

  const draft = (more: Partial<ConditionDraft>): ConditionDraft => ({
    ...emptyCondition(),
    feature: 'f',
    ...more,
  });
  test.each<[Partial<ConditionDraft>, RegExp]>([
    [{ feature: '' }, /feature/],
    [{ op: 'in' }, /value/],
    [{ op: 'range' }, /one end/],
    [{ op: 'range', from: 'x' }, /numbers/],
    [{ op: 'range', from: '3', to: '3' }, /below/],
  ])('%o is refused', (more, words) => {
    expect(checkCondition(draft(more))).toMatchObject({
      condition: null,
      problem: expect.stringMatching(words),
    });
  });

  test('numbers stay numbers, and an empty end is open', () => {
    expect(checkCondition(draft({ op: 'in', kind: 'numeric', values: ['1', '2'] })).condition).toEqual({
      feature: 'f',
      op: 'in',
      values: [1, 2],
    });
    expect(checkCondition(draft({ op: 'range', from: '1,5', to: '' })).condition).toEqual({
      feature: 'f',
      op: 'range',
      from: 1.5,
      to: null,
    });
  });

  test('what is accepted is a condition of the contract', () => {
    fc.assert(
      fc.property(
        fc.record({
          feature: fc.string(),
          kind: fc.constantFrom('numeric' as const, 'categorical' as const),
          op: fc.constantFrom('in' as const, 'range' as const, 'missing' as const),
          values: fc.array(fc.integer().map(String), { maxLength: 5 }),
          from: fc.oneof(fc.string(), fc.double().map(String)),
          to: fc.oneof(fc.string(), fc.double().map(String)),
        }),
        (written) => {
          const { condition, problem } = checkCondition(written);
          expect(condition === null).toBe(problem !== null);
          if (condition) expect(SliceCondition.safeParse(condition).success).toBe(true);
        },
      ),
    );
  });
});

test('what stands apart comes first, then what moves more rows; what has no figures is last', () => {
  const row = (name: string, more: Partial<SliceRow>): SliceRow => ({
    slice: { id: name, endpoint: 'e', name, conditions: [], createdMs: 0, filling: false },
    predictions: 100,
    labelled: 100,
    share: 0.1,
    metric: 'accuracy',
    value: 0.7,
    low: null,
    high: null,
    rest: 0.8,
    before: null,
    beforeLabelled: 0,
    apart: false,
    ...more,
  });
  const rows = [
    row('none', { value: null }),
    row('little', { share: 0.01 }),
    row('much', { share: 0.5 }),
    row('apart', { share: 0.001, apart: true }),
  ];
  expect(byWeight(rows).map(({ slice }) => slice?.id)).toEqual(['apart', 'much', 'little', 'none']);
});
