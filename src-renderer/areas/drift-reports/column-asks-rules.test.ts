import { expect, test } from 'vitest';
import { checkAsks, newAsk } from './column-asks-rules.ts';

const noAsk = newAsk([]);

test('columns have a method, a limit or both of their own', () => {
  const psi = 'evidently.psi@0.7' as const;
  expect(
    checkAsks([
      { ...noAsk, column: ' age ', method: psi, threshold: '' },
      { ...noAsk, column: 'city', method: '', threshold: '0,3' },
      { ...noAsk, column: 'pay', method: psi, threshold: '0.2' },
    ]),
  ).toEqual({
    byColumn: { age: { method: psi }, city: { threshold: 0.3 }, pay: { method: psi, threshold: 0.2 } },
    problems: [null, null, null],
  });
  expect(checkAsks([]).byColumn).toEqual({});
  expect(newAsk([{ id: 3 }, { id: 2 }]).id).toBe(4);
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
