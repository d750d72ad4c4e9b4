/** Which columns of a table a version's inputs are, and how each is watched. Pure. */
import type { Datatype, TensorSpec } from '../../../contract/common.ts';
import type { ReferencePreview } from '../../../contract/references.ts';

export type Watched = { feature: string; datatype: Datatype };
export type ColumnRole = ReferencePreview['columns'][number]['role'];

/** Features as the tap names them: of an input x with several values a row they are x[0], x[1], … */
export function featuresOf(inputs: readonly TensorSpec[]): Watched[] {
  return inputs.flatMap(({ name, datatype, shape }) => {
    const width = shape.slice(1).reduce((product, size) => product * Math.max(size, 1), 1);
    if (width <= 1) return [{ feature: name, datatype }];
    return Array.from({ length: width }, (_, at) => ({ feature: `${name}[${at}]`, datatype }));
  });
}

export const kindOf = (datatype: Datatype): 'numeric' | 'categorical' =>
  datatype === 'BYTES' || datatype === 'BOOL' ? 'categorical' : 'numeric';

const PREDICTIONS = /^(prediction|predicted|score|probability|y_pred|y_score|\$score)$/i;
const LABELS = /^(label|target|truth|ground_truth|y|y_true|\$label)$/i;

/** What a column that is no input is taken for, by its name. */
export function roleOf(name: string, features: ReadonlySet<string>): ColumnRole {
  if (features.has(name)) return 'input';
  if (PREDICTIONS.test(name)) return 'prediction';
  return LABELS.test(name) ? 'label' : 'other';
}

/** Texts that stand for a missing number. */
export const MISSING_TEXTS = ['', 'na', 'n/a', 'nan', 'null', 'none'] as const;

export type ColumnFacts = {
  /** As sourceType of the analysis process tells it. */
  source: 'float' | 'integer' | 'text' | 'boolean' | null;
  type: string;
  rows: number;
  missing: number;
  /** Of a text column that the model reads as numbers: values that are none. */
  notNumbers: number;
};

/** Why a column cannot be watched as the model reads it; null when it can. */
export function problemOf(
  datatype: Datatype,
  { source, type, rows, missing, notNumbers }: ColumnFacts,
): string | null {
  if (source === null) return `Its type, ${type}, is none that a model reads.`;
  if (missing >= rows) return 'All of its values are missing.';
  if (kindOf(datatype) === 'numeric') {
    if (notNumbers > 0)
      return `The model reads numbers, and ${notNumbers} of its values ${notNumbers === 1 ? 'is' : 'are'} text.`;
    return null;
  }
  if (datatype === 'BOOL' && source === 'float')
    return 'The model reads true and false, and it has fractions.';
  return null;
}
