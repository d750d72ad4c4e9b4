import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { bodyProblems, bodyText, parseValue, rowsIn, valueText } from './request-body.ts';

const specs: TensorSpec[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  { name: 's', datatype: 'BYTES', shape: [-1, 1] },
];
const good = {
  inputs: [
    { name: 'x', datatype: 'FP32' as const, shape: [2, 2], data: [1, 2, null, 4] },
    { name: 's', datatype: 'BYTES' as const, shape: [2, 1], data: ["O'Hare", 'b'] },
  ],
};
const problemsOf = (body: unknown) => bodyProblems(JSON.stringify(body), specs);
const changed = (part: object) => ({ inputs: [{ ...good.inputs[0], ...part }, good.inputs[1]] });

describe('a typed value', () => {
  it.each([
    ['FP32', '1.5', 1.5],
    ['FP32', '', null],
    ['FP64', 'NaN', null],
    ['INT64', ' -3 ', -3],
    ['UINT8', '255', 255],
    ['BOOL', 'TRUE', true],
    ['BOOL', '0', false],
    ['BYTES', ' as it is ', ' as it is '],
  ] as const)('of %s: %j', (datatype, text, value) => {
    expect(parseValue(datatype, text)).toEqual({ value });
  });

  it.each([
    ['FP32', 'abc'],
    ['FP32', '1e999'],
    ['INT64', '1.5'],
    ['INT64', ''],
    ['INT64', '9007199254740993'],
    ['UINT8', '256'],
    ['INT8', '-129'],
    ['BOOL', 'maybe'],
  ] as const)('that is no %s is refused: %j', (datatype, text) => {
    expect(parseValue(datatype, text)).toHaveProperty('problem');
  });

  it('is written as it is read', () => {
    expect(valueText('FP32', 1089.400001)).toBe('1089.4');
    expect(valueText('INT32', 3.9)).toBe('3');
    expect(valueText('BOOL', 'true')).toBe('true');
    expect(valueText('FP32', null)).toBe('');
  });
});

describe('a body', () => {
  it('is JSON, one input a line', () => {
    const text = bodyText({ parameters: { lathe_unit: 'u' }, ...good });
    expect(JSON.parse(text)).toEqual({ parameters: { lathe_unit: 'u' }, ...good });
    expect(text.split('\n').filter((line) => line.includes('"name"'))).toHaveLength(2);
    expect(rowsIn(text)).toBe(2);
  });

  it('that fits the signature has no problem, nested or flat', () => {
    expect(problemsOf(good)).toEqual([]);
    expect(
      problemsOf(
        changed({
          data: [
            [1, 2],
            [3, 4],
          ],
        }),
      ),
    ).toEqual([]);
  });

  it.each([
    [{}, 'The body needs "inputs"'],
    [{ inputs: [good.inputs[0]] }, 'The input “s” is missing'],
    [{ inputs: [...good.inputs, good.inputs[0]] }, '“x” is there twice'],
    [{ inputs: [...good.inputs, { name: 'y' }] }, 'no input “y”'],
    [changed({ datatype: 'INT64' }), 'x: the datatype is FP32'],
    [changed({ shape: [2, 3] }), 'x: the shape [2, 3] does not fit [-1, 2]'],
    [changed({ shape: [-1, 2] }), 'whole numbers'],
    [changed({ data: [1] }), 'its shape needs 4 values, and data has 1'],
    [changed({ shape: [1, 2], data: [1, 2] }), 'differ in their rows: 1, 2'],
  ])('that does not fit says what: %#', (body, problem) => {
    expect(problemsOf(body).join()).toContain(problem);
  });

  it('that is no JSON says where', () => {
    expect(bodyProblems('{\n  "inputs": [}', specs).join()).toBe('Not valid JSON from line 2, column 14 on.');
  });
});
