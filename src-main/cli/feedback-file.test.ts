import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvItem, csvRow, jsonItem } from './feedback-file.ts';

describe('a file of feedback', () => {
  it('is read from JSON lines', () => {
    expect(jsonItem('{"requestId":"a","reward":1}')).toEqual({ requestId: 'a', reward: 1 });
    expect(() => jsonItem('{"requestId":"a"}')).toThrow('give a reward, a label, or both');
    expect(() => jsonItem('{"reward":1}')).toThrow('give either requestId or predictionId');
    expect(() => jsonItem('{')).toThrow();
  });

  it('is read from CSV, whose empty cells are left out', () => {
    const header = csvRow('requestId,row,reward,label,atMs');
    expect(csvItem(header, csvRow('a,2,,"it said ""no"", twice",1790000000000'))).toEqual({
      ...{ requestId: 'a', row: 2, label: 'it said "no", twice', atMs: 1_790_000_000_000 },
    });
    expect(csvItem(header, csvRow('a,,-0.5,,'))).toEqual({ requestId: 'a', reward: -0.5 });
    expect(() => csvItem(header, csvRow('a,,much,,'))).toThrow('reward');
    expect(() => csvItem(header, csvRow('a,1'))).toThrow('2 cells where the header has 5');
    expect(() => csvItem(['id', 'reward'], ['a', '1'])).toThrow('no column id');
    expect(() => csvRow('"a')).toThrow('not closed');
    expect(() => csvRow('"a"b')).toThrow('after a closing quote');
  });

  it('gives back any cells that were quoted', () => {
    const cell = fc.string().filter((text) => !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        const line = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        expect(csvRow(line)).toEqual(cells);
      }),
    );
  });
});
