import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LinesWanted, MatrixWanted } from '../../../contract/explore.ts';
import { linesOf } from '../../../contract/explore-lines.ts';
import { columnsOf } from '../../../contract/explore-matrix.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createExploreService, type Explore } from './explore.service.ts';

let context: TestContext;
let area: ReturnType<typeof createExperimentsArea>;
let explore: Explore;
let experiment: string;
beforeEach(async () => {
  context = await openTestContext();
  area = createExperimentsArea(context);
  explore = createExploreService(context, { runsWhere: area.runsSql.where, cell: area.runsSql.cell });
  experiment = area.experiments.ensureExperiment('e');
});
afterEach(async () => {
  await explore.close();
  await context.close();
});

let started = 0;
function run(name: string, params: Record<string, string> = {}): string {
  const id = area.experiments.createRun({ experimentId: experiment, name, startedMs: ++started });
  area.experiments.log(id, { params });
  return id;
}
type Logged = readonly [step: number, value: number, timestampMs?: number];
const log = (id: string, key: string, points: readonly Logged[]) =>
  area.experiments.log(id, {
    metrics: points.map(([step, value, timestampMs = step]) => ({ key, step, value, timestampMs })),
  });
async function lines(wanted: Partial<LinesWanted> & { runIds: string[] }) {
  const answer = await explore.lines(LinesWanted.parse({ key: 'm', x: { kind: 'step' }, ...wanted }));
  return linesOf(answer.series, new Uint8Array(Buffer.from(answer.data, 'base64'))).map((line) => ({
    ...line,
    x: [...line.x],
    last: [...line.last],
    min: [...line.min],
    max: [...line.max],
  }));
}

describe('lines', () => {
  test('few points come as they were logged; NaN and infinity are counted, not drawn', async () => {
    const a = run('a');
    log(a, 'm', [
      [2, 5],
      [0, 1],
      [1, Number.NaN],
      [3, Number.POSITIVE_INFINITY],
    ]);
    expect(await lines({ runIds: [a] })).toEqual([
      { runId: a, logged: 4, notFinite: 2, x: [0, 2], last: [1, 5], min: [1, 5], max: [1, 5] },
    ]);
  });

  test('come in the order asked for; runs without the metric, deleted and unknown ones are left out', async () => {
    const [a, b, none, gone] = [run('a'), run('b'), run('none'), run('gone')];
    for (const id of [a, b, gone]) log(id, 'm', [[0, 1]]);
    area.tracking.deleteRun(gone);
    const found = await lines({ runIds: [b, none, gone, 'nobody', a, b] });
    expect(found.map(({ runId }) => runId)).toEqual([b, a]);
    expect(await lines({ runIds: [a], key: 'nothing' })).toEqual([]);
  });

  test('along time, time since the start, and another metric', async () => {
    const a = run('a');
    const start = started;
    log(a, 'm', [
      [0, 1, start + 30],
      [1, 2, start + 10],
      [2, 3, start + 20],
    ]);
    log(a, 'epoch', [
      [1, 7],
      [2, 5],
    ]);
    const along = async (x: LinesWanted['x']) => (await lines({ runIds: [a], x }))[0];
    expect(await along({ kind: 'time' })).toMatchObject({
      x: [start + 10, start + 20, start + 30],
      last: [2, 3, 1],
    });
    expect(await along({ kind: 'relative' })).toMatchObject({ x: [10, 20, 30], last: [2, 3, 1] });
    expect(await along({ kind: 'metric', key: 'epoch' })).toMatchObject({
      x: [5, 7],
      last: [3, 2],
      logged: 2,
    });
    expect(await along({ kind: 'metric', key: 'nothing' })).toMatchObject({ x: [], logged: 0 });
  });

  test('a range has both its ends', async () => {
    const a = run('a');
    log(
      a,
      'm',
      Array.from({ length: 10 }, (_, step) => [step, step] as const),
    );
    expect(await lines({ runIds: [a], from: 2, to: 4.5 })).toMatchObject([{ x: [2, 3, 4], logged: 3 }]);
    expect(await lines({ runIds: [a], from: 20, to: 30 })).toMatchObject([{ x: [], logged: 0 }]);
    expect(await lines({ runIds: [a], from: 5, to: 4 })).toMatchObject([{ x: [], logged: 0 }]);
  });
});

