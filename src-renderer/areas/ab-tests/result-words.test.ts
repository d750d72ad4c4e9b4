import { describe, expect, it } from 'vitest';
import {
  differenceText,
  effectSeries,
  intervalText,
  minEffectOf,
  minEffectText,
  valueText,
  verdictTone,
} from './result-words.ts';

describe('figures of a test', () => {
  it('are shares in percent and their differences in points, others as they are', () => {
    expect(valueText('accuracy', 0.8132)).toBe('81.32\u00a0%');
    expect(valueText('reward-mean', 1.5)).toBe('1.5');
    expect(differenceText('accuracy', -0.0123)).toBe('−1.23 points');
    expect(differenceText('score-mean', 0.25)).toBe('+0.25');
    expect(intervalText('accuracy', { low: -0.01, high: 0.02 })).toBe('−1 points to +2 points');
    expect(intervalText('accuracy', { low: null, high: null })).toBe('–');
  });

  it('a smallest difference is typed in the same unit', () => {
    expect(minEffectOf('accuracy', '1.5')).toEqual({ value: 0.015 });
    expect(minEffectText('accuracy', 0.015)).toBe('1.5');
    expect(minEffectOf('reward-mean', '0.2')).toEqual({ value: 0.2 });
    expect(minEffectOf('accuracy', ' ')).toEqual({ value: null });
    for (const text of ['0', '-1', 'much']) expect(minEffectOf('accuracy', text)).toHaveProperty('problem');
  });

  it('a broken split is as bad as a worse arm', () => {
    const tone = (kind: 'mismatch' | 'worse' | 'better' | 'undecided') =>
      verdictTone({ kind, arm: null, title: '', text: '' });
    expect([tone('mismatch'), tone('worse'), tone('better'), tone('undecided')]).toEqual([
      'bad',
      'bad',
      'ok',
      'info',
    ]);
  });

  it('the line of an arm keeps its colour and its interval', () => {
    const arms = ['champion', 'challenger'].map((key) => ({ key })) as Parameters<typeof effectSeries>[1];
    const point = { atMs: 5, units: 9, effect: 0.1, low: -0.1, high: 0.3 };
    expect(effectSeries([{ arm: 'challenger', points: [point] }], arms)).toEqual([
      {
        id: 'challenger',
        label: 'challenger',
        color: 'challenger',
        points: [{ x: 5, y: 0.1, low: -0.1, high: 0.3, n: 9 }],
      },
    ]);
  });
});
