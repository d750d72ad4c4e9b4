// Against SciPy: goldens.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_WINDOWS, pearson, rankFeatures, relation } from './ranking.rules.ts';

const windows = (n: number, of: (at: number) => number | null) =>
  Array.from({ length: n }, (_, at) => of(at));

describe('a relation over windows', () => {
  it('is null below eight windows that have both, and for what never changes', () => {
    const rising = windows(8, (at) => at);
    expect(relation(rising, rising)).toMatchObject({ windows: 8, r: 1, p: 0, low: 1, high: 1 });
    const gap = windows(8, (at) => (at === 3 ? null : at));
    expect(relation(rising, gap)).toEqual({
      windows: LEAST_WINDOWS - 1,
      r: null,
      low: null,
      high: null,
      p: null,
    });
    expect(
      relation(
        rising,
        windows(8, () => 0.1 + 0.2),
      ).r,
    ).toBeNull();
    expect(relation(rising, rising.slice(0, 5)).windows).toBe(5);
  });

  it('is the same both ways, of any scale, and within its interval', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 10, maxLength: 40 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 50 }), (one, two, scale) => {
        const n = Math.min(one.length, two.length);
        const [xs, ys] = [one.slice(0, n), two.slice(0, n)];
        const r = pearson(xs, ys);
        expect(pearson(ys, xs) ?? 2).toBeCloseTo(r ?? 2, 12);
        const found = relation(
          xs.map((x) => 7 - scale * x),
          ys,
        );
        if (r === null || found.r === null) {
          expect(found.r).toBe(r);
          return;
        }
        expect(found.r).toBeCloseTo(-r, 10);
        expect(found.low).toBeLessThanOrEqual(found.r + 1e-12);
        expect(found.high).toBeGreaterThanOrEqual(found.r - 1e-12);
        expect(found.p).toBeGreaterThanOrEqual(0);
        expect(found.p).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe('the ranking', () => {
  const quality = windows(12, (at) => 0.9 - (at > 6 ? 0.02 * (at - 6) : 0.001 * (at % 3)));
  const feature = (name: string, scores: (number | null)[], alerts = 0) => ({
    feature: name,
    scores,
    levels: windows(scores.length, (at) => at).map((_, at) =>
      at < alerts ? ('large' as const) : ('stable' as const),
    ),
  });

  it('puts what moves with the quality first, and what cannot be told last, by alerts', () => {
    const ranked = rankFeatures(
      [
        feature(
          'flat',
          windows(12, () => 0.5),
        ),
        feature(
          'empty',
          windows(12, () => null),
          2,
        ),
        feature(
          'noise',
          windows(12, (at) => (at * 5) % 7),
        ),
        feature(
          'cause',
          windows(12, (at) => (at > 6 ? at - 6 : 0)),
          3,
        ),
        feature(
          'opposite',
          windows(12, (at) => (at > 6 ? 6 - at : 0)),
        ),
      ],
      quality,
      0.9,
    );
    expect(ranked.map((each) => each.feature)).toEqual(['cause', 'noise', 'opposite', 'empty', 'flat']);
    expect(ranked[0]).toMatchObject({ windows: 12, alerts: 3, score: 5, level: 'stable' });
    expect(ranked[0]?.r).toBeGreaterThan(0.99);
    expect(ranked[3]).toMatchObject({ windows: 0, r: null, score: null, alerts: 2 });
  });

  it('takes the mean of the windows where the reference is not known', () => {
    const only = feature(
      'x',
      windows(12, (at) => at),
    );
    const mean = quality.reduce((sum: number, value) => sum + (value ?? 0), 0) / 12;
    expect(rankFeatures([only], quality, null)).toEqual(rankFeatures([only], quality, mean));
  });
});
