// Against the genuine NannyML: goldens.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationNeed } from './calibration-need.rules.ts';
import {
  ESTIMATED_METRICS,
  estimate,
  estimateValues,
  fitCbpe,
  referenceLimits,
  type Scores,
} from './cbpe.rules.ts';
import { addExpected, estimateOfCounts, estimateOfExpected, expectedOfStored } from './cbpe-bins.rules.ts';
import { packLists } from './counts.rules.ts';
import { fitIsotonic, isotonicAt } from './isotonic.rules.ts';
import { binaryMetrics, noBinarySums } from './metrics.rules.ts';
import { binScore, rankMetrics, rowsOf, SCORE_BINS, scoreBin } from './ranks.rules.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const plain = (scores: Float64Array) => ({ scores, weights: null });
const none = new Float64Array(SCORE_BINS);

/** Scores from counts by bin: each bin's rows at its middle. */
function scoresOf(counts: ArrayLike<number>): Scores {
  const scores = new Float64Array(SCORE_BINS);
  const weights = new Float64Array(SCORE_BINS);
  let filled = 0;
  for (let bin = 0; bin < SCORE_BINS; bin++) {
    const n = Number(counts[bin]);
    if (!(n > 0)) continue;
    scores[filled] = binScore(bin);
    weights[filled++] = n;
  }
  return { scores: scores.subarray(0, filled), weights: weights.subarray(0, filled) };
}

