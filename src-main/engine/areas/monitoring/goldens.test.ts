/** Quality and CBPE against what the genuine NannyML and scikit-learn gave (conformance/monitoring makes and refreshes it). */
import { describe, expect, it } from 'vitest';
import goldens from './goldens.json' with { type: 'json' };
import {
  type CbpeGolden,
  cbpeDifferences,
  type PairGolden,
  pairDifferences,
  type RegressionGolden,
  regressionDifferences,
} from './testing-label-goldens.ts';
import { labelCases } from './testing-labels.ts';

const cases = labelCases(1);
const frozen = goldens as unknown as {
  cbpe: CbpeGolden[];
  regression: RegressionGolden[];
  pairs: PairGolden[];
};

describe('the genuine packages’ frozen results equal ours', () => {
  it('has both decisions on calibration among its cases', () => {
    expect(new Set(frozen.cbpe.map(({ needed }) => needed)).size).toBe(2);
    expect(frozen.cbpe.map(({ name }) => name)).toEqual(cases.cbpe.map(({ name }) => name));
  });
  for (const [at, each] of cases.cbpe.entries())
    it(`CBPE and quality with labels: ${each.name}`, () => {
      expect(cbpeDifferences(each, frozen.cbpe[at] as CbpeGolden)).toEqual([]);
    });
  for (const [at, each] of cases.regression.entries())
    it(`regression: ${each.name}`, () => {
      expect(regressionDifferences(each, frozen.regression[at] as RegressionGolden)).toEqual([]);
    });
  for (const [at, each] of cases.pairs.entries())
    it(`relation over ${each.name}`, () => {
      expect(pairDifferences(each, frozen.pairs[at] as PairGolden)).toEqual([]);
    });
});
