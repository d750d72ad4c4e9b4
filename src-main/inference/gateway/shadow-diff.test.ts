import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShadowDiff, type KeptOutput } from './shadow-diff.ts';

const of = (rows: number, requestId = 'r') => ({ requestId, atMs: 1, arm: 'a', version: '1', rows });
const floats = (name: string, ...values: number[]): KeptOutput => ({
  name,
  datatype: 'FP32',
  values: Float64Array.from(values),
});
const labels = (...values: string[]): KeptOutput => ({ name: 'label', datatype: 'BYTES', values });

describe('the difference of outputs', () => {
  it('is nothing for equal ones, whatever they hold', () => {
    const values = fc.array(fc.double(), { minLength: 6, maxLength: 6 });
    const property = fc.property(values, (numbers) => {
      const diff = createShadowDiff();
      diff.add(of(2), [floats('y', ...numbers)], [floats('y', ...numbers)]);
      const [output] = diff.outputs();
      expect(output).toMatchObject({ rows: 2, mismatched: 0, agreement: 1 });
      expect(output?.maxAbs ?? 0).toBe(0);
      expect(diff.examples()).toEqual([]);
    });
    fc.assert(property);
  });

  it('has the largest and mean errors, absolute and relative', () => {
    const diff = createShadowDiff();
    diff.add(of(2), [floats('y', 1, 10)], [floats('y', 1.5, 9)]);
    expect(diff.outputs()).toMatchObject([
      {
        name: 'y',
        kind: 'number',
        rows: 2,
        agreement: null,
        maxAbs: 1,
        meanAbs: 0.75,
        maxRel: 0.5,
        meanKl: null,
      },
    ]);
    expect(diff.examples()).toMatchObject([
      { row: 1, primary: [10], shadow: [9], difference: 1 },
      { row: 0, primary: [1], shadow: [1.5], difference: 0.5 },
    ]);
  });

  it('of probabilities is KL(primary ‖ shadow), and whether the largest is at the same place', () => {
    const diff = createShadowDiff();
    const [p, q] = [
      [0.7, 0.3],
      [0.4, 0.6],
    ] as const;
    diff.add(of(2), [floats('p', ...p, 0.5, 0.5)], [floats('p', ...q, 0.5, 0.5)]);
    const kl = p[0] * Math.log(p[0] / q[0]) + p[1] * Math.log(p[1] / q[1]);
    expect(diff.outputs()[0]).toMatchObject({ kind: 'probabilities', agreement: 0.5 });
    expect(diff.outputs()[0]?.meanKl).toBeCloseTo(kl / 2, 12);
    diff.add(of(1), [floats('p', 1, 0)], [floats('p', 0, 1)]);
    expect(Number.isFinite(diff.outputs()[0]?.meanKl)).toBe(true);
    diff.add(of(1), [floats('p', 2, 3)], [floats('p', 2, 3)]);
    expect(diff.outputs()[0]?.kind).toBe('number');
  });

  it('of labels is their agreement, and what has another shape or no number is told apart', () => {
    const diff = createShadowDiff();
    diff.add(of(3), [labels('a', 'b', 'c')], [labels('a', 'x', 'c')]);
    expect(diff.outputs()[0]).toMatchObject({ kind: 'label', agreement: 2 / 3, maxAbs: null });
    expect(diff.examples()).toMatchObject([{ row: 1, primary: ['b'], shadow: ['x'], difference: 1 }]);
    diff.add(of(2), [floats('y', 1, 2)], [floats('y', 1, 2, 3, 4)]);
    diff.add(of(2), [floats('y', 1, Number.NaN)], [floats('y', 1, 2)]);
    diff.add(of(1), [floats('only here', 1)], []);
    expect(diff.outputs().map(({ name, rows, mismatched }) => [name, rows, mismatched])).toEqual([
      ['label', 3, 0],
      ['y', 1, 3],
    ]);
  });

  it('keeps the rows that differ the most, five an output, cut to what can be shown', () => {
    const diff = createShadowDiff();
    for (let n = 0; n < 100; n++) diff.add(of(1, `r${n}`), [floats('y', 0)], [floats('y', (n * 37) % 100)]);
    expect(diff.examples().map(({ difference }) => difference)).toEqual([99, 98, 97, 96, 95]);
    const wide = Array.from({ length: 50 }, (_, at) => at);
    diff.add(of(1), [floats('wide', ...wide)], [floats('wide', ...wide.map((value) => -value))]);
    expect(diff.examples().at(-1)?.primary).toEqual(wide.slice(0, 16));
  });
});
