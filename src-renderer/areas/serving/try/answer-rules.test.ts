import { expect, it } from 'vitest';
import { LatheError } from '../../../../src-main/contract/errors.ts';
import { readAnswer, rowOf, topClasses } from './answer-rules.ts';

const answer = (outputs: unknown[]) =>
  readAnswer({
    status: 200,
    body: JSON.stringify({ model_version: '2', id: 'i', parameters: { lathe_arm: 'b' }, outputs }),
  });
const output = (shape: number[], data: unknown[], datatype = 'FP32') => {
  const read = answer([{ name: 'y', datatype, shape, data }]);
  if (read.kind !== 'outputs' || !read.outputs[0]) throw new Error('no output was read');
  return read.outputs[0];
};

it('outputs are read row by row', () => {
  expect(answer([])).toMatchObject({ kind: 'outputs', arm: 'b', version: '2', id: 'i' });
  const two = output([2, 3], [1, 2, 3, 4, 5, 6]);
  expect([rowOf(two, 0), rowOf(two, 1)]).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

it('rows that add up to 1 are classes; one that does not makes them numbers', () => {
  const classes = output([2, 3], [0.2, 0.7, 0.1, 0.5, 0.25, 0.25]);
  expect(classes.probabilities).toBe(true);
  expect(topClasses(classes, 0, 2)).toEqual([
    { at: 1, share: 0.7 },
    { at: 0, share: 0.2 },
  ]);
  expect(output([2, 3], [0.2, 0.7, 0.1, 0.5, 0.25, 0.5]).probabilities).toBe(false);
  expect(output([1, 2], [1.5, -0.5]).probabilities).toBe(false);
  expect(output([2, 1], [1, 1]).probabilities).toBe(false);
  expect(output([1, 2], [null, 1]).probabilities).toBe(false);
  expect(output([1, 2], [0, 1], 'INT64').probabilities).toBe(false);
});

it('a refusal keeps the catalogue’s words; what is no answer stays as it is', () => {
  const { code, cause, remedy } = new LatheError('LATHE_SERVING_INPUT_MISSING', {
    name: 'e',
    input: 'x',
  }).report();
  expect(readAnswer({ status: 400, body: JSON.stringify({ error: 'e', code, cause, remedy }) })).toEqual({
    kind: 'refusal',
    code,
    cause,
    remedy,
  });
  expect(readAnswer({ status: 502, body: '<html>' })).toEqual({ kind: 'other' });
});
