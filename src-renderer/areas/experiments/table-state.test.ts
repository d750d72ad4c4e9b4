import { describe, expect, it } from 'vitest';
import { completionsAt, valueFieldAt } from './filter-completion.ts';
import {
  gridItems,
  nextSort,
  readTableState,
  type TableState,
  USUAL_TABLE,
  writeTableState,
} from './table-state.ts';

describe('sorting by headers', () => {
  const plain = { descendingFirst: true, add: false };
  it('a click sorts, turns, and lets go', () => {
    const once = nextSort([], 'm', plain);
    const twice = nextSort(once, 'm', plain);
    expect([once, twice, nextSort(twice, 'm', plain)]).toEqual([
      [{ id: 'm', descending: true }],
      [{ id: 'm', descending: false }],
      [],
    ]);
  });
  it('shift keeps the other keys', () => {
    const added = nextSort([{ id: 'a', descending: false }], 'm', { descendingFirst: true, add: true });
    expect(added.map(({ id }) => id)).toEqual(['a', 'm']);
    expect(nextSort(added, 'b', plain).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('what stands under each other', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const names = (items: ReturnType<typeof gridItems>) =>
    items.map((item) => (item.kind === 'run' ? item.id : `[${item.values[0]}]`));
  it('pinned runs are on top, once; a pinned run that was not found is not shown', () => {
    const items = gridItems({ ids, depths: null, groups: null }, ['c', 'gone'], new Set());
    expect(names(items)).toEqual(['c', 'a', 'b', 'd']);
  });
  it('a folded group hides its runs and no others', () => {
    const groups = [
      { values: ['x'], count: 3 },
      { values: [null], count: 1 },
    ];
    const order = { ids, depths: null, groups };
    expect(names(gridItems(order, [], new Set()))).toEqual(['[x]', 'a', 'b', 'c', '[null]', 'd']);
    expect(names(gridItems(order, [], new Set(['["x"]'])))).toEqual(['[x]', '[null]', 'd']);
  });
});

describe('completion', () => {
  const keys = {
    sampled: 1,
    metrics: [{ key: 'auc', runs: 1, curve: true }],
    params: [
      { key: 'lr', runs: 1, varies: true, longest: 3 },
      { key: 'a b', runs: 1, varies: true, longest: 3 },
    ],
    tags: [],
  };
  const labels = (text: string, values: string[] = []) =>
    completionsAt(text, text.length, { keys, values }).items.map(({ label }) => label);
  it.each([
    ['met', ['metrics.auc']],
    ['auc', ['metrics.auc']],
    ['(par', ['params.lr', 'params.a b']],
    ['metrics.auc i', ['IS NULL', 'IS NOT NULL']],
    ['params.lr = ', []],
    ['status = f', ['FINISHED', 'FAILED']],
    ['metrics.auc > 1 o', ['OR', 'duration', 'note', 'NOT']],
  ])('%s', (text, expected) => {
    expect(labels(text).sort()).toEqual([...expected].sort());
  });
  it('offers values of the field that is compared, and takes the place of what was typed', () => {
    expect(valueFieldAt('params.lr = 0', 13)).toBe('params.lr');
    const completion = completionsAt("params.lr = 'ad", 15, { keys, values: ['adam w', 'sgd'] });
    expect(completion).toEqual({ from: 12, items: [{ text: "'adam w' ", label: 'adam w', hint: 'value' }] });
  });
  it('quotes names that need it', () => {
    expect(completionsAt('a b', 1, { keys, values: [] }).items.map(({ text }) => text)).toContain(
      'params.`a b` ',
    );
  });
});

describe('a saved table', () => {
  it('comes back as it was', () => {
    const state: TableState = {
      filter: "params.a = 'x'",
      sort: [{ id: 'm:min:loss', descending: true }],
      columns: ['a:name', 'p:größe'],
      groupBy: ['t:team'],
      tree: false,
      pinned: ['r1'],
    };
    expect(readTableState(writeTableState(state))).toEqual(state);
    expect(readTableState(writeTableState(USUAL_TABLE))).toEqual(USUAL_TABLE);
  });
  it('that another version wrote, or nobody did, is read as far as it goes', () => {
    for (const text of ['', 'nonsense', '[]', 'null', '7', '{"sort":[null,7],"columns":[1],"pinned":"x"}'])
      expect(readTableState(text)).toEqual(USUAL_TABLE);
    expect(readTableState('{"filter":"a","more":1}')).toEqual({ ...USUAL_TABLE, filter: 'a' });
  });
});
