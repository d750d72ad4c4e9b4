import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blend } from './ramp.ts';
import { NONE_SHARE, sharesOf, ticksOf, valueAxis, valueText } from './value-axis.ts';

const column = (values: number[], categories: string[] | null = null) => ({
  ...{ id: 'p:x', title: 'x', kind: 'number' as const, categories },
  values: Float64Array.from(values),
});

describe('valueAxis', () => {
  it('puts every value on the axis and what is missing below it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { nil: Number.NaN })),
        fc.constantFrom(true, false, null),
        (values, log) => {
          const shares = sharesOf(valueAxis(column(values), log));
          shares.forEach((share, at) => {
            if (Number.isNaN(values[at])) expect(share).toBeCloseTo(NONE_SHARE, 6);
            else {
              expect(share).toBeGreaterThanOrEqual(-1e-6);
              expect(share).toBeLessThanOrEqual(1 + 1e-6);
            }
          });
        },
      ),
    );
  });

  it('is logarithmic for learning rates by itself, never for what is not above zero', () => {
    expect(valueAxis(column([1e-5, 1e-3, 0.1]), null).log).toBe(true);
    expect(valueAxis(column([16, 32, 64]), null).log).toBe(false);
    expect(valueAxis(column([0, 1000]), true).log).toBe(false);
    expect(valueAxis(column([1e-5, 0.1]), false).log).toBe(false);
  });
});

it('ticks lie on the axis, in order, not too many, and none twice', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }),
      fc.constantFrom(true, false),
      (values, log) => {
        const axis = valueAxis(column(values), log);
        const ticks = ticksOf(axis, 8).map(({ value }) => value);
        const slack = (axis.range[1] - axis.range[0]) * 1e-6;
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(axis.range[0] - slack);
          expect(tick).toBeLessThanOrEqual(axis.range[1] + slack);
        }
        expect([...new Set(ticks)].sort((a, b) => a - b)).toEqual(ticks);
        expect(ticks.length).toBeLessThanOrEqual(10);
      },
    ),
    { examples: [[[999999.9999980011, 999999.9999940012], true]], numRuns: 2_000 },
  );
});

it('names are ticks of their own, thinned out where they are many', () => {
  const names = Array.from({ length: 40 }, (_, at) => `n${at}`);
  const axis = valueAxis(column([0, 39], names), null);
  expect(ticksOf(axis, 10).length).toBeLessThanOrEqual(10);
  expect(valueText(axis, 39)).toBe('n39');
  expect(valueText(axis, Number.NaN)).toBe('none');
});

it('colours are blended the short way round the hue circle and end on the stops', () => {
  const stops = ['oklch(0.2 0.1 350)', 'oklch(0.8 0.1 10)'];
  expect(blend(stops, 0)).toBe('oklch(0.2000 0.1000 350.0000)');
  expect(blend(stops, 0.5)).toBe('oklch(0.5000 0.1000 0.0000)');
  expect(blend(stops, 2)).toBe('oklch(0.8000 0.1000 10.0000)');
});
