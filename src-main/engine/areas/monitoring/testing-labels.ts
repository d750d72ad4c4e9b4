/**
 * Labelled scores, numbers and pairs for comparing with the genuine NannyML, scikit-learn and SciPy. What those gave is in
 * goldens.json (made by `node conformance/monitoring/run.mjs --freeze`). Made by arithmetic alone, as in drift-reports.
 */
import { Mersenne } from '../../statistics/mersenne.ts';

export type CbpeCase = {
  name: string;
  threshold: number;
  chunk: number;
  /** Rows with labels, then rows to estimate. */
  scores: number[];
  truths: number[];
  analysis: number[];
};
export type RegressionCase = { name: string; predicted: number[]; actual: number[] };
export type PairCase = { name: string; x: number[]; y: number[] };
export type LabelCases = {
  cbpe: CbpeCase[];
  regression: RegressionCase[];
  pairs: PairCase[];
};

const times = <T>(n: number, of: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => of(at));

/** The frozen ones by seed 1; the same seed gives the same ones. */
export function labelCases(seed: number): LabelCases {
  const random = new Mersenne(seed);
  const draw = () => random.next() / 2 ** 32;
  const normal = () => times(12, draw).reduce((sum, value) => sum + value, -6);

  /** `bend` makes the scores too sure (above 0) or too shy (below). */
  const cbpe = (
    name: string,
    n: number,
    given: { bend?: number; rarity?: number; threshold?: number; ties?: boolean; chunk?: number },
  ): CbpeCase => {
    const { bend = 0, rarity = 1, threshold = 0.5, ties = false, chunk = 250 } = given;
    const row = (shift: number) => {
      const p = 0.02 + 0.96 * (1 - (1 - draw()) * (1 - shift)) ** rarity;
      const score = p + bend * (p - 0.5) * (1 - p) * p * 2;
      return { score: ties ? Math.round(score * 50) / 50 : score, truth: draw() < p ? 1 : 0 };
    };
    const reference = times(n, () => row(0));
    return {
      name,
      threshold,
      chunk,
      scores: reference.map(({ score }) => score),
      truths: reference.map(({ truth }) => truth),
      analysis: times(4 * chunk, () => row(0.1).score),
    };
  };

  return {
    cbpe: [
      cbpe('scores that are right', 2000, {}),
      cbpe('scores too sure', 2000, { bend: 0.9 }),
      cbpe('scores too shy', 2500, { bend: -0.9 }),
      cbpe('a rare class', 3000, { rarity: 5, threshold: 0.3, bend: 0.5 }),
      cbpe('a common class', 1500, { rarity: 0.3, threshold: 0.7 }),
      cbpe('tied scores', 2003, { ties: true, bend: -0.9 }),
      cbpe('few rows', 57, { bend: 0.5, chunk: 20 }),
      cbpe('sizes that do not divide', 1237, { chunk: 111, bend: -0.5 }),
    ],
    regression: [
      ['a good model', 500, 1, 50],
      ['a bad model', 300, 30, 5],
      ['a large level', 400, 3, 1e6],
    ].map(([name, n, error, level]) => {
      const actual = times(n as number, () => (level as number) + 10 * normal());
      return {
        name: name as string,
        actual,
        predicted: actual.map((value) => value + 0.3 + (error as number) * normal()),
      };
    }),
    pairs: [8, 9, 20, 100].map((n) => {
      const x = times(n, normal);
      return { name: `${n} windows`, x, y: x.map((value) => 0.5 * value + normal()) };
    }),
  };
}
