/** Pure parts of the registry: which output is the prediction. */
import type { TensorSpec } from '../../../contract/common.ts';
import type { PredictionSpec } from '../../../contract/models.ts';

const NUMBERS = new Set(['FP16', 'FP32', 'FP64', 'BF16']);

/**
 * The convention of scikit-learn's converters: `probabilities` of two columns and `label` is a binary classifier,
 * the second column being the positive class. One number a row is a regression. Of anything else a label is read at most.
 */
export function guessPrediction(outputs: readonly TensorSpec[]): PredictionSpec {
  const label = labelOf(outputs);
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

/** What a number can be read from. */
const SCORES = new Set(['FP32', 'FP64']);

/**
 * What else of the outputs is watched. A regression's number is its score too, or its drift would not be told; a class that is
 * no binary one's is a label, which can be right. Versions are kept with what they were registered with, which may say
 * neither.
 */
export function readFrom(prediction: PredictionSpec, outputs: readonly TensorSpec[]): PredictionSpec {
  const { task, label, score } = prediction;
  if (task === 'other' && label === null) return { ...prediction, label: labelOf(outputs)?.name ?? null };
  const number = outputs.find(({ name, datatype }) => name === label && SCORES.has(datatype));
  if (task !== 'regression' || score !== null || !number) return prediction;
  return { ...prediction, score: { output: number.name, index: 0 } };
}

const labelOf = (outputs: readonly TensorSpec[]) =>
  outputs.find(({ name }) => name === 'label' || name === 'output_label');
