import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addChange, addLabel, emptyChange, regressionSums } from './cohorts.rules.ts';
import { type Decision, isRight, labelEffect, labelProblem } from './judging.rules.ts';

const binary: Decision = { task: 'binary', threshold: 0.5 };
const regression: Decision = { task: 'regression', threshold: 0.5 };
const truth = (label: string, delayMs: number | null = null) => ({ label, byEntity: false, delayMs });

describe('a label of a binary model', () => {
  it('is judged by the threshold and read as 1/0 or true/false', () => {
    const good = labelEffect(binary, { label: '0', score: 0.7 }, truth('true'));
    expect(good).toMatchObject({ cell: 'tp', right: true, logLoss: -Math.log(0.7), scoreBin: 700 });
    expect(good.brier).toBeCloseTo(0.09, 12);
    expect(labelEffect({ ...binary, threshold: 0.8 }, { label: '1', score: 0.7 }, truth('1')).cell).toBe(
      'fn',
    );
    const unscored = labelEffect(binary, { label: '1', score: null }, truth('0'));
    expect(unscored).toMatchObject({ cell: 'fp', right: false, logLoss: null, scoreBin: null });
    expect(labelEffect(binary, { label: null, score: 1 }, truth('0')).logLoss).toBeCloseTo(
      -Math.log(1e-7),
      6,
    );
  });

  it('is not any text', () => {
    expect(labelProblem(binary, { label: '1', score: 0.2 }, 'purple')).toContain('1 or 0');
    expect(labelProblem(binary, { label: null, score: 0.2 }, '2')).toContain('"2"');
    expect(labelProblem(binary, { label: '1', score: 0.2 }, 'False')).toBeNull();
  });

  it('may be a name where the classes of the model have names', () => {
    const late = { label: 'late', score: 0.9 };
    expect(labelProblem(binary, late, 'on time')).toBeNull();
    expect(labelEffect(binary, late, truth('late'))).toMatchObject({ cell: 'tp', actual: true });
    expect(labelEffect(binary, late, truth('on time'))).toMatchObject({ cell: 'fp', actual: false });
    expect(labelEffect(binary, { label: 'on time', score: 0.1 }, truth('late')).cell).toBe('fn');
  });
});

describe('a label of a regression', () => {
  it('is a number', () => {
    for (const wrong of ['NaN', '', 'Infinity', '1e300', 'twelve', '1,5'])
      expect(labelProblem(regression, { label: null, score: 1 }, wrong)).toContain('number');
    expect(labelProblem(regression, { label: '3.5', score: null }, ' -1.5e3 ')).toBeNull();
    expect(labelEffect(regression, { label: '3.5', score: null }, truth('3')).error).toEqual({
      e: 0.5,
      y: 3,
    });
    expect(labelEffect(regression, { label: null, score: Number.NaN }, truth('3')).error).toBeNull();
  });

  it('that was wrong by many orders of magnitude leaves nothing behind once it is corrected', () => {
    const number = fc.double({ min: -1e75, max: 1e75, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (rows, seed) => {
          const effects = rows.map(([score, y]) =>
            labelEffect(regression, { label: null, score }, truth(String(y))),
          );
          const kept = effects.filter((_, at) => (at + seed) % 2 === 0);
          const direct = emptyChange();
          for (const effect of kept) addLabel(direct, effect, 1);
          const around = emptyChange();
          for (const effect of effects.toReversed()) addLabel(around, effect, 1);
          for (const effect of effects) if (!kept.includes(effect)) addLabel(around, effect, -1);
          const [one, two] = [regressionSums(direct), regressionSums(around)];
          for (const key of Object.keys(one) as (keyof typeof one)[])
            expect(Math.abs(one[key] - two[key])).toBeLessThanOrEqual(1e-12 * Math.abs(one[key]));
        },
      ),
    );
  });
});

it('another model is right where the labels are equal', () => {
  const other: Decision = { task: 'other', threshold: 0.5 };
  expect(isRight(other, { label: '3', score: 3 }, '1')).toBe(false);
  expect(isRight(other, { label: 'cat', score: null }, 'cat')).toBe(true);
  expect(isRight(other, { label: null, score: 1 }, 'cat')).toBeNull();
  expect(labelProblem(other, { label: null, score: null }, 'anything')).toBeNull();
});

it('a label is taken back exactly', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      fc.integer({ min: -1e9, max: 1e12 }),
      (score, actual, delayMs) => {
        const effect = labelEffect(binary, { label: null, score }, truth(actual ? '1' : '0', delayMs));
        const sum = emptyChange();
        addLabel(sum, effect, 1);
        const copy = emptyChange();
        addChange(copy, sum);
        addLabel(sum, effect, -1);
        addChange(copy, copy, -1);
        expect(sum).toEqual(emptyChange());
        expect(copy).toEqual(emptyChange());
      },
    ),
  );
});
