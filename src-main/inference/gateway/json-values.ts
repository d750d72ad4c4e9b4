/** The `data` of a JSON tensor: flat or nested lists of values, each checked against its datatype. */
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import type { LatheError } from '../../contract/errors.ts';
import { brief, dataError, WHOLE_RANGES } from './checks.ts';
import type { InputTensor, Scalar } from './request.ts';
import { NUL_REASON } from './string-walk.ts';

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
  if (wrong >= 0) throw valueError(spec, values, wrong);
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

/**
 * Index of the first value that does not belong to the datatype, or -1. One plain loop for each kind: this runs
 * for every value of every request.
 */
function firstWrong(datatype: Datatype, values: readonly unknown[]): number {
  const { length } = values;
  switch (datatype) {
    case 'FP32':
    case 'FP64':
      for (let at = 0; at < length; at++)
        if (typeof values[at] !== 'number' && values[at] !== null && typeof values[at] !== 'bigint')
          return at;
      return -1;
    case 'BYTES':
      for (let at = 0; at < length; at++) {
        const value = values[at];
        if (typeof value !== 'string' || value.includes('\0')) return at;
      }
      return -1;
    case 'BOOL':
      for (let at = 0; at < length; at++) {
        const value = values[at];
        if (typeof value !== 'boolean' && value !== 0 && value !== 1) return at;
      }
      return -1;
    case 'INT64':
      return values.findIndex((value) => !isWide(value, -(2n ** 63n), 2n ** 63n - 1n));
    case 'UINT64':
      return values.findIndex((value) => !isWide(value, 0n, 2n ** 64n - 1n));
    default: {
      const [low, high] = WHOLE_RANGES[datatype] ?? [0, -1];
      for (let at = 0; at < length; at++) {
        const value = values[at] as number;
        if (!Number.isInteger(value) || value < low || value > high) return at;
      }
      return -1;
    }
  }
}

function isWide(value: unknown, low: bigint, high: bigint): boolean {
  if (typeof value === 'bigint') return value >= low && value <= high;
  return Number.isSafeInteger(value) && (low < 0n || (value as number) >= 0);
}

function valueError(spec: TensorSpec, values: readonly unknown[], at: number): LatheError {
  const value = values[at];
  if (spec.datatype === 'BYTES' && typeof value === 'string')
    return dataError(spec, `value ${at} holds a NUL character${NUL_REASON}`);
  const shown = typeof value === 'bigint' ? String(value) : brief(JSON.stringify(value) ?? String(value), 40);
  return dataError(spec, `value ${at} (${shown}) is not ${spec.datatype}`);
}
