import { createRouterClient } from '@orpc/server';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CompareSection, Comparison } from '../../../contract/compare.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createArtifactsArea } from '../artifacts/index.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createCompareArea } from './index.ts';

let context: TestContext;
let area: ReturnType<typeof createExperimentsArea>;
let put: (run: string, path: string, content: string) => Promise<unknown>;
let experiment: string;
let started = 0;
beforeEach(async () => {
  context = await openTestContext();
  area = createExperimentsArea(context);
  const { artifacts } = createArtifactsArea(context, { rootOf: area.tracking.artifactRoot });
  put = (run, path, content) =>
    artifacts.put(
      `${folderOf(run)}/${path}`,
      (async function* () {
        yield Buffer.from(content);
      })(),
    );
  experiment = area.experiments.ensureExperiment('e');
});
afterEach(() => context.close());

const folderOf = (run: string) =>
  (area.tracking.artifactRoot(run) ?? '').replace('mlflow-artifacts:/', '').replace(/^\/+/, '');
const compared = (runIds: string[], options: { all?: boolean; aggregate?: 'last' | 'min' | 'max' } = {}) =>
  createRouterClient(createCompareArea(context).routes).runs({ runIds, ...options });

type Given = {
  params?: Record<string, string>;
  metrics?: Record<string, number[]>;
  tags?: Record<string, string>;
  experiment?: string;
};
function run(name: string, given: Given = {}): string {
  const experimentId = given.experiment ?? experiment;
  const id = area.experiments.createRun({ experimentId, name, startedMs: ++started });
  const metrics = Object.entries(given.metrics ?? {}).flatMap(([key, values]) =>
    values.map((value, step) => ({ key, value, step, timestampMs: 1 })),
  );
  area.experiments.log(id, { metrics, params: given.params ?? {}, tags: given.tags ?? {} });
  area.experiments.endRun(id, 'FINISHED', started + 60_000);
  return id;
}
/** Rows of a section as [name, values by run]. */
const rowsOf = ({ rows, runs }: Comparison, section: CompareSection) =>
  rows
    .filter((row) => row.section === section)
    .map(({ key, cells }) => {
      const values = JSON.parse(cells) as Record<number, string | number>;
      return [key, ...runs.map((_, at) => values[at] ?? null)];
    });

describe('rows', () => {
  test('of params, metrics and tags come where runs differ, and alike ones are counted', async () => {
    const a = run('a', {
      params: { lr: '0.1', seed: '1' },
      metrics: { auc: [0.5, 0.8], loss: [1] },
      tags: { team: 'x', 'mlflow.user': 'me', 'lathe.os': 'Linux' },
    });
    const b = run('b', {
      params: { lr: '0.01', seed: '1', warmup: '5' },
      metrics: { auc: [0.9, 0.7], loss: [1] },
      tags: { team: 'x' },
    });
    const found = await compared([a, b]);
    expect(rowsOf(found, 'param')).toEqual([
      ['lr', '0.1', '0.01'],
      ['warmup', null, '5'],
    ]);
    expect(rowsOf(found, 'metric')).toEqual([['auc', 0.8, 0.7]]);
    expect(rowsOf(found, 'tag')).toEqual([]);
    expect(found.alike).toMatchObject({ param: 1, metric: 1, tag: 1 });
    expect(found.rows.every(({ differs }) => differs)).toBe(true);
    const all = await compared([a, b], { all: true });
    expect(rowsOf(all, 'param')).toEqual([
      ['lr', '0.1', '0.01'],
      ['seed', '1', '1'],
      ['warmup', null, '5'],
    ]);
    expect(rowsOf(all, 'tag')).toEqual([['team', 'x', 'x']]);
    expect(all.alike).toEqual(found.alike);
  });

  test('of metrics are of the last, smallest or largest value; NaN and infinities are told', async () => {
    const a = run('a', { metrics: { x: [3, 1, 2], y: [Number.NaN], z: [Number.POSITIVE_INFINITY] } });
    const b = run('b', { metrics: { x: [3, 0, 2], y: [1], z: [Number.NEGATIVE_INFINITY] } });
    const of = async (aggregate: 'last' | 'min' | 'max') =>
      rowsOf(await compared([a, b], { aggregate, all: true }), 'metric');
    expect(await of('last')).toEqual([
      ['x', 2, 2],
      ['y', 'NaN', 1],
      ['z', 'Infinity', '-Infinity'],
    ]);
    expect(await of('min')).toEqual([
      ['x', 1, 0],
      ['y', null, 1],
      ['z', 'Infinity', '-Infinity'],
    ]);
    expect((await of('max'))[0]).toEqual(['x', 3, 3]);
  });

  test('say for any runs exactly what a comparison by hand says', async () => {
    const name = fc.constantFrom('a', 'b', 'ключ', '"q"', "it's", '0', '__proto__', 'a.b/c', '🦦');
    const values = fc.dictionary(name, fc.constantFrom('1', '2', '', 'ü\n', '\\u0000'), { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 6 }), fc.boolean(), async (given, all) => {
        const ids = given.map((params, at) => run(`r${at}`, { params }));
        const found = await compared(ids, { all });
        const keys = [...new Set(given.flatMap((params) => Object.keys(params)))];
        const byHand = keys.map((key) => [
          key,
          ...given.map((params) => (Object.hasOwn(params, key) ? params[key] : null)),
        ]);
        const differing = byHand.filter(([, first, ...rest]) => rest.some((value) => value !== first));
        const sorted = (rows: unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();
        expect(sorted(rowsOf(found, 'param'))).toEqual(
          // Of a single run all is shown.
          sorted(all || ids.length === 1 ? byHand : differing),
        );
        expect(found.alike.param ?? 0).toBe(byHand.length - differing.length);
      }),
      { numRuns: 60 },
    );
  });

  test('beyond the most of a section are counted, not sent', async () => {
    const params = Object.fromEntries(Array.from({ length: 5_003 }, (_, at) => [`p${at}`, String(at)]));
    const a = run('a', { params });
    const found = await compared([a, run('b')]);
    expect(rowsOf(found, 'param').length).toBe(5_000);
    expect(found.cut).toEqual({ param: 3 });
  });
});

