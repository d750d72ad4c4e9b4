import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunColumn, RunsWanted } from '../../../contract/runs-table.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from './index.ts';
import { createRunsTable, type RunsTable } from './runs-table.service.ts';

let context: TestContext;
let area: ReturnType<typeof createExperimentsArea>;
let table: RunsTable;
let experiment: string;
beforeEach(async () => {
  context = await openTestContext();
  area = createExperimentsArea(context);
  table = createRunsTable(context);
  experiment = area.experiments.ensureExperiment('e');
});
afterEach(() => context.close());

type Given = {
  params?: Record<string, string>;
  metrics?: Record<string, number | number[]>;
  tags?: Record<string, string>;
  parent?: string;
  status?: 'FINISHED' | 'FAILED' | 'RUNNING';
};
let started = 0;
/** Later ones are newer. */
async function run(name: string, given: Given = {}): Promise<string> {
  const id = area.experiments.createRun({ experimentId: experiment, name, startedMs: ++started });
  const metrics = Object.entries(given.metrics ?? {}).flatMap(([key, values]) =>
    [values].flat().map((value, step) => ({ key, value, step, timestampMs: 1 })),
  );
  area.experiments.log(id, { metrics, params: given.params ?? {}, tags: given.tags ?? {} });
  if (given.parent)
    area.tracking.log(id, {
      metrics: [],
      params: [],
      tags: [{ key: 'mlflow.parentRunId', value: given.parent }],
    });
  if (given.status !== 'RUNNING') area.experiments.endRun(id, given.status ?? 'FINISHED', started + 60_000);
  return id;
}
const wanted = (part: Partial<RunsWanted> = {}) => ({
  experimentIds: [experiment],
  filter: '',
  sort: [],
  groupBy: [],
  tree: false,
  extents: [],
  ...part,
});
async function names(part: Partial<RunsWanted> = {}): Promise<string[]> {
  const { ids } = await table.order(wanted(part));
  if (ids.length === 0) return [];
  return (await table.cells({ runIds: ids, columns: [] })).map(({ name }) => name);
}
const metric = (key: string, aggregate: 'last' | 'min' | 'max' = 'last'): RunColumn => ({
  kind: 'metric',
  key,
  aggregate,
});
const by = (column: RunColumn, descending = false) => ({ sort: [{ column, descending }] });

