import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runGroups } from './run-groups.ts';
import { assignSlots, dashedIds, distinctNames } from './run-looks.ts';
import { shownRuns } from './shown-runs.ts';

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 40 });

describe('assignSlots', () => {
  it('a run keeps its colour whatever comes and goes around it', () => {
    fc.assert(
      fc.property(ids, ids, ids, (first, second, third) => {
        const before = assignSlots(new Map(), first);
        const later = assignSlots(assignSlots(before, second), third);
        for (const id of first) expect(later.get(id)).toBe(before.get(id));
        for (const id of third) expect(later.has(id)).toBe(true);
      }),
    );
  });

  it('colours are used evenly: eight runs have eight', () => {
    const slots = assignSlots(new Map(), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(new Set(slots.values()).size).toBe(8);
  });

  it('a second run of the same colour is dashed while there are few', () => {
    const twelve = Array.from({ length: 12 }, (_, at) => `r${at}`);
    expect(dashedIds(twelve, assignSlots(new Map(), twelve)).size).toBe(4);
    const many = Array.from({ length: 50 }, (_, at) => `r${at}`);
    expect(dashedIds(many, assignSlots(new Map(), many)).size).toBe(0);
  });
});

it('runs of one name are told apart by their ids', () => {
  const names = distinctNames([
    { id: 'x-0001', name: 'a' },
    { id: 'x-0002', name: 'a' },
    { id: 'x-0003', name: 'b' },
  ]);
  expect([...names.values()]).toEqual(['a 0001', 'a 0002', 'b']);
});

describe('shownRuns', () => {
  const found = ['a', 'b', 'c', 'd'];
  it('without a selection the first of the order, and says which', () => {
    expect(shownRuns(found, new Set(), 2)).toEqual({ ids: ['a', 'b'], words: 'the first 2 of 4 runs' });
    expect(shownRuns(found, new Set(), 10).words).toBe('all 4 runs');
  });
  it('the selected ones in the order of the table, those that the filter hides at the end', () => {
    expect(shownRuns(found, new Set(['z', 'd', 'b']), 1).ids).toEqual(['b', 'd', 'z']);
  });
});

describe('runGroups', () => {
  const column = (values: number[], categories: string[] | null) => ({
    categories,
    values: Float64Array.from(values),
  });
  it('numbers come by size, runs without a value last', () => {
    const { groups } = runGroups(['a', 'b', 'c', 'd'], column([64, 8, Number.NaN, 8], null));
    expect(groups.map(({ label, runIds }) => [label, [...runIds]])).toEqual([
      ['8', ['b', 'd']],
      ['64', ['a']],
      ['none', ['c']],
    ]);
  });
  it('the largest groups are kept and the others counted; each look is its own', () => {
    const many = Array.from({ length: 40 }, (_, at) => at);
    const { groups, left } = runGroups(many.map(String), column(many, null));
    expect([groups.length, left]).toEqual([16, 24]);
    expect(new Set(groups.map(({ color, dashed }) => `${color}${dashed}`)).size).toBe(16);
  });
});
