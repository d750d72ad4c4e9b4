import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  ComparedRun,
  CompareRow,
  CompareSection,
  Comparison,
} from '../../../src-main/contract/compare.ts';
import { parseLocation, pathToComparison } from '../../lib/router.ts';
import {
  changeOf,
  type Item,
  itemsOf,
  markdownOf,
  PATCH,
  tableOf,
  textOf,
  type Value,
  valuesOf,
} from './compare-model.ts';
import { moved, stateOf } from './compare-url.ts';

const run = (name: string, patch: string | null = null): ComparedRun => ({
  ...{ id: name, name, status: 'FINISHED', experimentId: 'e', experiment: 'e', startedMs: 0, patch },
  ...{ packages: 'installed', filesCut: false },
});
const row = (
  section: CompareSection,
  key: string,
  values: Value[],
  more: Partial<CompareRow> = {},
): CompareRow => ({
  ...{ section, key, unit: null, differs: values.some((value) => value !== values[0]) },
  cells: JSON.stringify(
    Object.fromEntries(values.flatMap((value, at) => (value === null ? [] : [[at, value]]))),
  ),
  ...more,
});
const comparison = (rows: CompareRow[], more: Partial<Comparison> = {}): Comparison => ({
  ...{ runs: [run('a'), run('b')], rows, alike: {}, cut: {} },
  ...more,
});
const options = { filter: '', folded: new Set<string>(), all: false };
const shown = (items: Item[]) =>
  items.map((item) => (item.kind === 'row' ? item.row.key : `# ${item.title} ${item.rows}`));

describe('the list', () => {
  test('goes section by section, and tells of what is alike', () => {
    const found = comparison([row('metric', 'auc', [1, 2]), row('param', 'lr', ['1', '2'])], {
      alike: { param: 7, tag: 2 },
    });
    const items = itemsOf(found, options);
    expect(shown(items)).toEqual(['# Parameters 1', 'lr', '# Metrics 1', 'auc', '# Tags 0']);
    expect(items[0]).toMatchObject({ alike: 7 });
    expect(shown(itemsOf(found, { ...options, all: true }))).not.toContain('# Tags 0');
  });

  test('shows of a folded section only its head', () => {
    const found = comparison([row('param', 'lr', ['1', '2'])]);
    expect(shown(itemsOf(found, { ...options, folded: new Set(['param']) }))).toEqual(['# Parameters 1']);
  });

  test('is filtered by names and values, all words of it', () => {
    const found = comparison([row('param', 'optimizer', ['Adam', 'SGD']), row('param', 'lr', ['1', '2'])], {
      alike: { tag: 3 },
    });
    expect(shown(itemsOf(found, { ...options, filter: 'adam opt' }))).toEqual([
      '# Parameters 1',
      'optimizer',
    ]);
    expect(itemsOf(found, { ...options, filter: 'adam lr' })).toEqual([]);
  });

  test('sorts packages by what became of them since the baseline', () => {
    const found = comparison(
      [
        row('package', 'numpy', ['1', '2', '1']),
        row('package', 'new', [null, '1', null]),
        row('package', 'gone', ['1', '1', null]),
        row('package', 'same', ['1', '1', '1']),
      ],
      { runs: [run('a'), run('b'), run('c')] },
    );
    expect(shown(itemsOf(found, { ...options, all: true }))).toEqual([
      ...[
        '# Packages 4',
        '# Changed 1',
        'numpy',
        '# Added 1',
        'new',
        '# Removed 1',
        'gone',
        '# Alike 1',
        'same',
      ],
    ]);
  });

  test('has a row for patches where a run has one', () => {
    const found = comparison([], { runs: [run('a'), run('b', 'lathe/code.patch')] });
    expect(shown(itemsOf(found, options))).toEqual(['# Code 1', PATCH]);
  });
});

