import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lineage, LineageStart } from '../../../contract/lineage.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createActivityArea } from '../activity/index.ts';
import { createArtifactsArea } from '../artifacts/index.ts';
import { createDatasetsArea } from '../datasets/index.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createModelsArea } from '../models/index.ts';
import { createUploadsArea } from '../uploads/index.ts';
import { createLineageArea } from './index.ts';

const ONNX = join(import.meta.dirname, '../../../../resources/sample/models/delay-v1.onnx');
let context: TestContext;
let lathe: ReturnType<typeof parts>;

function parts() {
  const { tracking, loggedModels, experiments } = createExperimentsArea(context);
  const { artifacts } = createArtifactsArea(context, { rootOf: tracking.artifactRoot });
  const { models } = createModelsArea(context, {
    uploads: createUploadsArea(context).uploads,
    compareRuns: async () => ({ runs: [], rows: [] }),
    activities: createActivityArea(context, { unclean: false }).activities,
    filesBelow: artifacts.filesBelow,
    runRoot: tracking.artifactRoot,
    loggedModel: loggedModels.find,
    tagLoggedModel: loggedModels.addVersion,
  });
  const { graph } = createLineageArea(context);
  return { tracking, loggedModels, experiments, models, graph, datasets: createDatasetsArea(context) };
}
beforeEach(async () => {
  context = await openTestContext();
  lathe = parts();
});
afterEach(() => context.close());

