import { describe, expect, it } from 'vitest';
import { AlertCondition } from '../../../contract/alerts.ts';
import { judge, withSilence } from './judge.rules.ts';
import { checkRule, essenceOf } from './rule-check.rules.ts';
import { DAY, day, days, rule, series, T0 } from './testing-alerts.ts';

const judged = (
  points: ReturnType<typeof days>,
  condition: unknown,
  part: Parameters<typeof series>[1] = {},
  minN = 0,
) =>
  judge(series(points, part), { condition: AlertCondition.parse(condition), minN }).map(
    ({ windowMs, state, limit }) => [(windowMs - T0) / DAY, state, Number(limit.toFixed(6))],
  );

describe('what cannot be judged', () => {
  const above = { kind: 'threshold', direction: 'above', value: 0.5 };
  it('is left out: not over, labels to come, too few rows, no number, no rows', () => {
    const points = [
      day(0, 1),
      day(1, 1, { complete: false }),
      day(2, 1, { mature: false }),
      day(3, 1, { n: 9 }),
      day(4, null),
      day(5, Number.NaN),
      day(6, Number.POSITIVE_INFINITY),
      day(7, 1, { n: 49 }),
      day(8, 1, { level: 'too-few' }),
    ];
    expect(judged(points, above, { minN: 10 })).toEqual([
      [0, 'breach', 0.5],
      [7, 'breach', 0.5],
    ]);
    expect(judged(points, above, { minN: 10 }, 50)).toEqual([[0, 'breach', 0.5]]);
    expect(judged([], above)).toEqual([]);
  });
});

describe('a threshold', () => {
  it('has its way out a fifth nearer to the good side, or where the rule says', () => {
    const values = days(0.51, 0.5, 0.41, 0.4, 0.1);
    const states = (condition: unknown) => judged(values, condition).map(([, state]) => state);
    const above = { kind: 'threshold', direction: 'above', value: 0.5 };
    expect(states(above)).toEqual(['breach', 'between', 'between', 'clear', 'clear']);
    expect(states({ ...above, exit: 0.5 })).toEqual(['breach', 'clear', 'clear', 'clear', 'clear']);
    const below = { kind: 'threshold', direction: 'below', value: 0.42 };
    expect(states(below)).toEqual(['clear', 'between', 'breach', 'breach', 'breach'].with(1, 'between'));
    expect(judged(days(-0.5, -0.9), { kind: 'threshold', direction: 'below', value: -0.8 })).toEqual([
      [0, 'clear', -0.8],
      [1, 'breach', -0.8],
    ]);
    expect(judged(days(0, 1), { kind: 'threshold', direction: 'above', value: 0 })).toEqual([
      [0, 'clear', 0],
      [1, 'breach', 0],
    ]);
  });
});

