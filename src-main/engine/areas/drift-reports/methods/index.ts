/**
 * Exact scores of one column: reference against current, by the methods of Evidently 0.7 with its choice of method, its
 * thresholds and its bins. Pure; equal to the genuine packages to 1e-9 (conformance/monitoring).
 */
import type { ExactMethod } from '../../../../contract/drift-reports.ts';
import { binned, byValue } from './bins.ts';
import { defaultMethod, METHODS } from './choice.ts';
import { jensenShannon, klDivergence, psi, wassersteinNormed } from './distances.ts';
import { chiSquareP, zTestP } from './hypothesis.ts';
import { ksTest } from './ks.ts';
import { type NumericSample, type Sample, sizeOf } from './samples.ts';

export { type Binned, binned } from './bins.ts';
export { datasetDrifted, defaultMethod, METHODS } from './choice.ts';
export { psi } from './distances.ts';
export {
  asCategories,
  type CategoricalSample,
  categoricalSample,
  columnKind,
  type NumericSample,
  numericSample,
  type Sample,
  type SourceType,
  sizeOf,
} from './samples.ts';
export { shownBins } from './shown-bins.ts';

export type ColumnScore =
  | { method: ExactMethod; score: number; threshold: number; drifted: boolean; problem: null }
  | { method: null; score: null; threshold: null; drifted: null; problem: string };

/** `method` and `threshold` instead of the choice by kind, size and distinct values. */
export function scoreColumn(
  reference: Sample,
  current: Sample,
  asked: { method?: ExactMethod | undefined; threshold?: number | undefined } = {},
): ColumnScore {
  const problem = problemOf(reference, current, asked.method);
  if (problem !== null) return none(problem);
  const method = asked.method ?? defaultMethod(reference, current);
  const score = compute(method, reference, current);
  if (score === null || !Number.isFinite(score)) return none(TOO_LARGE);
  const rule = METHODS[method];
  const threshold = asked.threshold ?? rule.threshold;
  return { method, score, threshold, drifted: rule.drifted(score, threshold), problem: null };
}

const TOO_LARGE = 'Its values are too large to be told apart by their distance.';
const none = (problem: string): ColumnScore => ({
  method: null,
  score: null,
  threshold: null,
  drifted: null,
  problem,
});

function problemOf(reference: Sample, current: Sample, method: ExactMethod | undefined): string | null {
  if (sizeOf(reference) === 0) return 'The reference has no value of it: all are missing or not finite.';
  if (sizeOf(current) === 0) return 'The current data has no value of it: all are missing or not finite.';
  if (reference.kind !== current.kind)
    return `It is ${reference.kind} in the reference and ${current.kind} in the current data.`;
  if (method && !METHODS[method].kinds.includes(reference.kind))
    return `The method ${method} does not take ${reference.kind} columns.`;
  return null;
}

/** Null when there are no bins. */
function compute(method: ExactMethod, reference: Sample, current: Sample): number | null {
  switch (method) {
    case 'evidently.ks@0.7':
      return ksTest((reference as NumericSample).values, (current as NumericSample).values).p;
    case 'evidently.wasserstein@0.7':
      return wassersteinNormed((reference as NumericSample).values, (current as NumericSample).values);
    case 'evidently.chisquare@0.7':
      return chiSquareP(byValue(reference, current));
    case 'evidently.z@0.7':
      return zTestP(byValue(reference, current));
    default: {
      const bins = binned(reference, current);
      if (bins === null) return null;
      if (method === 'evidently.psi@0.7') return psi(bins);
      return method === 'evidently.kl_div@0.7' ? klDivergence(bins) : jensenShannon(bins);
    }
  }
}