describe('filters', () => {
  beforeEach(async () => {
    await run('a', {
      params: { lr: '0.1', opt: 'adam' },
      metrics: { auc: 0.7, loss: [3, 1, 2] },
      tags: { team: 'x' },
    });
    await run('b', {
      params: { lr: '1e-3', opt: 'sgd' },
      metrics: { auc: 0.9, loss: [9, 8] },
      status: 'FAILED',
    });
    await run('c größe', { params: { lr: 'auto' }, metrics: { auc: Number.NaN }, status: 'RUNNING' });
    await run('d', {});
  });

  test.each([
    ['', ['d', 'c größe', 'b', 'a']],
    ['metrics.auc > 0.8', ['b']],
    ['metrics.auc != 0.7', ['c größe', 'b']],
    ['params.lr < 0.01', ['b']],
    ['params.lr = 0.001', ['b']],
    ['params.lr != 0.1', ['c größe', 'b']],
    ["params.lr = 'auto'", ['c größe']],
    ['lr = auto OR opt = adam', ['c größe', 'a']],
    ['auc >= 0.7', ['b', 'a']],
    ['min(metrics.loss) < 2', ['a']],
    ['max(loss) > 5', ['b']],
    ['loss = 2', ['a']],
    ['metrics.auc IS NULL', ['d', 'c größe']],
    ['params.opt IS NOT NULL', ['b', 'a']],
    ['params.opt IS NULL AND NOT metrics.auc IS NULL', []],
    ['NOT (params.lr < 0.01)', ['d', 'c größe', 'a']],
    ['status IN (FAILED, RUNNING)', ['c größe', 'b']],
    ['(opt = adam OR opt = sgd) AND NOT status = FAILED', ['a']],
    ['duration > 1', ['d', 'b', 'a']],
    ['ended IS NULL', ['c größe']],
    ['NOT duration > 1', ['c größe']],
    ['GRÖSSE', []],
    ['größe', ['c größe']],
    ['adam', ['a']],
    ['sg b', ['b']],
    ['team = x', ['a']],
    ["tags.team LIKE 'X%'", []],
    ["tags.team ILIKE 'X%'", ['a']],
    ["name LIKE '%gr%'", ['c größe']],
    ["nothing = 'x'", []],
    ['params.opt = "x\'; DROP TABLE run; --"', []],
  ])('%s', async (filter, found) => {
    expect(await names({ filter })).toEqual(found);
  });

  test('a filter that cannot be read is an error with its cause', async () => {
    await expect(table.order(wanted({ filter: 'metrics.auc > x' }))).rejects.toMatchObject({
      code: 'LATHE_INPUT_INVALID',
    });
  });

  test('a filter and its NOT part the runs, whatever the filter', async () => {
    const atoms = [
      'metrics.auc > 0.8',
      'params.lr < 0.01',
      "params.lr = 'auto'",
      'lr = auto',
      'status = FAILED',
      'ended IS NULL',
      'adam',
      'min(loss) < 2',
      'duration > 1',
      "dataset.name = 'x'",
    ];
    const expression = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...atoms),
        fc
          .tuple(tie('any'), fc.constantFrom('AND', 'OR'), tie('any'))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        tie('any').map((one) => `NOT (${one})`),
      ),
    })).any;
    await fc.assert(
      fc.asyncProperty(expression, async (filter) => {
        const [yes, no] = [await names({ filter }), await names({ filter: `NOT (${filter})` })];
        expect([...yes, ...no].sort()).toEqual(['a', 'b', 'c größe', 'd']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('order', () => {
  test('by a metric, a param, a tag, the name; missing last and NaN before it, both ways', async () => {
    await run('two', { metrics: { m: 2 }, params: { p: '10' }, tags: { t: 'b' } });
    await run('one', { metrics: { m: [5, 1] }, params: { p: '9' }, tags: { t: 'a' } });
    await run('nan', { metrics: { m: Number.NaN }, params: { p: 'x' } });
    await run('none');
    expect(await names(by(metric('m')))).toEqual(['one', 'two', 'nan', 'none']);
    expect(await names(by(metric('m'), true))).toEqual(['two', 'one', 'nan', 'none']);
    expect((await names(by(metric('m', 'max'), true))).slice(0, 2)).toEqual(['one', 'two']);
    expect(await names(by({ kind: 'param', key: 'p' }))).toEqual(['one', 'two', 'nan', 'none']);
    expect(await names(by({ kind: 'param', key: 'p' }, true))).toEqual(['two', 'one', 'nan', 'none']);
    expect((await names(by({ kind: 'tag', key: 't' }))).slice(0, 2)).toEqual(['one', 'two']);
    expect(await names(by({ kind: 'attribute', key: 'name' }))).toEqual(['nan', 'none', 'one', 'two']);
  });

  test('groups are consecutive runs with the same values', async () => {
    for (const [name, opt] of [
      ['a', 'adam'],
      ['b', 'sgd'],
      ['c', 'adam'],
      ['d', null],
    ] as const)
      await run(name, opt ? { params: { opt } } : {});
    const order = await table.order(wanted({ groupBy: [{ kind: 'param', key: 'opt' }] }));
    expect(order.groups).toEqual([
      { values: ['adam'], count: 2 },
      { values: ['sgd'], count: 1 },
      { values: [null], count: 1 },
    ]);
    expect(order.ids).toHaveLength(4);
  });

  test('a tree has children under their parents; an orphan stands at the top', async () => {
    const parent = await run('parent');
    const child = await run('child', { parent });
    await run('grandchild', { parent: child });
    await run('other');
    const order = await table.order(wanted({ tree: true }));
    expect(await names({ tree: true })).toEqual(['other', 'parent', 'child', 'grandchild']);
    expect(order.depths).toEqual([0, 0, 1, 2]);
    expect(await names({ tree: true, filter: 'name != parent' })).toEqual(['other', 'child', 'grandchild']);
  });

  test('a circle of parents loses no run', async () => {
    const a = await run('a');
    const b = await run('b', { parent: a });
    area.tracking.log(a, { metrics: [], params: [], tags: [{ key: 'mlflow.parentRunId', value: b }] });
    expect((await names({ tree: true })).sort()).toEqual(['a', 'b']);
  });

  test('extents are over the runs found, without NaN', async () => {
    await run('a', { metrics: { m: 1 } });
    await run('b', { metrics: { m: 5 } });
    await run('c', { metrics: { m: Number.NaN } });
    const { extents, total, ids } = await table.order(
      wanted({ filter: 'm < 3 OR m IS NULL', extents: [metric('m'), metric('none')] }),
    );
    expect({ extents, total, found: ids.length }).toEqual({
      extents: [
        { low: 1, high: 1 },
        { low: null, high: null },
      ],
      total: 3,
      found: 2,
    });
  });
});

describe('cells', () => {
  test('come in the order asked for, with NaN and infinity as text; a deleted run is left out', async () => {
    const a = await run('a', {
      metrics: { m: Number.NaN, n: [1, 7, 3] },
      params: { p: '01' },
      tags: { t: 'ü' },
    });
    const b = await run('b', { metrics: { m: Number.POSITIVE_INFINITY } });
    const gone = await run('gone');
    area.tracking.deleteRun(gone);
    const columns: RunColumn[] = [
      metric('m'),
      metric('n', 'max'),
      { kind: 'param', key: 'p' },
      { kind: 'tag', key: 't' },
      { kind: 'attribute', key: 'duration' },
    ];
    const rows = await table.cells({ runIds: [b, gone, a], columns });
    expect(rows.map(({ name, values }) => [name, ...values.slice(0, 4)])).toEqual([
      ['b', 'Infinity', null, null, null],
      ['a', 'NaN', 7, '01', 'ü'],
    ]);
  });

  test('hostile names of keys are only names', async () => {
    const key = `x') FROM key; DROP TABLE run; -- "'\``;
    const id = await run('a', { params: { [key]: 'v' } });
    const [row] = await table.cells({ runIds: [id], columns: [{ kind: 'param', key }] });
    expect(row?.values).toEqual(['v']);
  });
});

test('keys tell what there is, what varies, what has a curve; values of a param are listed by use', async () => {
  await run('a', {
    params: { same: '1', differs: 'a', sometimes: 'x' },
    metrics: { curve: [1, 2], single: 1 },
  });
  await run('b', { params: { same: '1', differs: 'b' }, metrics: { single: 1 } });
  await run('c', { params: { same: '1', differs: 'b' }, metrics: { single: 1 } });
  const keys = await table.keys([experiment]);
  expect(keys.metrics).toEqual([
    { key: 'single', runs: 3, curve: false },
    { key: 'curve', runs: 1, curve: true },
  ]);
  expect(Object.fromEntries(keys.params.map(({ key, varies }) => [key, varies]))).toEqual({
    same: false,
    differs: true,
    sometimes: true,
  });
  expect(await table.values([experiment], { kind: 'param', key: 'differs' })).toEqual(['b', 'a']);
});

test('a note is MLflow’s note, and an empty one is none', async () => {
  const id = await run('a');
  area.tracking.setNote(id, '**why**');
  expect(
    (await table.cells({ runIds: [id], columns: [{ kind: 'tag', key: 'mlflow.note.content' }] }))[0],
  ).toMatchObject({ note: '**why**', values: ['**why**'] });
  area.tracking.setNote(id, '');
  expect(
    (await table.cells({ runIds: [id], columns: [{ kind: 'tag', key: 'mlflow.note.content' }] }))[0],
  ).toMatchObject({ note: '', values: [null] });
});