describe('runs', () => {
  test('come in the order asked for, once, from any experiment; those that are gone are left out', async () => {
    const other = area.experiments.ensureExperiment('other');
    const [a, b, c] = [run('a'), run('b', { experiment: other }), run('c')];
    area.tracking.deleteRun(c ?? '');
    const found = await compared([b ?? '', c ?? '', a ?? '', b ?? '', 'nobody']);
    expect(found.runs.map(({ name, experiment: of }) => [name, of])).toEqual([
      ['b', 'other'],
      ['a', 'e'],
    ]);
    expect(rowsOf(found, 'run')).toContainEqual(['Experiment', 'other', 'e']);
  });

  test('that are all gone are no failure', async () => {
    expect(await compared(['nobody'])).toEqual({ runs: [], rows: [], alike: {}, cut: {} });
  });
});

describe('datasets', () => {
  const input = (digest: string, extra: { sha256?: string; source?: string; name?: string } = {}) => ({
    ...{ name: extra.name ?? 'flights', digest, sourceType: 'local', source: extra.source ?? '/data' },
    ...{ schema: null, profile: null },
    tags: {
      'mlflow.data.context': 'training',
      ...(extra.sha256 ? { 'lathe.sha256': extra.sha256 } : {}),
    },
  });
  const HASH = 'a'.repeat(64);

  test('are told apart by the hash of their content where it is known, else by the client’s digest', async () => {
    const [a, b, c] = [run('a'), run('b'), run('c')] as [string, string, string];
    area.tracking.logInputs(a, [input('d1', { sha256: HASH })], []);
    area.tracking.logInputs(b, [input('d1', { sha256: 'b'.repeat(64) })], []);
    area.tracking.logInputs(c, [input('d1', { sha256: 'not a hash' })], []);
    expect(rowsOf(await compared([a, b, c]), 'dataset')).toEqual([
      ['flights (training)', `sha256:${HASH}`, `sha256:${'b'.repeat(64)}`, 'digest:d1'],
    ]);
  });

  test('of one content are alike whatever the client’s digest, and where they lay may differ', async () => {
    const [a, b] = [run('a'), run('b')] as [string, string];
    area.tracking.logInputs(a, [input('d1', { sha256: HASH, source: '/x' })], []);
    area.tracking.logInputs(b, [input('d2', { sha256: HASH, source: '/y' })], []);
    const found = await compared([a, b]);
    expect(rowsOf(found, 'dataset')).toEqual([['flights (training) source', '/x', '/y']]);
    expect(found.alike.dataset).toBe(1);
  });

  test('of one name in one run stand together', async () => {
    const [a, b] = [run('a'), run('b')] as [string, string];
    area.tracking.logInputs(a, [input('d2'), input('d1')], []);
    area.tracking.logInputs(b, [input('d1'), input('d2')], []);
    expect(rowsOf(await compared([a, b], { all: true }), 'dataset')[0]).toEqual([
      ...['flights (training)', 'digest:d1 digest:d2', 'digest:d1 digest:d2'],
    ]);
  });
});

