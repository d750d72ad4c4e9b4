/**
 * Pairs of series, what the genuine statsmodels gave for them (goldens.json, made by `node conformance/monitoring/run.mjs --freeze`),
 * and what of ours differs by more than a relative 1e-9.
 */
import { Mersenne } from '../../statistics/mersenne.ts';
import { autoregression } from './autoregression.rules.ts';
import { laggedCorrelation } from './correlation.rules.ts';

/** `maxOrder` is what autoregression.rules.ts tries for as many windows. */
export type SeriesCase = { name: string; maxOrder: number; x: number[]; y: number[]; maxLag: number };
export type SeriesGolden = {
  name: string;
  order: number;
  constant: number;
  coefficients: number[];
  /** r at lag 0, 1, …: x leads; then the same with y leading. */
  ahead: number[];
  behind: number[];
};

const times = <T>(n: number, of: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => of(at));

/** The frozen ones by seed 1; the same seed gives the same ones. Made by arithmetic alone. */
export function seriesCases(seed: number): SeriesCase[] {
  const random = new Mersenne(seed);
  const normal = () => times(12, () => random.next() / 2 ** 32).reduce((sum, value) => sum + value, -6);
  const autoregressive = (n: number, coefficients: readonly number[], level: number): number[] => {
    const values: number[] = [];
    for (let at = 0; at < n + 50; at++)
      values.push(coefficients.reduce((sum, c, lag) => sum + c * (values[at - lag - 1] ?? 0), normal()));
    return values.slice(50).map((value) => value + level);
  };
  const follows = (x: readonly number[], lag: number, share: number): number[] =>
    x.map((_, at) => share * (x[at - lag] ?? 0) + normal());

  const first = autoregressive(120, [0.7], 100);
  const second = autoregressive(90, [0.5, -0.3], 0);
  const third = autoregressive(60, [], 1e3);
  return [
    { name: 'one lag', maxOrder: 14, x: first, y: follows(first, 3, 0.6), maxLag: 14 },
    { name: 'two lags', maxOrder: 14, x: second, y: follows(second, 0, -0.8), maxLag: 10 },
    { name: 'no lag, a large level', maxOrder: 12, x: third, y: times(60, normal), maxLag: 7 },
  ];
}

const RELATIVE = 1e-9;

export function seriesDifferences({ name, x, y, maxLag }: SeriesCase, golden: SeriesGolden): string[] {
  const found: string[] = [];
  const check = (what: string, ours: number | undefined, theirs: number) => {
    const off = Math.abs((ours ?? Number.NaN) - theirs);
    if (!(off <= RELATIVE * Math.max(Math.abs(theirs), 1)))
      found.push(`${name}, ${what}: ${ours}, theirs ${theirs}`);
  };
  const fitted = autoregression(Float64Array.from(x));
  check('order', fitted.order, golden.order);
  check('constant', fitted.constant, golden.constant);
  for (const [at, theirs] of golden.coefficients.entries())
    check(`φ ${at + 1}`, fitted.coefficients[at], theirs);
  const { lags } = laggedCorrelation(x, y, maxLag);
  const at = (lag: number) => lags.find((one) => one.lag === lag)?.r;
  for (const [lag, theirs] of golden.ahead.entries()) check(`lag ${lag}`, at(lag), theirs);
  for (const [lag, theirs] of golden.behind.entries()) check(`lag −${lag}`, at(-lag), theirs);
  return found;
}
