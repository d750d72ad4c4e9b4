import { expect, test } from 'vitest';
import { checkAsks, noAsk } from './column-asks-rules.ts';

test('columns have a method, a limit or both of their own', () => {
  const psi = 'evidently.psi@0.7' as const;
  expect(
    checkAsks([
      { column: ' age ', method: psi, threshold: '' },
      { column: 'city', method: '', threshold: '0,3' },
      { column: 'pay', method: psi, threshold: '0.2' },
    ]),
  ).toEqual({
    byColumn: { age: { method: psi }, city: { threshold: 0.3 }, pay: { method: psi, threshold: 0.2 } },
    problems: [null, null, null],
  });
  expect(checkAsks([]).byColumn).toEqual({});
});

test.each([
  [[noAsk], /name/],
  [[{ ...noAsk, column: 'age' }], /method, or enter a limit/],
  [[{ ...noAsk, column: 'age', threshold: '0' }], /above 0/],
  [[{ ...noAsk, column: 'age', threshold: 'x' }], /above 0/],
  [
    [
      { ...noAsk, column: 'age', threshold: '1' },
      { ...noAsk, column: 'age ', threshold: '2' },
    ],
    /already/,
  ],
])('%j is told where it is', (drafts, words) => {
  const { byColumn, problems } = checkAsks(drafts);
  expect(byColumn).toBeNull();
  expect(problems.at(-1)).toMatch(words);
});