describe('what was captured', () => {
  test('is code and environment, whoever told of it', async () => {
    const a = run('a', { tags: { 'mlflow.source.git.commit': 'c0ffee', 'lathe.env.SEED': '1' } });
    const b = run('b', {
      tags: { 'lathe.code.commit': 'c0ffee', 'mlflow.source.git.commit': 'other', 'lathe.os': 'Linux' },
    });
    const all = await compared([a, b], { all: true });
    expect(rowsOf(all, 'code')).toEqual([['Commit', 'c0ffee', 'c0ffee']]);
    expect(rowsOf(all, 'environment')).toEqual([
      ['System', null, 'Linux'],
      ['SEED', '1', null],
    ]);
    const differing = await compared([a, b]);
    expect(rowsOf(differing, 'code')).toEqual([]);
    expect(differing.alike.code).toBe(1);
  });

  test('files are compared by their content, below each run’s own folder', async () => {
    const [a, b] = [run('a'), run('b')] as [string, string];
    await put(a, 'plots/roc.png', 'one');
    await put(b, 'plots/roc.png', 'two!');
    await put(a, 'same.txt', 'same');
    await put(b, 'same.txt', 'same');
    await put(b, 'only.txt', 'b');
    await put(b, 'lathe/code.patch', 'diff');
    const found = await compared([a, b]);
    expect(rowsOf(found, 'artifact').map(([key]) => key)).toEqual([
      ...['lathe/code.patch', 'only.txt', 'plots/roc.png'],
    ]);
    expect(rowsOf(found, 'artifact')[2]?.slice(1)).toEqual([
      expect.stringMatching(/^[0-9a-f]{12} 3$/),
      expect.stringMatching(/^[0-9a-f]{12} 4$/),
    ]);
    expect(found.alike.artifact).toBe(1);
    expect(found.runs.map(({ patch }) => patch)).toEqual([null, 'lathe/code.patch']);
  });

  test('a run whose files another program keeps has none to compare', async () => {
    const away = area.tracking.createExperiment('away', 's3://bucket', []);
    const { run_id } = JSON.parse(
      area.tracking.createRun({ experimentId: String(away), user: '', name: 'far', startMs: 1, tags: [] }),
    ).info;
    const a = run('a');
    await put(a, 'x.txt', 'x');
    const found = await compared([run_id, a]);
    expect(rowsOf(found, 'artifact').map(([key, far]) => [key, far])).toEqual([['x.txt', null]]);
  });

  test('more files than are compared are told', async () => {
    const { sha256 } = await context.blobs.put(Buffer.from('x'));
    const [a, b] = [run('a'), run('b')] as [string, string];
    const insert = context.db.prepare(
      'INSERT INTO artifact(path, sha256, size, created_ms) VALUES (?, ?, 1, 1)',
    );
    context.db.transaction(() => {
      for (let at = 0; at < 5_001; at++) insert.run(`${folderOf(a)}/f${at}`, sha256);
    })();
    const found = await compared([a, b]);
    expect(found.runs.map(({ filesCut }) => filesCut)).toEqual([true, false]);
    expect(rowsOf(found, 'artifact').length).toBe(5_000);
  });
});

describe('packages', () => {
  test('are those installed; else what the run’s model asks for', async () => {
    const [a, b, c, d] = [run('a'), run('b'), run('c'), run('d')] as [string, string, string, string];
    await put(a, 'lathe/requirements.txt', 'numpy==1.0\nscikit_learn==1.5\n');
    await put(a, 'model/requirements.txt', 'ignored==1\n');
    await put(b, 'model/requirements.txt', 'NumPy==2.0\nscikit-learn==1.5\n');
    const { model_id } = JSON.parse(
      area.loggedModels.create({
        experimentId: '1',
        name: 'm',
        modelType: '',
        sourceRunId: c,
        params: [],
        tags: [],
      }),
    ).info;
    area.tracking.logOutputs(c, [{ model: model_id, step: 0 }]);
    const models = folderOf(c).replace(`${c}/artifacts`, `models/${model_id}/artifacts`);
    const { artifacts } = createArtifactsArea(context, { rootOf: area.tracking.artifactRoot });
    await artifacts.put(
      `${models}/requirements.txt`,
      (async function* () {
        yield Buffer.from('numpy==3.0\n');
      })(),
    );
    const found = await compared([a, b, c, d]);
    expect(rowsOf(found, 'package')).toEqual([
      ['numpy', '1.0', '2.0', '3.0', null],
      ['scikit-learn', '1.5', '1.5', null, null],
    ]);
    expect(found.runs.map(({ packages }) => packages)).toEqual(['installed', 'model', 'model', 'none']);
  });
});