describe('a change from the baseline', () => {
  const metric = (key: string) => row('metric', key, []);
  test.each<[string, Value, Value, string | null, string | null]>([
    ['val_loss', 0.5, 0.25, '−0.25 (−50.0\u00a0%)', 'better'],
    ['val_loss', 0.5, 0.75, '+0.25 (+50.0\u00a0%)', 'worse'],
    ['auc', 0.5, 0.75, '+0.25 (+50.0\u00a0%)', 'better'],
    ['auc', 0.5, 0.25, '−0.25 (−50.0\u00a0%)', 'worse'],
    ['epochs_done', 5, 6, '+1 (+20.0\u00a0%)', null],
    ['auc', 0, 0.5, '+0.5', 'better'],
    ['auc', -2, -1, '+1 (+50.0\u00a0%)', 'better'],
    ['auc', 0.5, 0.5, null, null],
    ['auc', 'NaN', 0.5, null, null],
    ['auc', 0.5, 'Infinity', null, null],
    ['auc', null, 0.5, null, null],
  ])('of %s from %s to %s is %s, %s', (key, base, value, text, verdict) => {
    expect(changeOf(metric(key), base, value)).toEqual(text === null ? null : { text, verdict });
  });

  test('of numbers in params is told, of other texts it is not', () => {
    expect(changeOf(row('param', 'lr', []), '1e-1', '0.2')).toEqual({
      text: '+0.1 (+100.0\u00a0%)',
      verdict: null,
    });
    expect(changeOf(row('param', 'loss', []), 'l1', 'l2')).toBeNull();
    expect(changeOf(row('param', 'x', []), '', '1')).toBeNull();
    expect(changeOf(row('tag', 'x', []), '1', '2')).toBeNull();
    expect(changeOf(row('param', 'n', []), '1.0', '1')).toBeNull();
  });

  test('of lengths of time and files is in their units', () => {
    const duration = row('run', 'Duration', [], { unit: 'duration' });
    expect(changeOf(duration, 1_000, 3_000)?.text).toBe('+2.00\u00a0s (+200.0\u00a0%)');
    const file = row('artifact', 'x.png', []);
    expect(changeOf(file, 'aaaa 1024', 'bbbb 2048')?.text).toBe('+1\u00a0KiB');
    expect(changeOf(file, 'aaaa 10', 'bbbb 10')?.text).toBe('other bytes');
    expect(changeOf(file, 'aaaa 10', 'aaaa 10')).toBeNull();
  });

  test('is never both better and worse, and turning it round turns the verdict', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.constantFrom('loss', 'acc'), value, value, (key, a, b) => {
        const [there, back] = [changeOf(metric(key), a, b), changeOf(metric(key), b, a)];
        if (a === b || !there) return;
        expect([there.verdict, back?.verdict].sort()).toEqual(['better', 'worse']);
      }),
    );
  });
});

test('what is not known of packages and files is told', () => {
  const runs = [
    run('a'),
    { ...run('b'), packages: 'model' as const },
    { ...run('c'), packages: 'none' as const },
  ];
  const found = comparison([row('package', 'numpy', ['1', '2']), row('artifact', 'x', ['a 1', 'b 1'])], {
    runs: [...runs, { ...run('d'), filesCut: true }],
  });
  const notes = itemsOf(found, options).flatMap((item) => (item.kind === 'section' ? [item.note] : []));
  expect(notes).toEqual([
    'of 1 run only what the model asks for is known, of 1 run nothing is known',
    '1 run has more files than are compared',
  ]);
});

test('values stand at their runs’ places', () => {
  const one = row('param', 'lr', [null, '1', null, '2']);
  expect(valuesOf(one, 4)).toEqual([null, '1', null, '2']);
});

test('a cell says its value as it is read', () => {
  expect(textOf(row('metric', 'x', []), 0.123456789)).toBe('0.123457');
  expect(textOf(row('metric', 'x', []), 'NaN')).toBe('NaN');
  expect(textOf(row('param', 'x', []), null)).toBe('–');
  expect(textOf(row('artifact', 'x', []), 'abc 2048')).toBe('2\u00a0KiB');
  expect(textOf(row('dataset', 'x', []), `sha256:${'a'.repeat(64)} digest:d1`)).toBe(
    'sha256:aaaaaaaaaaaa… digest:d1',
  );
});

test('what is shown is copied, as a table and as Markdown', () => {
  const found = comparison([
    row('param', 'a|b', ['x\ny', null]),
    row('run', 'Started', [0, 1], { unit: 'time' }),
  ]);
  const table = tableOf(itemsOf(found, options), found.runs);
  expect(table).toEqual([
    ['Section', 'Name', 'a', 'b'],
    ['Run', 'Started', '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z'],
    ['Parameters', 'a|b', 'x\ny', null],
  ]);
  expect(markdownOf(table).split('\n')).toEqual([
    '| Section | Name | a | b |',
    '| --- | --- | --- | --- |',
    '| Run | Started | 1970-01-01T00:00:00.000Z | 1970-01-01T00:00:00.001Z |',
    '| Parameters | a\\|b | x y |  |',
    '',
  ]);
});

describe('the address', () => {
  test('carries the runs in their order, each once', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/), { maxLength: 100 });
    fc.assert(
      fc.property(ids, (runs) => {
        expect(stateOf(parseLocation(`#${pathToComparison([...runs, ...runs])}`)).runs).toEqual(runs);
      }),
    );
  });

  test('of too many runs takes the first hundred and says so', () => {
    const many = Array.from({ length: 101 }, (_, at) => `r${at}`);
    const { runs, tooMany } = stateOf(parseLocation(`#${pathToComparison(many)}`));
    expect({ many: runs.length, tooMany }).toEqual({ many: 100, tooMany: true });
  });

  test('with nonsense in it is an empty comparison', () => {
    expect(stateOf(parseLocation('#/compare?runs=,,&aggregate=mean&all=yes'))).toMatchObject({
      ...{ runs: [], aggregate: 'last', all: false },
    });
  });

  test('moving a run keeps all of them', () => {
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 9)).toEqual(['b', 'c', 'a']);
    expect(moved(['a'], 5, 0)).toEqual(['a']);
  });
});
