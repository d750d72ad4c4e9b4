/** Which method scores a column, and what its score says: the choices and defaults of Evidently 0.7 (`registry.py`). */
import type { ExactMethod } from '../../../../contract/drift-reports.ts';
import { distinctUpTo, type NumericSample, type Sample, sizeOf } from './samples.ts';

export type MethodRule = {
  threshold: number;
  /** A p value says drift when it is small, a distance when it is large; equality counts as the reference has it. */
  drifted(score: number, threshold: number): boolean;
  /** Kinds that a user may ask it for. The choice below takes chi-square and Z for numbers of few values too. */
  kinds: readonly Sample['kind'][];
};

const below = (score: number, threshold: number) => score < threshold;
const atMost = (score: number, threshold: number) => score <= threshold;
const atLeast = (score: number, threshold: number) => score >= threshold;
const BOTH = ['numeric', 'categorical'] as const;

export const METHODS: Readonly<Record<ExactMethod, MethodRule>> = {
  'evidently.ks@0.7': { threshold: 0.05, drifted: atMost, kinds: ['numeric'] },
  'evidently.chisquare@0.7': { threshold: 0.05, drifted: below, kinds: ['categorical'] },
  'evidently.z@0.7': { threshold: 0.05, drifted: below, kinds: ['categorical'] },
  'evidently.wasserstein@0.7': { threshold: 0.1, drifted: atLeast, kinds: ['numeric'] },
  'evidently.jensenshannon@0.7': { threshold: 0.1, drifted: atLeast, kinds: BOTH },
  'evidently.psi@0.7': { threshold: 0.1, drifted: atLeast, kinds: BOTH },
  'evidently.kl_div@0.7': { threshold: 0.1, drifted: atLeast, kinds: BOTH },
};

/** A reference of more rows is scored by a distance, one of fewer by a test. The current side's size plays no part. */
const LARGE_REFERENCE = 1000;
/** Numbers with at most so many distinct values are scored as categories. */
const FEW_NUMBERS = 5;

/** Both sides of one kind, neither empty. */
export function defaultMethod(reference: Sample, current: Sample): ExactMethod {
  const distinct = distinctOf(reference, current);
  const numeric = reference.kind === 'numeric' && distinct > FEW_NUMBERS;
  if (sizeOf(reference) > LARGE_REFERENCE)
    return numeric ? 'evidently.wasserstein@0.7' : 'evidently.jensenshannon@0.7';
  if (numeric) return 'evidently.ks@0.7';
  return distinct > 2 ? 'evidently.chisquare@0.7' : 'evidently.z@0.7';
}

function distinctOf(reference: Sample, current: Sample): number {
  if (reference.kind === 'numeric')
    return distinctUpTo(FEW_NUMBERS, reference.values, (current as NumericSample).values);
  let found = reference.counts.size;
  if (current.kind === 'categorical')
    for (const key of current.counts.keys()) if (!reference.counts.has(key)) found += 1;
  return found;
}

/** Whether a dataset counts as drifted: the share of drifted columns reaches `driftShare` (`get_dataset_drift`). */
export const datasetDrifted = (drifted: number, columns: number, driftShare: number): boolean =>
  columns > 0 && drifted / columns >= driftShare;
