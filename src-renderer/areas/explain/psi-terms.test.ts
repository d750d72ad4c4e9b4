import { expect, it } from 'vitest';
import { psiTerms } from './psi-terms.ts';

const bin = (label: string, reference: number, current: number) => ({
  label,
  lower: null,
  upper: null,
  reference,
  current,
});

it('terms add up to the published value of the worked example', () => {
  // Counts 100/100/100 against 60/120/60: golden value of the monitoring notes, set C.
  const third = 1 / 3;
  const { sum, terms } = psiTerms(
    [bin('a', third, 0.25), bin('b', third, 0.5), bin('c', third, 0.25)],
    ['a', 'b', 'c'],
  );
  expect(sum).toBeCloseTo(0.11552453009332, 12);
  expect(terms[0]?.label).toBe('b');
});

it('an empty bin counts as the floor, never as infinity', () => {
  const { sum, terms } = psiTerms([bin('a', 1, 0.9), bin('new', 0, 0.1)], []);
  expect(Number.isFinite(sum)).toBe(true);
  expect(terms[0]).toMatchObject({ label: 'new', reference: 0 });
});
