import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { formDraft, formValues, kindOf, tensorOf } from './form-rules.ts';
import type { InferBody } from './request-body.ts';

const scalar: TensorSpec = { name: 'distance', datatype: 'FP32', shape: [-1, 1] };
const vector: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 4] };
const matrix: TensorSpec = { name: 'm', datatype: 'FP64', shape: [-1, 8, 4] };
const sequence: TensorSpec = { name: 'ids', datatype: 'INT64', shape: [-1, -1] };
const free: TensorSpec = { name: 'f', datatype: 'FP32', shape: [-1, -1, -1] };

describe('the form', () => {
  it('has a field for each value of a small row and one text for the rest', () => {
    expect([scalar, vector, matrix, sequence].map(kindOf)).toEqual(['cells', 'cells', 'text', 'text']);
  });

  it('begins with what is known, by the names of the log', () => {
    const values = formValues([scalar, vector], { distance: 1089.4, 'x[0]': 1, 'x[1]': null, 'x[3]': 2.5 });
    expect(values).toEqual({ distance: ['1089.4'], x: ['1', '', '0', '2.5'] });
    const draft = formDraft([scalar, vector], values, ' UA1 ');
    expect('text' in draft && (JSON.parse(draft.text) as InferBody)).toEqual({
      parameters: { lathe_unit: 'UA1' },
      inputs: [
        { name: 'distance', datatype: 'FP32', shape: [1, 1], data: [1089.4] },
        { name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, null, 0, 2.5] },
      ],
    });
  });

  it('says which value is wrong', () => {
    expect(tensorOf(vector, ['1', '2', 'three', '4'])).toEqual({
      problem: { at: 2, text: '“three” is no number.' },
    });
    expect(formDraft([vector], { x: ['1', '2', 'three', '4'] }, '')).toHaveProperty('problem');
  });

  it('refuses what JSON cannot carry', () => {
    const half: TensorSpec = { name: 'h', datatype: 'FP16', shape: [-1, 1] };
    expect(tensorOf(half, ['1'])).toMatchObject({ problem: { text: expect.stringContaining('binary') } });
  });
});

describe('a text', () => {
  it('fills its shape, however it is parted', () => {
    const numbers = Array.from({ length: 32 }, (_, at) => at);
    for (const text of [numbers.join(' '), numbers.join(',\n'), JSON.stringify(numbers)])
      expect(tensorOf(matrix, [text])).toMatchObject({ input: { shape: [1, 8, 4], data: numbers } });
    expect(tensorOf(matrix, ['1 2 3'])).toMatchObject({
      problem: { text: 'It takes 32 values, and there are 3.' },
    });
  });

  it('decides the free dimensions', () => {
    expect(tensorOf(sequence, ['5 6 7'])).toMatchObject({ input: { shape: [1, 3], data: [5, 6, 7] } });
    expect(tensorOf(free, ['1 2 3\n4 5 6'])).toMatchObject({ input: { shape: [1, 2, 3] } });
    expect(tensorOf(free, ['1 2 3\n4 5'])).toHaveProperty('problem');
    expect(tensorOf(free, ['[[1,2],[3,4],[5,6]]'])).toMatchObject({ input: { shape: [1, 3, 2] } });
    expect(tensorOf(free, ['[[[1,2]],[[3,4]]]'])).toMatchObject({ input: { shape: [2, 1, 2] } });
    expect(tensorOf(free, ['[[1,2],[3]]'])).toHaveProperty('problem');
  });

  it('holds one string a line', () => {
    const words: TensorSpec = { name: 'w', datatype: 'BYTES', shape: [-1, -1] };
    expect(tensorOf(words, ['New York, NY\nO’Hare'])).toMatchObject({
      input: { shape: [1, 2], data: ['New York, NY', 'O’Hare'] },
    });
  });

  it('as it was filled in is a request again', () => {
    const dim = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(dim, dim, (rows, columns) => {
        const spec: TensorSpec = { name: 't', datatype: 'FP32', shape: [-1, rows, columns] };
        expect(tensorOf(spec, formValues([spec], null).t ?? [])).toMatchObject({
          input: { shape: [1, rows, columns], data: new Array(rows * columns).fill(0) },
        });
      }),
    );
  });
});