describe('packing', () => {
  const heads = () => context.db.prepare('SELECT n FROM rollup_head ORDER BY series_id').pluck().all();
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => [from + at, (from + at) % 10] as const);

  test('happens to what somebody looks at, and to all that is worth it when nothing goes on', async () => {
    const [seen, unseen, short] = [run('seen'), run('unseen'), run('short')];
    for (const id of [seen, unseen]) for (let at = 0; at < 5_000; at += 1000) log(id, 'm', many(at, 1000));
    log(short, 'm', many(0, 63));
    await lines({ runIds: [seen] });
    await expect.poll(heads, { timeout: 10_000 }).toEqual([5_000]);
    await explore.settle();
    expect(heads()).toEqual([5_000, 5_000]);
    const before = await lines({ runIds: [seen, unseen, short], buckets: 50 });
    context.db.exec('DELETE FROM rollup; DELETE FROM rollup_head');
    const without = await lines({ runIds: [seen, unseen, short], buckets: 50 });
    const facts = (all: typeof before) =>
      all.map(({ logged, x, max }) => [logged, x.at(-1), Math.max(...max)]);
    expect(facts(before)).toEqual(facts(without));
  });

  test('goes on while a run logs, in order and out of it', async () => {
    const id = run('live');
    for (let at = 0; at < 12_000; at += 500) {
      log(id, 'm', many(at, 500));
      if (at % 2_000 === 1_500) log(id, 'm', [[at - 700, 99 + at, 7]]);
      const [line] = await lines({ runIds: [id], buckets: 100 });
      expect(line?.logged).toBe(at + 500 + Math.floor((at + 500) / 2_000));
      expect(Math.max(...(line?.max ?? []))).toBe(
        at < 1_500 ? 9 : 99 + Math.floor((at - 1_500) / 2_000) * 2_000 + 1_500,
      );
    }
    await explore.settle();
    expect(heads()).toEqual([12_006]);
  });
});

test('a run of 12,000 metrics answers for each of them', async () => {
  const id = run('wide');
  for (let from = 0; from < 12_000; from += 1000)
    area.experiments.log(id, {
      metrics: Array.from({ length: 1000 }, (_, at) => ({
        key: `m${from + at}`,
        step: 0,
        value: from + at,
        timestampMs: 1,
      })),
    });
  expect(await lines({ runIds: [id], key: 'm11999' })).toMatchObject([{ x: [0], last: [11_999] }]);
  const columns = [{ kind: 'metric', key: 'm7777', aggregate: 'last' } as const];
  expect((await matrix({ columns })).columns).toEqual([[7777]]);
});

test('points whose x is not finite have no place along a metric', async () => {
  const id = run('a');
  log(id, 'm', [
    [0, 1],
    [1, 2],
    [2, Number.NaN],
    [3, 4],
  ]);
  log(id, 'x', [
    [1, 5],
    [2, 6],
    [3, Number.NaN],
  ]);
  expect(await lines({ runIds: [id], x: { kind: 'metric', key: 'x' } })).toMatchObject([
    { x: [5], last: [2], logged: 2, notFinite: 1 },
  ]);
});

async function matrix(wanted: Partial<MatrixWanted>) {
  const found = await explore.matrix(
    MatrixWanted.parse({ experimentIds: [experiment], columns: [], ...wanted }),
  );
  const bytes = new Uint8Array(Buffer.from(found.data, 'base64'));
  const columns = columnsOf(found.categories.length, found.runIds.length, bytes);
  return { ...found, columns: columns.map((column) => [...column]) };
}

