/** What the genuine statsmodels gave for a pair of series, and what of ours differs by more than a relative 1e-9. */
import { autoregression } from './autoregression.rules.ts';
import { laggedCorrelation } from './correlation.rules.ts';

export type SeriesCase = { name: string; x: number[]; y: number[]; maxLag: number };
export type SeriesGolden = {
  name: string;
  order: number;
  constant: number;
  coefficients: number[];
  /** r at lag 0, 1, …: x leads; then the same with y leading. */
  ahead: number[];
  behind: number[];
};

const RELATIVE = 1e-9;

export function seriesDifferences({ name, x, y, maxLag }: SeriesCase, golden: SeriesGolden): string[] {
  const found: string[] = [];
  const check = (what: string, ours: number | undefined, theirs: number) => {
    const off = Math.abs((ours ?? Number.NaN) - theirs);
    if (!(off <= RELATIVE * Math.max(Math.abs(theirs), 1)))
      found.push(`${name}, ${what}: ${ours}, theirs ${theirs}`);
  };
  const fitted = autoregression(x);
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
