/** The `data` of a JSON tensor: flat or nested lists of values, each checked against its datatype. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import { brief, dataError, NUL_REASON, WHOLE_RANGES } from './checks.ts';
import type { InputTensor, Scalar } from './request.ts';

/** The tensor of one input. Throws LATHE_SERVING_INPUT_DATA. */
export function jsonTensor(spec: TensorSpec, shape: number[], count: number, data: unknown): InputTensor {
  const { name, datatype } = spec;
  if (!Array.isArray(data)) throw dataError(spec, 'data must be a list');
  if (datatype === 'FP16' || datatype === 'BF16')
    throw dataError(spec, `${datatype} cannot be written in JSON; send it as binary data`);
  const values: unknown[] = Array.isArray(data[0]) ? flatten(spec, data, shape) : data;
  if (values.length !== count)
    throw dataError(spec, `its shape needs ${count} values and data has ${values.length}`);
  const wrong = firstWrong(datatype, values);
  if (wrong >= 0)
    throw dataError(spec, `value ${wrong} (${describeValue(values[wrong])}) is not ${datatype}`);
  if (datatype === 'BYTES') {
    const cut = values.findIndex((value) => (value as string).includes('\0'));
    if (cut >= 0) throw dataError(spec, `value ${cut} holds a NUL character${NUL_REASON}`);
  }
  return { name, datatype, shape, count, values: values as Scalar[], raw: null };
}

/** Nested lists must follow the shape exactly; the depth of the recursion is the rank. */
function flatten(spec: TensorSpec, data: readonly unknown[], shape: readonly number[]): unknown[] {
  const values: unknown[] = [];
  const walk = (level: unknown, axis: number) => {
    if (axis === shape.length) {
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis])
      throw dataError(spec, `the nested lists do not follow the shape [${shape}]`);
    for (const part of level) walk(part, axis + 1);
  };
  walk(data, 0);
  return values;
}

/** Index of the first value that does not belong to the datatype, or -1. */
function firstWrong(datatype: Datatype, values: readonly unknown[]): number {
  switch (datatype) {
    case 'FP32':
    case 'FP64':
      return values.findIndex((value) => typeof value !== 'number' && value !== null);
    case 'BYTES':
      return values.findIndex((value) => typeof value !== 'string');
    case 'BOOL':
      return values.findIndex((value) => typeof value !== 'boolean' && value !== 0 && value !== 1);
    case 'INT64':
      return values.findIndex((value) => !isWide(value, -(2n ** 63n), 2n ** 63n - 1n));
    case 'UINT64':
      return values.findIndex((value) => !isWide(value, 0n, 2n ** 64n - 1n));
    default: {
      const [low, high] = WHOLE_RANGES[datatype] ?? [0, -1];
      return values.findIndex(
        (value) => !Number.isInteger(value) || (value as number) < low || (value as number) > high,
      );
    }
  }
}

function isWide(value: unknown, low: bigint, high: bigint): boolean {
  if (typeof value === 'bigint') return value >= low && value <= high;
  return Number.isSafeInteger(value) && (low < 0n || (value as number) >= 0);
}

const describeValue = (value: unknown): string =>
  typeof value === 'bigint' ? String(value) : brief(JSON.stringify(value) ?? String(value), 40);
