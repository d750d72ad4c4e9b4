// Against scikit-learn: goldens.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBinaryRow,
  addRegressionRow,
  addSums,
  binaryMetrics,
  noBinarySums,
  noRegressionSums,
  regressionMetrics,
} from './metrics.rules.ts';
import {
  addCalibrationRow,
  binScore,
  calibrationCurve,
  calibrationError,
  calibrationOf,
  emptyCalibration,
  emptyHistogram,
  harmonicBetween,
  rankMetrics,
  rankMetricsOfHistogram,
  rowsOf,
  SCORE_BINS,
  scoreBin,
} from './ranks.rules.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const row = fc.record({ score: share, actual: fc.boolean() });
const rows = fc.array(row, { minLength: 1, maxLength: 80 });
type Row = { score: number; actual: boolean };

const sumsOf = (given: readonly Row[]) => {
  const sums = noBinarySums();
  for (const { score, actual } of given) addBinaryRow(sums, { predicted: score >= 0.5, actual, score });
  return sums;
};
const labelled = (given: readonly Row[]) => ({
  scores: Float64Array.from(given, ({ score }) => score),
  truths: Uint8Array.from(given, ({ actual }) => (actual ? 1 : 0)),
});
const histogramOf = (given: readonly Row[]) => {
  const histogram = emptyHistogram();
  for (const { score, actual } of given) {
    const counts = actual ? histogram.positive : histogram.negative;
    const bin = scoreBin(score);
    counts[bin] = (counts[bin] as number) + 1;
  }
  return histogram;
};

