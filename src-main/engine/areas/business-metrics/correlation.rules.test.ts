import { describe, expect, it } from 'vitest';
import { Mersenne } from '../../statistics/mersenne.ts';
import { autoregression, filtered } from './autoregression.rules.ts';
import { laggedCorrelation } from './correlation.rules.ts';
import goldens from './goldens.json' with { type: 'json' };
import { type SeriesGolden, seriesCases, seriesDifferences } from './testing-series-goldens.ts';

const random = new Mersenne(3);
const normal = () => {
  let sum = -6;
  for (let at = 0; at < 12; at++) sum += random.next() / 2 ** 32;
  return sum;
};
const times = <T>(n: number, of: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => of(at));

/** A series that follows its own past, as daily figures do. */
function persistent(n: number, share: number): number[] {
  let value = 0;
  for (let at = 0; at < 30; at++) value = share * value + normal();
  return times(n, () => {
    value = share * value + normal();
    return value;
  });
}

describe('against statsmodels', () => {
  for (const [at, each] of seriesCases(1).entries())
    it(`order, coefficients and correlations are equal: ${each.name}`, () => {
      expect(seriesDifferences(each, goldens[at] as SeriesGolden)).toEqual([]);
    });
});

describe('a lagged correlation', () => {
  const x = persistent(90, 0.6);
  const y = times(90, (at) => 5 + 2 * (x[at - 2] ?? 0) + normal());

  it('finds the lag at which the metric follows, and says that it is no cause', () => {
    const found = laggedCorrelation(x, y, 14);
    expect(found).toMatchObject({ n: 90, best: { lag: 2 } });
    expect(found.lags).toHaveLength(29);
    expect(found.best?.r).toBeGreaterThan(0.6);
    expect(found.best?.p).toBeLessThan(1e-6);
    expect(found.warnings.at(-1)).toContain('no proof of a cause');
    expect(found.warnings).toHaveLength(1);
  });

  it('is turned round by turning the series round, and says who moves first', () => {
    const lead = times(90, normal);
    const follow = lead.map((_, at) => (lead[at - 4] ?? 0) + 0.3 * normal());
    expect(laggedCorrelation(lead, follow, 8).best?.lag).toBe(4);
    const turned = laggedCorrelation(follow, lead, 8);
    expect(turned.best?.lag).toBe(-4);
    expect(turned.warnings).toContain('The business metric moves first, and the model’s series follows.');
  });

  it('does not change with the scale and level of either', () => {
    const moved = laggedCorrelation(
      x.map((value) => 1000 - 8 * value),
      y.map((value) => 1e5 + value),
      10,
    );
    const found = laggedCorrelation(x, y, 10);
    for (const [at, { r }] of found.lags.entries()) expect(moved.lags[at]?.r).toBeCloseTo(-r, 6);
  });

  it('of unrelated series stands out about one time in twenty, not more often', () => {
    let alarms = 0;
    for (let trial = 0; trial < 400; trial++) {
      const { best } = laggedCorrelation(persistent(60, 0.8), persistent(60, 0.8), 10);
      if (best && best.p < 0.05) alarms += 1;
    }
    // Without prewhitening and without the correction for 21 lags it would be nearly every time.
    expect(alarms / 400).toBeLessThan(0.08);
  });

  it('warns of gaps, few windows, trends and a lag at the end', () => {
    const gap = laggedCorrelation(
      x.map((value, at) => (at % 10 === 5 ? null : value)),
      y,
      5,
    );
    expect(gap.n).toBe(81);
    expect(gap.best?.lag).toBe(2);
    expect(gap.warnings.join()).toContain('9 windows in between lack');
    const few = laggedCorrelation(x.slice(0, 20), y.slice(0, 20), 14).warnings.join();
    expect(few).toContain('20 windows are few');
    expect(few).toMatch(/Lags beyond [45] windows are left out/);
    const trends = laggedCorrelation(
      times(60, (at) => at + normal()),
      times(60, (at) => 2 * at + normal()),
      3,
    );
    expect(trends.warnings.join()).toContain('Both have a trend');
    const end = laggedCorrelation(x, y, 2);
    expect(end.warnings.join()).toContain('furthest one');
  });

  it('of too little, or of what never changes, says so and gives none', () => {
    const short = laggedCorrelation(x.slice(0, 11), y.slice(0, 11), 5);
    expect(short).toMatchObject({ n: 11, lags: [], best: null, prewhitening: 0 });
    expect(short.warnings[0]).toContain('Only 11 windows');
    expect(laggedCorrelation([], [], 5)).toMatchObject({ n: 0, best: null });
    const level = times(40, () => 7);
    expect(laggedCorrelation(level, y.slice(0, 40), 5).warnings[0]).toContain('model’s series never changes');
    expect(laggedCorrelation(x.slice(0, 40), level, 5).warnings[0]).toContain('metric never changes');
    const straight = times(40, (at) => at);
    expect(laggedCorrelation(straight, y.slice(0, 40), 5).warnings.at(-1)).toContain('no proof');
  });
});

describe('the autoregression', () => {
  it('leaves white noise as it is, and takes a straight past away', () => {
    const noise = Float64Array.from(times(200, normal));
    const { order, coefficients } = autoregression(Float64Array.from(persistent(400, 0.7)));
    expect(order).toBeGreaterThanOrEqual(1);
    expect(coefficients[0]).toBeCloseTo(0.7, 0);
    const white = filtered(noise, { order: 0, constant: 0, coefficients: [] });
    expect(white).toEqual(noise);
    const series = Float64Array.of(1, Number.NaN, 3, 5);
    expect([...filtered(series, { order: 1, constant: 1, coefficients: [1] })]).toEqual([
      ...[Number.NaN, Number.NaN, Number.NaN, 1],
    ]);
  });
});