describe('estimates from scores', () => {
  it('are those of the worked example', () => {
    const scores = Float64Array.of(0.9, 0.8, 0.7, 0.4, 0.3, 0.2);
    const found = estimateValues(scores, plain(scores), 0.5);
    expect(found.accuracy).toBeCloseTo(0.75, 12);
    expect(found.precision).toBeCloseTo(0.8, 12);
    expect(found.recall).toBeCloseTo(8 / 11, 12);
    expect(found.f1).toBeCloseTo(16 / 21, 12);
    expect(found['roc-auc']).toBeCloseTo(0.797418630752, 11);
    expect(found['average-precision']).toBeCloseTo(0.795757575758, 11);
  });

  it('of counts by bin are those of as many rows', () => {
    const counts = fc.array(fc.tuple(fc.nat(SCORE_BINS - 1), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 30,
    });
    const reference = { scores: Float64Array.of(0.2, 0.8), truths: Uint8Array.of(0, 1) };
    const asTheyAre = fitCbpe(reference, 0.5, { ...calibrationNeed(reference), needed: false });
    fc.assert(
      fc.property(counts, (given) => {
        const byBin = new Float64Array(SCORE_BINS);
        for (const [bin, n] of given) byBin[bin] = (byBin[bin] as number) + n;
        const weighted = scoresOf(byBin);
        const rows = plain(rowsOf({ positive: byBin, negative: new Float64Array(SCORE_BINS) }).scores);
        const found = estimateValues(weighted.scores, weighted, 0.5);
        const expected = estimateValues(rows.scores, rows, 0.5);
        const stored = estimateOfCounts(asTheyAre, byBin, 0.5);
        for (const metric of ESTIMATED_METRICS) {
          const theirs = expected[metric];
          for (const mine of [found[metric], stored[metric]?.value ?? null]) {
            // Sums are rounded to five decimals along the way.
            if (theirs === null) expect(mine, metric).toBeNull();
            else expect(Math.abs((mine ?? Number.NaN) - theirs), metric).toBeLessThan(2e-4);
          }
        }
      }),
    );
  });

  it('of many rows by bin are those of the scores, but for the rounding of these', () => {
    const counts = fc.array(fc.tuple(fc.nat(SCORE_BINS - 1), fc.integer({ min: 200_000, max: 2_000_000 })), {
      minLength: 2,
      maxLength: 60,
    });
    const reference = { scores: Float64Array.of(0.2, 0.8), truths: Uint8Array.of(0, 1) };
    const fit = fitCbpe(reference, 0.5, { ...calibrationNeed(reference), needed: false });
    fc.assert(
      fc.property(counts, (given) => {
        const byBin = new Float64Array(SCORE_BINS);
        for (const [bin, n] of given) byBin[bin] = (byBin[bin] as number) + n;
        const scores = scoresOf(byBin);
        const expected = estimateValues(scores.scores, scores, 0.5);
        const found = estimateOfCounts(fit, byBin, 0.5);
        for (const metric of ESTIMATED_METRICS)
          expect(found[metric]?.value, metric).toBeCloseTo(expected[metric] ?? Number.NaN, 6);
      }),
    );
  });

  it('of counts by bin are calibrated as scores are, and only what is asked for is told', () => {
    const counts = Float64Array.from({ length: SCORE_BINS }, (_, bin) => (bin * 7) % 4);
    const rows = rowsOf({ positive: counts, negative: counts });
    const fit = fitCbpe(rows, 0.5, { ...calibrationNeed(rows), needed: true });
    // The second time from what is kept of the fit.
    for (let time = 0; time < 2; time++) {
      const all = estimateOfCounts(fit, counts, 0.5);
      expect(all).toEqual(estimate(fit, scoresOf(counts), 0.5));
      for (const metric of ESTIMATED_METRICS) {
        const { [metric]: told, ...rest } = estimateOfCounts(fit, counts, 0.5, [metric]);
        expect(told).toEqual(all[metric]);
        expect(Object.values(rest).every((value) => value === null)).toBe(true);
      }
    }
  });

  it('of shares add up over stored windows, whatever the threshold', () => {
    const window = fc.array(fc.tuple(fc.nat(SCORE_BINS - 1), fc.integer({ min: 1, max: 400 })), {
      maxLength: 60,
    });
    const rows = rowsOf({
      positive: Float64Array.from({ length: SCORE_BINS }, (_, bin) => (bin > 300 ? 2 : 0)),
      negative: Float64Array.from({ length: SCORE_BINS }, (_, bin) => (bin < 700 ? 1 : 0)),
    });
    const need = calibrationNeed(rows);
    const shares = ['accuracy', 'precision', 'recall', 'specificity', 'f1'] as const;
    fc.assert(
      fc.property(
        fc.array(window, { minLength: 1, maxLength: 5 }),
        fc.oneof(share, fc.constantFrom(0, 1, binScore(499), 0.4999, 0.5)),
        fc.boolean(),
        (windows, threshold, needed) => {
          const fit = fitCbpe(rows, threshold, { ...need, needed });
          const all = new Float64Array(SCORE_BINS);
          const sum = { n: 0, tp: 0, fp: 0, fn: 0, tn: 0 };
          for (const counts of windows) {
            const one = new Float64Array(SCORE_BINS);
            for (const [bin, n] of counts) one[bin] = (one[bin] as number) + n;
            for (let bin = 0; bin < SCORE_BINS; bin++) all[bin] = (all[bin] as number) + (one[bin] as number);
            const packed = packLists([one, none, none]);
            addExpected(sum, expectedOfStored(fit, packed ? [packed] : [], threshold));
          }
          const found = estimateOfExpected(fit, sum, shares);
          const expected = estimateOfCounts(fit, all, threshold, shares);
          for (const metric of shares) {
            const [mine, theirs] = [found[metric], expected[metric]];
            if (theirs === null) expect(mine, metric).toBeNull();
            else
              for (const part of ['value', 'low', 'high'] as const)
                expect(mine?.[part], `${metric} ${part}`).toBeCloseTo(theirs[part], 11);
          }
        },
      ),
    );
  });

  it('lie within their bands, from 0 to 1, and play no part in the order of rows', () => {
    const scores = fc.array(share, { minLength: 1, maxLength: 60 });
    const reference = {
      scores: Float64Array.of(0.1, 0.4, 0.35, 0.8, 0.9, 0.6),
      truths: Uint8Array.of(0, 0, 1, 1, 1, 0),
    };
    const fit = fitCbpe(reference, 0.5);
    fc.assert(
      fc.property(scores, (given) => {
        const found = estimate(fit, plain(Float64Array.from(given)), 0.5);
        const turned = estimate(fit, plain(Float64Array.from([...given].reverse())), 0.5);
        for (const metric of ESTIMATED_METRICS) {
          const one = found[metric];
          if (one === null) continue;
          expect(one.low).toBeLessThanOrEqual(one.value);
          expect(one.high).toBeGreaterThanOrEqual(one.value);
          expect(one.low).toBeGreaterThanOrEqual(0);
          expect(one.high).toBeLessThanOrEqual(1);
          expect(turned[metric]?.value).toBeCloseTo(one.value, 4);
        }
      }),
    );
  });

  it('say nothing of no rows, and have no narrow band for what the reference does not tell', () => {
    const negatives = { scores: Float64Array.of(0.1, 0.2, 0.3), truths: new Uint8Array(3) };
    const fit = fitCbpe(negatives, 0.5);
    expect(fit.need).toMatchObject({ needed: false, why: expect.stringContaining('one class') });
    expect(Object.values(estimate(fit, plain(new Float64Array(0)), 0.5)).every((one) => one === null)).toBe(
      true,
    );
    expect(estimate(fit, plain(Float64Array.of(0.7, 0.2)), 0.5)).toMatchObject({
      recall: { low: 0, high: 1 },
      'roc-auc': { low: 0, high: 1 },
    });
    expect(JSON.parse(JSON.stringify(fit))).toEqual(fit);
  });
});