function run(name: string, tags: Record<string, string> = {}): string {
  const json = lathe.tracking.createRun({
    experimentId: '0',
    user: '',
    name,
    startMs: context.clock.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  return (JSON.parse(json) as { info: { run_id: string } }).info.run_id;
}
function read(runId: string, name: string, context_ = 'training', sha256 = '', digest = 'd1'): void {
  lathe.tracking.logInputs(
    runId,
    [
      {
        name,
        digest,
        sourceType: 'local',
        source: `{"uri":"${name}.csv"}`,
        schema: '{"mlflow_colspec":[{"type":"double","name":"x"}]}',
        profile: '{"num_rows":10}',
        tags: { 'mlflow.data.context': context_ },
      },
    ],
    [],
  );
  if (sha256) context.db.prepare('UPDATE dataset SET sha256 = ? WHERE name = ?').run(sha256, name);
}
function logged(runId: string, name: string): string {
  const json = lathe.loggedModels.create({
    experimentId: '0',
    name,
    modelType: '',
    sourceRunId: runId,
    params: [],
    tags: [],
  });
  return (JSON.parse(json) as { info: { model_id: string } }).info.model_id;
}
const register = (model: string, runId: string | null) =>
  lathe.models.register({ model, file: ONNX, temporary: false, fileName: 'a.onnx', runId });
function serve(name: string, model: string, versions: string[]): void {
  const arms = versions.map((version, n) => ({ key: `arm${n}`, version, weight: 10_000 / versions.length }));
  context.db
    .prepare(
      `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms)
       SELECT ?, ?, id, '', ?, 1, 1, 0, 0 FROM registered_model WHERE name = ?`,
    )
    .run(name, name, JSON.stringify(arms), model);
}
const graph = (start: LineageStart, part: { up?: number; down?: number; spread?: boolean } = {}) =>
  lathe.graph({ start, up: 8, down: 8, spread: false, ...part });
const titles = ({ nodes }: Lineage) => nodes.map(({ title }) => title).sort();
const dataset = (name: string) =>
  context.db.prepare('SELECT uuid FROM dataset WHERE name = ?').pluck().get(name) as string;

test('is the same chain from wherever it is begun, and each end sees only its own', async () => {
  const [a, b] = [run('train-a', { 'mlflow.source.git.commit': 'abc123' }), run('train-b')];
  read(a, 'flights');
  read(b, 'flights');
  read(a, 'weather');
  await register('delay', a);
  serve('live', 'delay', ['1']);
  const chain = ['delay v1', 'flights', 'live', 'train-a', 'weather'];
  expect(titles(await graph({ kind: 'run', id: a }))).toEqual(chain);
  expect(titles(await graph({ kind: 'version', name: 'delay', version: '1' }))).toEqual(chain);
  expect(titles(await graph({ kind: 'model', name: 'delay' }))).toEqual(chain);
  const up = await graph({ kind: 'endpoint', name: 'live' });
  expect(titles(up)).toEqual(chain);
  expect(up.edges.find(({ to }) => to === 'endpoint:live')).toMatchObject({
    from: 'version:delay/1',
    label: 'arm0 100 %',
  });
  expect(up.nodes.find(({ title }) => title === 'train-a')?.facts).toEqual([
    { label: 'Commit', value: 'abc123' },
  ]);
  expect(up.nodes.filter(({ start }) => start).map(({ title }) => title)).toEqual(['live']);
  // Down from the data: everything that used it, but not what else those runs used.
  expect(titles(await graph({ kind: 'dataset', id: dataset('flights') }))).toEqual([
    'delay v1',
    'flights',
    'live',
    'train-a',
    'train-b',
  ]);
});

test('goes as far as is asked', async () => {
  const a = run('a');
  read(a, 'flights');
  await register('delay', a);
  serve('live', 'delay', ['1']);
  expect(titles(await graph({ kind: 'run', id: a }, { up: 0, down: 1 }))).toEqual(['a', 'delay v1']);
  expect(titles(await graph({ kind: 'run', id: a }, { up: 1, down: 0 }))).toEqual(['a', 'flights']);
});

test('leads through logged models, and comes to an end where a run reads what it made', async () => {
  const a = run('a');
  const model = logged(a, 'net');
  const judge = run('judge');
  lathe.tracking.logInputs(judge, [], [model]);
  lathe.tracking.logInputs(a, [], [model]);
  await register('delay', null);
  context.db.prepare('UPDATE model_version SET logged_model = ?').run(model);
  const found = await graph({ kind: 'version', name: 'delay', version: '1' });
  expect(titles(found)).toEqual(['a', 'delay v1', 'net']);
  expect(titles(await graph({ kind: 'run', id: a }))).toEqual(['a', 'delay v1', 'judge', 'net']);
});

test('the same content is the same data, whatever it is called', async () => {
  const [a, b] = [run('a'), run('b')];
  const sha256 = 'a'.repeat(64);
  read(a, 'january', 'training', sha256, 'x');
  read(b, 'jan-copy', 'validation', sha256, 'y');
  read(b, 'february', 'training', '', 'z');
  for (const name of ['january', 'jan-copy']) {
    const found = await graph({ kind: 'dataset', id: dataset(name) });
    expect(titles(found)).toEqual(['a', 'b', 'january']);
    expect(found.edges).toHaveLength(2);
    expect(found.nodes.find(({ kind }) => kind === 'dataset')?.facts).toContainEqual({
      label: 'Also known as',
      value: 'jan-copy',
    });
  }
  const list = await call(lathe.datasets.routes.list, { text: '' });
  expect(list).toMatchObject([
    { name: 'january', alsoKnownAs: ['jan-copy'], runs: 2, rows: 10, sha256 },
    { name: 'february', alsoKnownAs: [], runs: 1, sha256: null, digest: 'z' },
  ]);
  expect(await call(lathe.datasets.routes.list, { text: 'copy' })).toHaveLength(1);
  expect(await call(lathe.datasets.routes.list, { text: 'aaaa' })).toHaveLength(1);
  expect(await call(lathe.datasets.routes.get, { id: dataset('jan-copy') })).toMatchObject({
    name: 'january',
    sources: [
      { name: 'january', source: 'january.csv' },
      { name: 'jan-copy', source: 'jan-copy.csv' },
    ],
    columns: [{ name: 'x', type: 'double' }],
  });
  const { rows } = (await call(lathe.datasets.routes.uses, {
    id: dataset('january'),
    limit: 5,
    offset: 0,
  })) as {
    rows: { run: string; contexts: string[] }[];
  };
  expect(rows.map((row) => [row.run, row.contexts]).sort()).toEqual([
    ['a', ['training']],
    ['b', ['validation']],
  ]);
});

test('many runs that are alike are one node; one that made a version stands by itself', async () => {
  const runs = Array.from({ length: 30 }, (_, n) => run(`r${n}`));
  for (const id of runs) read(id, 'flights');
  await register('delay', runs[7] ?? '');
  const start = { kind: 'dataset', id: dataset('flights') } as const;
  const found = await graph(start);
  expect(titles(found)).toEqual(['29 runs', 'delay v1', 'flights', 'r7']);
  expect(found.nodes.reduce((sum, { count }) => sum + count, 0)).toBe(32);
  const spread = await graph(start, { spread: true });
  expect(spread.nodes).toHaveLength(32);
});

test('a graph of many things that differ stays one that can be read', async () => {
  for (let n = 0; n < 120; n++) {
    const id = run(`r${n}`);
    read(id, 'flights');
    read(id, `own ${n}`);
  }
  const found = await graph({ kind: 'dataset', id: dataset('flights') });
  expect(found.nodes.reduce((sum, { count }) => sum + count, 0)).toBe(121);
  const other = await graph({ kind: 'dataset', id: dataset('own 5') });
  expect(titles(other)).toEqual(['own 5', 'r5']);
  for (const id of Array.from({ length: 60 }, (_, n) => `r${n}`))
    await register(
      'delay',
      context.db.prepare('SELECT uuid FROM run WHERE name = ?').pluck().get(id) as string,
    );
  const busy = await graph({ kind: 'dataset', id: dataset('flights') });
  for (const kind of ['run', 'version'] as const) {
    const own = busy.nodes.filter((one) => one.kind === kind);
    expect(own.length).toBeLessThanOrEqual(41);
    expect(own.reduce((sum, { count }) => sum + count, 0)).toBe(kind === 'run' ? 120 : 60);
  }
}, 60_000);

test('what is in the trash is not shown, and what is not there says so', async () => {
  const a = run('a');
  read(a, 'flights');
  await register('delay', a);
  lathe.tracking.deleteRun(a);
  expect(titles(await graph({ kind: 'version', name: 'delay', version: '1' }))).toEqual(['delay v1']);
  for (const start of [
    { kind: 'run', id: a },
    { kind: 'dataset', id: 'none' },
    { kind: 'endpoint', name: 'none' },
  ] as const)
    await expect(graph(start)).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
});

/** Calls a route's handler as the RPC does. */
async function call(route: unknown, input: unknown): Promise<unknown> {
  const { call: invoke } = await import('@orpc/server');
  return invoke(route as never, input as never);
}
