import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { columnsOf, csvDraft, MOST_ROWS, separatorOf } from './csv-rows.ts';
import type { InferBody } from './request-body.ts';

const specs: TensorSpec[] = [
  { name: 'distance', datatype: 'FP32', shape: [-1, 1] },
  { name: 'origin', datatype: 'BYTES', shape: [-1, 1] },
  { name: 'x', datatype: 'INT64', shape: [-1, 2] },
];
const inputsOf = (text: string) => {
  const draft = csvDraft(specs, text, '');
  if (!('text' in draft)) throw new Error(draft.problem);
  return (JSON.parse(draft.text) as InferBody).inputs.map(({ name, shape, data }) => ({ name, shape, data }));
};
const problemOf = (text: string) => {
  const draft = csvDraft(specs, text, '');
  return 'problem' in draft ? draft.problem : null;
};
const two = [
  { name: 'distance', shape: [2, 1], data: [10.5, null] },
  { name: 'origin', shape: [2, 1], data: ['New York, NY', 'b'] },
  { name: 'x', shape: [2, 2], data: [1, 2, 3, 4] },
];

describe('rows as CSV', () => {
  it('are taken in the order of the signature without a header', () => {
    expect(inputsOf('10.5,"New York, NY",1,2\n,b,3,4\n')).toEqual(two);
  });

  it('are taken by name with one, in any order and with more columns than are needed', () => {
    expect(inputsOf('id;x[1];x[0];origin;distance\r\n7;2;1;New York, NY;10.5\r\n8;4;3;b;\r\n')).toEqual(two);
    expect(separatorOf('a\tb\tc')).toBe('\t');
  });

  it('say what is wrong, and where', () => {
    expect(problemOf('')).toContain('Paste a row');
    expect(problemOf('1,2')).toContain('needs 4 values in the order of the signature, and it has 2');
    expect(problemOf('distance,origin,x[0]\n1,a,2')).toBe('The header lacks x[1].');
    expect(problemOf('distance,origin,x[0],x[1]')).toContain('no row under it');
    expect(problemOf('1,a,2,3\n1,a,2,3.5')).toBe('Row 2, x[1]: INT64 takes whole numbers.');
    expect(problemOf('1,a,2,3\n1,a,2')).toContain('Row 2, x[1]: the row has only 3 values');
    expect(problemOf('1,a,2,3\n'.repeat(MOST_ROWS + 1))).toContain(`At most ${MOST_ROWS}`);
  });

  it('need a row of a known width', () => {
    expect(columnsOf([{ name: 'ids', datatype: 'INT64', shape: [-1, -1] }])).toBeNull();
    expect(columnsOf(specs)).toEqual(['distance', 'origin', 'x[0]', 'x[1]']);
  });
});