describe('the decision to calibrate', () => {
  it('names its reason', () => {
    const of = (scores: number[], truths: number[]) =>
      calibrationNeed({ scores: Float64Array.from(scores), truths: Uint8Array.from(truths) });
    expect(of([0.1, 0.9], [0, 1]).why).toContain('too few');
    const apart = Array.from({ length: 60 }, (_, at) => at / 60);
    expect(
      of(
        apart,
        apart.map((score) => (score > 0.5 ? 1 : 0)),
      ).why,
    ).toContain('separate');
  });
});

describe('isotonic regression', () => {
  const place = fc.integer({ min: 0, max: 1000 }).map((at) => at / 1000);
  const points = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 60 });
  const fitted = (given: [number, number][]) => {
    const sorted = [...given].sort(([one], [two]) => one - two);
    return fitIsotonic(
      Float64Array.from(sorted, ([score]) => score),
      sorted.map(([, label]) => label),
    );
  };

  it('never falls, stays within the labels and keeps their mean', () => {
    fc.assert(
      fc.property(points, (given) => {
        const { x, y } = fitted(given);
        for (let at = 1; at < y.length; at++) {
          expect(y[at]).toBeGreaterThanOrEqual(y[at - 1] as number);
          expect(x[at]).toBeGreaterThan(x[at - 1] as number);
        }
        const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
        const at = given.map(([score]) => isotonicAt({ x, y }, score));
        expect(mean(at)).toBeCloseTo(mean(given.map(([, label]) => label)), 9);
        expect(isotonicAt({ x, y }, -1)).toBe(y[0]);
        expect(isotonicAt({ x, y }, 2)).toBe(y.at(-1));
      }),
    );
  });
});

describe('limits from the reference’s chunks', () => {
  it('leave out what a chunk cannot tell', () => {
    const chunk = (tp: number, fp: number, fn: number, tn: number) => ({
      sums: { ...noBinarySums(), tp, fp, fn, tn },
      ranks: rankMetrics({ scores: new Float64Array(0), truths: new Uint8Array(0) }),
    });
    const found = referenceLimits([chunk(4, 1, 1, 4), chunk(0, 0, 0, 5)]);
    expect(binaryMetrics(chunk(0, 0, 0, 5).sums).precision).toBeNull();
    expect(found.precision?.low).toBeCloseTo(0.8, 12);
    expect(found.precision?.high).toBeCloseTo(0.8, 12);
    expect(found.accuracy).toEqual({ low: expect.closeTo(0.9 - 0.3, 12), high: 1 });
    expect(found['roc-auc']).toBeNull();
    expect(scoreBin(0.5)).toBe(500);
  });
});
