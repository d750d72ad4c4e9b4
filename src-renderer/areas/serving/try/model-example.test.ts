import { expect, it } from 'vitest';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { exampleFeatures } from './model-example.ts';

const table = (columns: string[], rows: string[][]) => ({ columns, rows, more: 0, text: null });
const text = (value: unknown) => ({ columns: [], rows: [], more: 0, text: JSON.stringify(value) });
const scalars: TensorSpec[] = [
  { name: 'a', datatype: 'FP32', shape: [-1, 1] },
  { name: 'b', datatype: 'BYTES', shape: [-1, 1] },
];
const vector: TensorSpec[] = [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }];

it('the first row of an example begins the form, however it was saved', () => {
  expect(exampleFeatures(table(['a', 'b'], [['1', 'k']]), scalars)).toEqual({ a: '1', b: 'k' });
  expect(exampleFeatures(table(['0', '1'], [['1', '2']]), vector)).toEqual({ 'x[0]': '1', 'x[1]': '2' });
  expect(
    exampleFeatures(
      text([
        [1, 2],
        [3, 4],
      ]),
      vector,
    ),
  ).toEqual({ 'x[0]': '1', 'x[1]': '2' });
});

it('an example that does not fit is none', () => {
  expect(exampleFeatures(table(['c'], [['1']]), scalars)).toBeNull();
  expect(exampleFeatures(text([1, 2, 3]), vector)).toBeNull();
  expect(exampleFeatures({ ...text(0), text: '[[1, 2], …' }, vector)).toBeNull();
  expect(exampleFeatures(null, vector)).toBeNull();
});
