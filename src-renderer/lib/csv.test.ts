import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLines, parseCsv, toCsv } from './csv.ts';

test('what is written is read back, whatever it holds', () => {
  const value = fc
    .array(fc.constantFrom('a', ',', '"', '\n', '\r\n', 'ü', ' ', "'", ';'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  const row = fc.array(value, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      // A value at the beginning of which a spreadsheet would see a formula gets a quote in front.
      const kept = rows.map((one) => one.map((text) => (/^[\t\r]/.test(text) ? `'${text}` : text)));
      expect(parseCsv(csvLines(rows), ',', 100)).toEqual(kept);
    }),
  );
});

test('CSV quotes what needs it, and disarms what a spreadsheet would run', () => {
  const csv = toCsv(
    ['a,b'],
    [
      ['x"y', -1.5],
      ['=cmd()', null],
      ['-2', 'line\nbreak'],
      ['@x', '+'],
    ],
  );
  expect(csv).toBe('\uFEFF"a,b"\r\n"x""y",-1.5\r\n\'=cmd(),\r\n-2,"line\nbreak"\r\n\'@x,\'+\r\n');
});

test('a file begins with a mark, and reading leaves it out', () => {
  const text = toCsv(['a', 'b'], [[1, null]]);
  expect(text.charCodeAt(0)).toBe(0xfeff);
  expect(parseCsv(text, ',', 10)).toEqual([
    ['a', 'b'],
    ['1', ''],
  ]);
});

test.each([
  ['a,b\nc', [['a', 'b'], ['c']]],
  [
    'a,\n,b\n',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a,', [['a', '']]],
  ['', []],
  ['"open, and', [['open, and']]],
  ['"a"b,c', [['ab', 'c']]],
])('%j is read', (text, rows) => expect(parseCsv(text, ',', 10)).toEqual(rows));

test('only so many rows are read', () => {
  expect(parseCsv('1\n2\n3\n', ',', 2)).toEqual([['1'], ['2']]);
});
