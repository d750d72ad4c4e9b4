import { expect, test } from 'vitest';
import { viewOfText } from './file-kind.ts';

test.each([
  ['notes.md', '# x', 'text'],
  ['x.csv', 'a,b\n1,2\n', 'table'],
  ['x.csv', 'only a header\n', 'text'],
  ['x.json', '{"a":1}', 'json'],
  ['x.json', '{broken', 'text'],
  ['x.json', '{\n  "a": 1\n}\n', 'text'],
  ['code.patch', 'diff', 'patch'],
  ['no-extension', 'a,b', 'text'],
])('%s with %j is shown as %s', (path, text, kind) => expect(viewOfText(path, text, true).kind).toBe(kind));

test('separators are found, and more rows than are shown are told', () => {
  expect(viewOfText('a.csv', 'a;b\n1;2\n', true)).toMatchObject({ header: ['a', 'b'], rows: [['1', '2']] });
  expect(viewOfText('a.tsv', 'a\tb\n1,5\t2\n', true)).toMatchObject({
    rows: [['1,5', '2']],
    moreRows: false,
  });
  const many = `n\n${Array.from({ length: 500 }, (_, at) => `${at}\n`).join('')}`;
  expect(viewOfText('a.csv', many, true)).toMatchObject({ moreRows: true, rows: { length: 200 } });
});

test('of a beginning the last, perhaps half, row is left out', () => {
  expect(viewOfText('a.csv', 'a,b\n1,2\n3,', false)).toMatchObject({ rows: [['1', '2']], moreRows: true });
});

test('numbers of JSON that would change are no matter: only spaces are added', () => {
  expect(viewOfText('x.json', '[1,2]', true)).toEqual({ kind: 'json', formatted: '[\n  1,\n  2\n]' });
});