describe('matrix', () => {
  test('numeric params are numbers, others categories in natural order; what is missing is NaN', async () => {
    const a = run('a', { lr: '1e-3', layers: 'l10', mixed: '3', odd: 'nan' });
    run('b', { lr: '0.1', layers: 'l9', mixed: 'auto', odd: '2' });
    run('c');
    log(a, 'm', [
      [0, 4],
      [1, 2],
    ]);
    const found = await matrix({
      columns: [
        { kind: 'param', key: 'lr' },
        { kind: 'param', key: 'layers' },
        { kind: 'param', key: 'mixed' },
        { kind: 'param', key: 'odd' },
        { kind: 'metric', key: 'm', aggregate: 'max' },
        { kind: 'attribute', key: 'name' },
        { kind: 'attribute', key: 'started' },
        { kind: 'metric', key: 'nothing', aggregate: 'last' },
      ],
    });
    expect(found.names).toEqual(['c', 'b', 'a']);
    expect(found.categories).toEqual([
      null,
      ['l9', 'l10'],
      ['3', 'auto'],
      null,
      null,
      ['a', 'b', 'c'],
      null,
      null,
    ]);
    const none = Number.NaN;
    expect(found.columns).toEqual([
      [none, 0.1, 0.001],
      [none, 0, 1],
      [none, 1, 0],
      [none, 2, none],
      [none, none, 4],
      [2, 1, 0],
      [started, started - 1, started - 2],
      [none, none, none],
    ]);
  });

  test('takes the filter of the runs table, or the runs named, in their order', async () => {
    const [a, b] = [run('a', { p: '1' }), run('b', { p: '2' })];
    const column = { kind: 'param', key: 'p' } as const;
    expect(await matrix({ filter: 'params.p > 1', columns: [column] })).toMatchObject({
      runIds: [b],
      columns: [[2]],
    });
    expect(await matrix({ runIds: [a, b], filter: 'params.p > 1', columns: [column] })).toMatchObject({
      runIds: [a, b],
      columns: [[1, 2]],
    });
    await expect(matrix({ filter: 'metrics.x > y', columns: [column] })).rejects.toMatchObject({
      code: 'LATHE_INPUT_INVALID',
    });
  });

  test('of many runs is the same as of few, whichever way it is read', async () => {
    const ids = Array.from({ length: 2_100 }, (_, n) => run(`r${n}`, { p: String(n), c: `k${n % 7}` }));
    const columns = [
      { kind: 'param', key: 'p' },
      { kind: 'param', key: 'c' },
    ] as const;
    const all = await matrix({ columns: [...columns] });
    const some = await matrix({ columns: [...columns], runIds: ids.slice(0, 100) });
    expect(all.runIds).toEqual([...ids].reverse());
    expect(all.columns[0]?.toReversed().slice(0, 100)).toEqual(some.columns[0]);
    expect(all.columns[1]?.toReversed().slice(0, 100)).toEqual(some.columns[1]);
  });
});

test('importance: what orders the metric comes first; what says nothing is left out', async () => {
  for (let n = 0; n < 20; n++) {
    const id = run(`r${n}`, {
      lr: String(10 ** -n),
      opt: n < 10 ? 'sgd' : 'adam',
      same: '1',
      ...(n < 2 ? { rare: String(n) } : {}),
    });
    log(id, 'm', [[0, n === 19 ? Number.NaN : n]]);
  }
  const wanted = {
    experimentIds: [experiment],
    filter: '',
    runIds: null,
    metric: { key: 'm', aggregate: 'last' },
  } as const;
  const found = await explore.importance({ ...wanted, experimentIds: [experiment] });
  expect(found.runs).toBe(19);
  expect(found.params.map(({ key }) => key)).toEqual(['lr', 'opt']);
  expect(found.params[0]).toMatchObject({
    kind: 'number',
    runs: 19,
    distinct: 19,
    correlation: -1,
    importance: 1,
  });
  expect(found.params[1]).toMatchObject({ kind: 'category', correlation: null, distinct: 2 });
  expect(found.params[1]?.importance).toBeGreaterThan(0.5);
});