describe('quality from sums', () => {
  it('of parts that are merged is that of the whole, and a row taken back leaves nothing', () => {
    fc.assert(
      fc.property(rows, rows, (one, two) => {
        const merged = sumsOf(one);
        addSums(merged, sumsOf(two));
        const whole = binaryMetrics(sumsOf([...one, ...two]));
        for (const [metric, found] of Object.entries(binaryMetrics(merged))) {
          const expected = whole[metric as keyof typeof whole];
          expect(found?.value ?? null).toEqual(expected === null ? null : expect.closeTo(expected.value, 9));
        }
        for (const { score, actual } of two)
          addBinaryRow(merged, { predicted: score >= 0.5, actual, score }, -1);
        expect(merged.tp + merged.fp + merged.fn + merged.tn).toBe(one.length);
        expect(merged.brier).toBeCloseTo(sumsOf(one).brier, 9);
      }),
    );
  });

  it('lies within its interval, and the interval within what is possible', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const all = Object.entries({
          ...binaryMetrics(sumsOf(given)),
          ...rankMetrics(labelled(given)),
          bounds: null,
        });
        for (const [metric, found] of all) {
          if (found === null || found.low === null || found.high === null) continue;
          expect(found.low, metric).toBeLessThanOrEqual(found.value + 1e-12);
          expect(found.high, metric).toBeGreaterThanOrEqual(found.value - 1e-12);
          expect(found.low, metric).toBeGreaterThanOrEqual(0);
          if (metric !== 'log-loss') expect(found.high, metric).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('is null where no row tells it, and a sure mistake keeps the log loss finite', () => {
    expect(Object.values(binaryMetrics(noBinarySums())).every((found) => found === null)).toBe(true);
    expect(Object.values(regressionMetrics(noRegressionSums())).every((found) => found === null)).toBe(true);
    const sums = sumsOf([{ score: 0, actual: true }]);
    expect(binaryMetrics(sums)['log-loss']).toMatchObject({
      value: expect.closeTo(-Math.log(1e-7), 9),
      low: null,
    });
    addBinaryRow(sums, { predicted: true, actual: true, score: null });
    expect(binaryMetrics(sums)).toMatchObject({ accuracy: { value: 0.5 }, brier: { value: 1 } });
  });

  it('of numbers: a truth of 0 has no percentage, a truth that never changes no R²', () => {
    const sums = noRegressionSums(5);
    addRegressionRow(sums, { predicted: 1, actual: 0 });
    addRegressionRow(sums, { predicted: 6, actual: 5 });
    const other = noRegressionSums(5);
    addRegressionRow(other, { predicted: 9, actual: 10 });
    addSums(sums, other);
    expect(sums.shift).toBe(5);
    expect(regressionMetrics(sums)).toMatchObject({
      mae: { value: 1 },
      rmse: { value: 1 },
      bias: { value: expect.closeTo(1 / 3, 12) },
      mape: { value: expect.closeTo(0.15, 12) },
      r2: { value: expect.closeTo(1 - 3 / 50, 12), low: null },
    });
    const level = noRegressionSums();
    for (const predicted of [1, 2]) addRegressionRow(level, { predicted, actual: 3 });
    expect(regressionMetrics(level).r2).toBeNull();
  });

  it('covers the truth about 95 times in 100', () => {
    // 400 samples of 60 rows, each interval against the accuracy and F1 that were drawn from.
    let state = 7;
    const draw = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const covered = { accuracy: 0, f1: 0, brier: 0 };
    for (let sample = 0; sample < 400; sample++) {
      const sums = noBinarySums();
      for (let at = 0; at < 60; at++) {
        const score = draw();
        addBinaryRow(sums, { predicted: score >= 0.5, actual: draw() < score, score });
      }
      const found = binaryMetrics(sums);
      for (const [metric, truth] of [
        ['accuracy', 0.75],
        ['f1', 0.75],
        ['brier', 1 / 6],
      ] as const) {
        const { low, high } = found[metric] as { low: number; high: number };
        if (low <= truth && truth <= high) covered[metric] += 1;
      }
    }
    for (const times of Object.values(covered)) expect(times / 400).toBeGreaterThan(0.91);
  });
});

describe('ranks', () => {
  it('the AUC is the share of pairs in order, and DeLong’s variance that of placements', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const positives = given.filter(({ actual }) => actual).map(({ score }) => score);
        const negatives = given.filter(({ actual }) => !actual).map(({ score }) => score);
        const found = rankMetrics(labelled(given))['roc-auc'];
        if (positives.length === 0 || negatives.length === 0) {
          expect(found).toBeNull();
          return;
        }
        const won = (one: number, two: number) => (one > two ? 1 : one === two ? 0.5 : 0);
        const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
        const ofPositives = positives.map((one) => mean(negatives.map((two) => won(one, two))));
        const ofNegatives = negatives.map((two) => mean(positives.map((one) => won(one, two))));
        expect(found?.value).toBeCloseTo(mean(ofPositives), 12);
        if (found?.low == null || found.low === 0 || found.high === 1) return;
        const variance = (values: number[]) =>
          values.reduce((sum, each) => sum + (each - mean(values)) ** 2, 0) /
          (values.length - 1) /
          values.length;
        const half = 1.959963984540054 * Math.sqrt(variance(ofPositives) + variance(ofNegatives));
        expect(found.value - found.low).toBeCloseTo(half, 9);
      }),
    );
  });

  it('of a histogram are those of rows at the middles of bins, within the bound of the exact ones', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const exact = rankMetrics(labelled(given));
        const binned = rankMetricsOfHistogram(histogramOf(given));
        const middles = rankMetrics(rowsOf(histogramOf(given)));
        for (const [metric, bound] of [
          ['roc-auc', binned.bounds.rocAuc],
          ['average-precision', binned.bounds.averagePrecision],
        ] as const) {
          expect(binned[metric]?.value ?? null).toEqual(middles[metric]?.value ?? null);
          const off = Math.abs((binned[metric]?.value ?? 0) - (exact[metric]?.value ?? 0));
          expect(off).toBeLessThanOrEqual(bound + 1e-12);
        }
      }),
    );
  });

  it('any rising change of the scores changes nothing', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const changed = given.map(({ score, actual }) => ({ score: score * 2, actual }));
        expect(rankMetrics(labelled(changed))['roc-auc']?.value).toEqual(
          rankMetrics(labelled(given))['roc-auc']?.value,
        );
      }),
    );
  });

  it('puts every score into a bin whose middle is near', () => {
    fc.assert(
      fc.property(share, (score) => {
        expect(Math.abs(binScore(scoreBin(score)) - score)).toBeLessThanOrEqual(0.0005 + 1e-12);
      }),
    );
    expect([scoreBin(-3), scoreBin(9), scoreBin(1)]).toEqual([0, SCORE_BINS - 1, SCORE_BINS - 1]);
  });

  it('adds harmonic numbers as adding them up does', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.oneof(fc.nat(5000), fc.nat(50)), (from, more) => {
        let sum = 0;
        for (let at = from + 1; at <= from + more; at++) sum += 1 / at;
        expect(harmonicBetween(from, from + more)).toBeCloseTo(sum, 11);
      }),
    );
  });
});

describe('calibration', () => {
  it('of a histogram is near that of rows, and a score that is right has none', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const sums = emptyCalibration();
        for (const each of given) addCalibrationRow(sums, each);
        const curve = calibrationCurve(sums);
        expect(curve).toHaveLength(10);
        expect(curve.reduce((sum, { n }) => sum + n, 0)).toBe(given.length);
        const binned = calibrationError(calibrationOf(histogramOf(given))) ?? Number.NaN;
        expect(Math.abs(binned - (calibrationError(sums) ?? 0))).toBeLessThanOrEqual(0.0005 + 1e-9);
      }),
    );
    const right = emptyCalibration();
    for (let at = 0; at < 4; at++) addCalibrationRow(right, { score: 0.25, actual: at === 0 });
    expect(calibrationError(right)).toBe(0);
    expect(calibrationError(emptyCalibration())).toBeNull();
    expect(calibrationCurve(right)[2]).toMatchObject({ from: 0.2, n: 4, score: 0.25, share: 0.25 });
  });
});
