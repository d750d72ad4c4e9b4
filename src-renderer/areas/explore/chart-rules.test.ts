import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../../src-main/contract/run-filter.ts';
import { scaleOf } from '../../charts/scale.ts';
import { valueAxis } from '../../charts/value-axis.ts';
import { barExtent, barRows } from './bar-rows.ts';
import { filterOf } from './brush-filter.ts';
import type { CellColumn, Cells } from './cells.ts';
import { usualAxes } from './column-choice.ts';
import { bucketsFor } from './curves-of.ts';
import { PLAIN, sectionsOf, usuallyFolded } from './sections.ts';

describe('sectionsOf', () => {
  const metrics = ['system/gpu', 'loss', 'val/loss', 'val/acc', 'train/loss'].map((key) => ({
    key,
    runs: 5,
  }));
  it('by what stands before the slash, the machine’s own last and folded', () => {
    const sections = sectionsOf(metrics, 5, '');
    expect(sections.map(({ name }) => name)).toEqual([PLAIN, 'val', 'train', 'system']);
    expect(sections.flatMap(({ keys }) => keys).toSorted()).toEqual(metrics.map(({ key }) => key).toSorted());
    expect(usuallyFolded(sections)).toEqual(['system']);
  });
  it('every word of the search has to be in the name', () => {
    expect(sectionsOf(metrics, 5, 'VAL lo').map(({ keys }) => keys)).toEqual([['val/loss']]);
    expect(sectionsOf(metrics, 5, 'nothing')).toEqual([]);
  });
});

it('fewer points a run where there are very many runs, never fewer than a hundred', () => {
  expect(bucketsFor(600, 10)).toBe(500);
  expect(bucketsFor(600, 1000)).toBeLessThanOrEqual(150);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 1000 }), (width, runs) => {
      const buckets = bucketsFor(width, runs);
      expect(buckets).toBeGreaterThanOrEqual(100);
      expect(buckets).toBeLessThanOrEqual(Math.max(120, width));
    }),
  );
});

it('axes begin with the params that matter and end with the main metric', () => {
  const keys = {
    sampled: 3,
    metrics: ['val_loss', 'val_acc'].map((key) => ({ key, runs: 3, curve: true })),
    params: ['a', 'b', 'c'].map((key) => ({ key, runs: 3, varies: key !== 'c', longest: 5 })),
    tags: [],
  };
  const axes = usualAxes(keys, ['b']);
  expect(axes.slice(0, 2)).toEqual(['p:b', 'p:a']);
  expect(axes).not.toContain('p:c');
  expect(axes.at(-1)).toMatch(/^m:last:val_/);
});

describe('filterOf', () => {
  const numbers = fc.uniqueArray(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), {
    minLength: 2,
    maxLength: 20,
  });
  const axis = (id: string, values: number[], log: boolean, categories: string[] | null = null) =>
    valueAxis({ id, title: id, kind: 'number', categories, values: Float64Array.from(values) }, log);

  it('is read by the filter’s own grammar and means what the brush holds', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.boolean(),
        fc.tuple(
          fc.double({ min: 0.01, max: 0.99, noNaN: true }),
          fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        ),
        fc.constantFrom('p:model.depth', 'm:last:val/loss', 'm:min:loss', 't:a b'),
        (values, log, ends, id) => {
          const one = axis(id, values, log);
          const brush = [Math.min(...ends), Math.max(...ends)] as const;
          const found = filterOf([one], { [id]: brush });
          if (id === 't:a b') return;
          const parsed = parseRunFilter(found ?? '');
          expect(parsed?.kind).toBe('and');
          const scale = scaleOf(one.range, one.log);
          if (parsed?.kind !== 'and') return;
          const [from, to] = parsed.parts.map((part) =>
            part.kind === 'compare' ? Number(part.value) : Number.NaN,
          );
          expect(from).toBeCloseTo(scale.value(brush[0]), 3);
          expect(to).toBeCloseTo(scale.value(brush[1]), 3);
        },
      ),
    );
  });

  it('names are listed, and one end of the axis bounds nothing', () => {
    const names = axis('p:opt', [0, 1, 2], false, ['adam', "o'brien", 'sgd']);
    expect(filterOf([names], { 'p:opt': [0, 0.6] })).toBe(`params.opt IN ('adam', "o'brien")`);
    const number = axis('p:lr', [0, 10], false);
    expect(filterOf([number], { 'p:lr': [0, 0.5] })).toBe('params.lr <= 5');
    expect(filterOf([number], {})).toBe('');
  });

  it('says nothing where a text cannot be written', () => {
    expect(filterOf([axis('p:opt', [0, 1], false, [`a"'b`, 'c'])], { 'p:opt': [0, 0.4] })).toBeNull();
  });
});

describe('barRows', () => {
  const cells = (columns: Record<string, CellColumn>, ids: string[]): Cells => ({
    ids,
    names: new Map(ids.map((id) => [id, `run ${id}`])),
    column: (id) => columns[id] ?? null,
  });
  const numbers = (...values: number[]): CellColumn => ({
    categories: null,
    values: Float64Array.from(values),
  });

  it('the best is first, by what the name says; runs without the metric are left out', () => {
    const found = cells({ 'm:last:loss': numbers(3, Number.NaN, 1), 'm:last:acc': numbers(3, 2, 1) }, [
      'a',
      'b',
      'c',
    ]);
    expect(barRows(found, 'm:last:loss', null).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(barRows(found, 'm:last:acc', null).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('a group has its mean, range and deviation, the last only for two or more runs', () => {
    const opt = { categories: ['adam', 'sgd'], values: Float64Array.of(0, 0, 1) };
    const rows = barRows(
      cells({ 'm:last:acc': numbers(1, 3, 9), 'p:opt': opt }, ['a', 'b', 'c']),
      'm:last:acc',
      'p:opt',
    );
    expect(rows).toEqual([
      { id: 'g:sgd', label: 'sgd', value: 9, low: 9, high: 9, std: null, runs: 1 },
      { id: 'g:adam', label: 'adam', value: 2, low: 1, high: 3, std: Math.SQRT2, runs: 2 },
    ]);
  });

  it('every bar begins at zero and ends within the extent', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 }), (values) => {
        const ids = values.map((_, at) => String(at));
        const rows = barRows(cells({ 'm:last:x': numbers(...values) }, ids), 'm:last:x', null);
        const [low, high] = barExtent(rows);
        expect(low).toBeLessThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(0);
        for (const { value } of rows) expect(value >= low && value <= high).toBe(true);
      }),
    );
  });
});