describe('a change', () => {
  const change = (part: object) => ({
    kind: 'change',
    from: 'reference',
    direction: 'down',
    by: 0.05,
    relative: false,
    ...part,
  });

  it('is measured from the reference, in points or as a share', () => {
    const accuracy = { reference: 0.9, unit: 'share', good: 'higher' } as const;
    expect(judged(days(0.9, 0.84, 0.852, 0.95), change({}), accuracy)).toEqual([
      [0, 'clear', 0.85],
      [1, 'breach', 0.85],
      [2, 'between', 0.85],
      [3, 'clear', 0.85],
    ]);
    expect(
      judged(days(2.1, 1.9), change({ direction: 'either', by: 0.5, relative: true }), { reference: 4 }),
    ).toEqual([
      [0, 'between', 2],
      [1, 'breach', 2],
    ]);
  });

  it('of a share as a ratio takes next to nothing for one per cent', () => {
    const doubled = change({ direction: 'up', by: 1, relative: true });
    // A reference without a single missing value: two rows in a thousand are no doubling, three in a hundred are.
    expect(judged(days(0.002, 0.03), doubled, { reference: 0, unit: 'share' })).toEqual([
      [0, 'clear', 0.01],
      [1, 'breach', 0.01],
    ]);
    expect(judged(days(1), doubled, { reference: 0, unit: 'value' })).toEqual([]);
  });

  it('from the time before or the week before needs that window', () => {
    const points = days(1, 2, null, 5, 6, 6, 6, 8);
    expect(judged(points, change({ from: 'previous', direction: 'up', by: 0.5 }))).toEqual([
      [1, 'breach', 1.5],
      [4, 'breach', 5.5],
      [5, 'clear', 6.5],
      [6, 'clear', 6.5],
      [7, 'breach', 6.5],
    ]);
    expect(judged(points, change({ from: 'week-before', direction: 'up', by: 0.5 }))).toEqual([
      [7, 'breach', 1.5],
    ]);
    // A point of seven days is compared with the seven days before them.
    expect(judged(points, change({ from: 'previous', direction: 'up', by: 0.5 }), { span: 7 })).toEqual([
      [7, 'breach', 1.5],
    ]);
  });

  it('takes few rows for ten, as three and then none are no news', () => {
    const fell = change({ from: 'previous', direction: 'down', by: 0.9, relative: true });
    const states = (...rows: number[]) =>
      judged(days(...rows), fell, { unit: 'count' }).map(([, state]) => state);
    expect(states(3, 0)).toEqual(['clear']);
    expect(states(10, 0)).toEqual(['breach']);
    expect(states(100, 9)).toEqual(['breach']);
    expect(states(0, 50)).toEqual(['clear']);
  });

  it('without a reference says nothing', () => {
    expect(judged(days(0.1, 0.9), change({}), { reference: null })).toEqual([]);
  });
});

describe('a burn rate', () => {
  const burn = {
    ...{ kind: 'burn-rate', objective: 0.99, rate: 10, longWindows: 4, shortWindows: 1, minEvents: 100 },
  };
  const accuracy = { unit: 'share', good: 'higher' } as const;

  it('needs both spans to burn', () => {
    // 12 % wrong is twelve times what 99 % allows.
    const states = (...values: number[]) => judged(days(...values), burn, accuracy).map(([, state]) => state);
    expect(states(0.88, 0.88, 0.88, 0.88)).toEqual(['breach', 'breach', 'breach', 'breach']);
    expect(states(1, 1, 1, 0.7)).toEqual(['clear', 'clear', 'clear', 'clear']);
    expect(states(1, 1, 1, 0.5)).toEqual(['clear', 'clear', 'clear', 'breach']);
    expect(states(0.5, 0.5, 0.5, 1)).toEqual(['breach', 'breach', 'breach', 'clear']);
  });

  it('says nothing of a short span with few rows, and weighs windows by their rows', () => {
    expect(judged([day(0, 0, { n: 99 })], burn, accuracy)).toEqual([]);
    const [, second] = judge(series([day(0, 1, { n: 9_000 }), day(1, 0, { n: 1_000 })], accuracy), {
      condition: AlertCondition.parse(burn),
      minN: 0,
    });
    expect(second?.value).toBeCloseTo(10, 9);
  });

  it('counts no window of a long point twice', () => {
    const [last] = judge(series(days(0, 0, 0, 0.5), { unit: 'share', span: 2 }), {
      condition: AlertCondition.parse(burn),
      minN: 0,
    }).slice(-1);
    // The points of the fourth and of the second day stand for all four.
    expect(last?.value).toBeCloseTo(25, 9);
  });
});

