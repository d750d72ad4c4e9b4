import { expect, it } from 'vitest';
import { askedIn } from './drift-report-options.ts';

it('reads methods and thresholds of kinds and columns', () => {
  expect(askedIn({})).toEqual({});
  expect(
    askedIn({
      ...{ numeric: 'ks:0.01', categorical: '0.2', 'drift-share': '0.3' },
      column: ['age=wasserstein', 'a=b=psi:0.25', 'city=0.4'],
    }),
  ).toEqual({
    numeric: { method: 'evidently.ks@0.7', threshold: 0.01 },
    categorical: { threshold: 0.2 },
    driftShare: 0.3,
    byColumn: {
      age: { method: 'evidently.wasserstein@0.7' },
      'a=b': { method: 'evidently.psi@0.7', threshold: 0.25 },
      city: { threshold: 0.4 },
    },
  });
});

it.each([
  [{ numeric: 'mann-whitney' }, /methods are ks, chisquare/],
  [{ numeric: 'ks:0' }, /--numeric/],
  [{ numeric: 'ks:0.1:0.2' }, /--numeric/],
  [{ categorical: '' }, /--categorical/],
  [{ categorical: 'psi:' }, /--categorical/],
  [{ column: ['psi'] }, /NAME=METHOD/],
  [{ column: ['age='] }, /--column/],
  [{ 'drift-share': '50' }, /0 to 1/],
])('refuses %j', (flags, words) => {
  expect(() => askedIn(flags)).toThrow(words);
});
