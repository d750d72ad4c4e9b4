/** Served rows as monitoring wants them: features by name, the predicted label and score. */
import type { FeatureValue } from '../../contract/common.ts';
import type { ModelSpec, Prediction } from '../../platform/link.ts';
import { predictionId, requestKey } from '../../platform/prediction-id.ts';
import type { InferRequest, InputTensor, OutputTensor, Scalar } from './request.ts';
import { toValues } from './tensor-frames.ts';

/** Wider inputs (images, embeddings) are not features that anyone charts by name. */
const MAX_COLUMNS = 256;

export type Served = Omit<Prediction, 'id' | 'features' | 'label' | 'score'> & { requestId: string };

/** One prediction per row. A matrix input `x` gives the features x[0], x[1], … */
export function predictionsOf(
  served: Served,
  spec: ModelSpec['prediction'],
  request: InferRequest,
  outputs: readonly OutputTensor[],
): Prediction[] {
  const { requestId, ...common } = served;
  const key = requestKey(requestId);
  const columns = request.inputs.flatMap((input) => columnsOf(input, request.rows));
  const label = outputs.find((output) => output.name === spec.label);
  const score = outputs.find((output) => output.name === spec.score?.output);
  const rows: Prediction[] = [];
  for (let row = 0; row < request.rows; row++) {
    const features: Record<string, FeatureValue> = {};
    for (const { name, values, width, offset } of columns)
      features[name] = featureValue(values[row * width + offset] as Scalar);
    const scored = score && spec.score ? numberAt(score, row, request.rows, spec.score.index) : null;
    rows.push({
      ...common,
      id: predictionId(key, request.rows === 1 ? null : row),
      features,
      label: label ? labelAt(label, row, request.rows) : fromScore(scored, spec.threshold),
      score: scored,
    });
  }
  return rows;
}

type Column = { name: string; values: ArrayLike<Scalar>; width: number; offset: number };

function columnsOf(input: InputTensor, rows: number): Column[] {
  const width = input.count / rows;
  const half = input.datatype === 'FP16' || input.datatype === 'BF16';
  if (width > MAX_COLUMNS || !Number.isInteger(width) || half) return [];
  const values = input.values ?? (input.raw && toValues(input.datatype, input.raw, input.count));
  if (!values) return [];
  const { name } = input;
  if (width === 1) return [{ name, values, width, offset: 0 }];
  return Array.from({ length: width }, (_, offset) => ({
    name: `${name}[${offset}]`,
    values,
    width,
    offset,
  }));
}

function featureValue(value: Scalar): FeatureValue {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return value;
}

const widthOf = (output: OutputTensor, rows: number): number => (output.to - output.from) / rows;

function numberAt(output: OutputTensor, row: number, rows: number, index: number): number | null {
  const width = widthOf(output, rows);
  if (index >= width) return null;
  const value = Number(output.values[output.from + row * width + index]);
  return Number.isFinite(value) ? value : null;
}

function labelAt(output: OutputTensor, row: number, rows: number): string | null {
  const value = output.values[output.from + row * widthOf(output, rows)];
  if (value === undefined) return null;
  return output.datatype === 'BOOL' ? String(Boolean(value)) : String(value);
}

/** A model that gives only a score predicts "1" from the threshold on. */
const fromScore = (score: number | null, threshold: number): string | null =>
  score === null ? null : score >= threshold ? '1' : '0';