describe('silence', () => {
  const volume = (points: ReturnType<typeof days>) => series(points, { unit: 'count' });
  const filled = (points: ReturnType<typeof days>, nowMs: number) =>
    withSilence(volume(points), nowMs).points.map(({ windowMs, value, complete }) => [
      (windowMs - T0) / DAY,
      value,
      complete,
    ]);

  it('is zero rows, between windows and after the newest, up to the one that is going on', () => {
    const points = [day(0, 5), day(2, 7, { complete: false })];
    expect(filled(points, T0 + 4.5 * DAY)).toEqual([
      [0, 5, true],
      [1, 0, true],
      [2, 7, true],
      [3, 0, true],
    ]);
  });

  it('says nothing after a replay of the past, after a clock that went back, and of an endpoint without rows', () => {
    const points = [day(0, 5), day(1, 7, { complete: false })];
    const asTheyAre = [
      [0, 5, true],
      [1, 7, false],
    ];
    expect(filled(points, T0 + 400 * DAY)).toEqual(asTheyAre);
    expect(filled(points, T0 - 3 * DAY)).toEqual(asTheyAre);
    expect(filled([], T0)).toEqual([]);
  });
});

describe('a rule', () => {
  const refusal = (part: Parameters<typeof rule>[0]) => {
    try {
      checkRule(rule(part));
      return null;
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  const burn = { kind: 'burn-rate', objective: 0.99, rate: 2, longWindows: 10, shortWindows: 2 };

  it('is refused where it makes no sense', () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ condition: { kind: 'threshold', direction: 'above', value: 1, exit: 2 } })).toContain(
      'wrong side',
    );
    expect(refusal({ condition: { kind: 'threshold', direction: 'below', value: 1, exit: 0 } })).toContain(
      'wrong side',
    );
    expect(refusal({ condition: burn })).toContain('a share of rows');
    const accuracy = { of: 'performance', metric: 'accuracy' };
    expect(refusal({ condition: burn, series: accuracy })).toBeNull();
    expect(refusal({ condition: { ...burn, shortWindows: 10 }, series: accuracy })).toContain('shorter');
    expect(refusal({ slice: 's' })).toContain('slice');
    expect(refusal({ slice: 's', series: accuracy })).toBeNull();
    expect(refusal({ minN: 5, series: { of: 'volume' } })).toContain('however few');
    const change = { kind: 'change', from: 'reference', direction: 'up', by: 1, relative: false };
    expect(refusal({ condition: change, series: { of: 'volume' } })).toContain('no reference');
    expect(refusal({ arm: 'a', series: { of: 'business', metric: 'b' } })).toContain('whole endpoint');
  });

  it('is refused where it could never hold, or would hold something else than it says', () => {
    const accuracy = { of: 'performance', metric: 'accuracy' };
    // A point of an hour stands for the 24 hours up to it.
    const burning = (per: string, longWindows: number, shortWindows: number) =>
      refusal({ per, series: accuracy, condition: { ...burn, longWindows, shortWindows } });
    expect(burning('hour', 24, 2)).toContain('a point of this series stands for 24 hours');
    expect(burning('hour', 25, 2)).toBeNull();
    expect(burning('day', 7, 1)).toContain('7 days');
    for (const series of [accuracy, { of: 'estimated', metric: 'f1' }])
      expect(refusal({ per: 'minute', series })).toContain('counted by the hour');
    expect(refusal({ per: 'minute', series: { of: 'volume' }, slice: 's' })).toContain('counted by the hour');
    expect(refusal({ per: 'minute', series: { of: 'volume' } })).toBeNull();
    const before = { kind: 'change', from: 'week-before', direction: 'up', by: 1, relative: true };
    expect(refusal({ per: 'minute', series: { of: 'volume' }, condition: before })).toContain('two days');
    expect(refusal({ per: 'minute', series: { of: 'business', metric: 'b' }, condition: before })).toBeNull();
    expect(refusal({ per: 'hour', series: { of: 'volume' }, condition: before })).toBeNull();
  });

  it('is the same rule under another name, and another one with another limit', () => {
    expect(essenceOf(rule({ name: 'x', severity: 'critical', enabled: false }))).toBe(essenceOf(rule()));
    expect(essenceOf(rule({ forWindows: 2 }))).not.toBe(essenceOf(rule()));
  });
});
