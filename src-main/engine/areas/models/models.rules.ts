/** Pure parts of the registry: which output is the prediction. */
import type { TensorSpec } from '../../../contract/common.ts';
import type { PredictionSpec } from '../../../contract/models.ts';

const NUMBERS = new Set(['FP16', 'FP32', 'FP64', 'BF16']);

/**
 * The convention of scikit-learn's converters: `probabilities` of two columns and `label` is a binary classifier,
 * the second column being the positive class. One number a row is a regression. Anything else is only served.
 */
export function guessPrediction(outputs: readonly TensorSpec[]): PredictionSpec {
  const label = outputs.find((output) => output.name === 'label' || output.name === 'output_label');
  const scores = outputs.find(
    ({ name, datatype, shape }) =>
      (name === 'probabilities' || name === 'output_probability') &&
      NUMBERS.has(datatype) &&
      shape.length === 2 &&
      shape[1] === 2,
  );
  if (scores)
    return {
      task: 'binary-classification',
      label: label?.name ?? null,
      score: { output: scores.name, index: 1 },
      threshold: 0.5,
    };
  const [only, ...others] = outputs;
  const isOneNumber =
    only && others.length === 0 && NUMBERS.has(only.datatype) && only.shape.slice(1).every((d) => d === 1);
  return {
    task: isOneNumber ? 'regression' : 'other',
    label: isOneNumber ? only.name : null,
    score: null,
    threshold: 0.5,
  };
}
