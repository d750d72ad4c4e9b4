/** The wire of MLflow's model registry. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMlflow, refused } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
beforeEach(async () => {
  mlflow = await openMlflow();
});
afterEach(() => mlflow.close());

const good = (method: string, path: string, body?: unknown) => mlflow.good(method, path, body);
const call = (method: string, path: string, body?: unknown) => mlflow.call(method, path, body);
const createModel = async (name = 'delay', extra: Json = {}) =>
  (await good('POST', 'registered-models/create', { name, ...extra })).registered_model as Json;
const getModel = async (name = 'delay') =>
  (await good('GET', `registered-models/get?name=${encodeURIComponent(name)}`)).registered_model as Json;
const getVersion = async (version: string, name = 'delay') =>
  (await good('GET', `model-versions/get?name=${name}&version=${version}`)).model_version as Json;
async function createVersion(name = 'delay', extra: Json = {}): Promise<string> {
  const answer = await good('POST', 'model-versions/create', { name, source: 's3://bucket/m', ...extra });
  return (answer.model_version as Json).version as string;
}
const onnx = () =>
  readFile(fileURLToPath(new URL('../../../../resources/sample/models/delay-v1.onnx', import.meta.url)));

describe('registered models', () => {
  test.each(['größe 🚀', 'a b', "o'hara", '100%', '日本語', 'x'.repeat(256)])(
    'the name %j comes back as it is',
    async (name) => {
      expect(await createModel(name, { description: 'd', tags: [{ key: 'k', value: 'v' }] })).toMatchObject({
        name,
        description: 'd',
        tags: [{ key: 'k', value: 'v' }],
      });
      expect(await getModel(name)).toMatchObject({ name });
      expect(mlflow.models.list()).toMatchObject([{ name }]);
    },
  );

  test.each(['', '  ', 'a/b', 'a:b', '..', '.', 'x'.repeat(257)])('the name %j is refused', async (name) => {
    expect(await call('POST', 'registered-models/create', { name })).toEqual(
      refused(400, 'INVALID_PARAMETER_VALUE'),
    );
  });

  test('a name is taken until its model is deleted; then versions begin at 1 again', async () => {
    await createModel();
    await createVersion();
    expect(await call('POST', 'registered-models/create', { name: 'delay' })).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS'),
    );
    await good('DELETE', 'registered-models/delete', { name: 'delay' });
    expect(await call('GET', 'registered-models/get?name=delay')).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', 'Registered Model with name=delay not found'),
    );
    await createModel();
    expect(await createVersion()).toBe('1');
  });

  test('renaming keeps versions and aliases; a taken name is refused', async () => {
    await createModel();
    await createModel('other');
    await createVersion();
    await good('POST', 'registered-models/alias', { name: 'delay', alias: 'champion', version: '1' });
    expect(await call('POST', 'registered-models/rename', { name: 'delay', new_name: 'other' })).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS'),
    );
    await good('POST', 'registered-models/rename', { name: 'delay', new_name: 'late' });
    expect(await getModel('late')).toMatchObject({ aliases: [{ alias: 'champion', version: '1' }] });
  });

  test('tags are set, replaced and deleted', async () => {
    await createModel();
    for (const value of ['1', '2'])
      await good('POST', 'registered-models/set-tag', { name: 'delay', key: 'k', value });
    expect((await getModel()).tags).toEqual([{ key: 'k', value: '2' }]);
    await good('DELETE', 'registered-models/delete-tag', { name: 'delay', key: 'k' });
    expect((await getModel()).tags).toEqual([]);
    const long = { name: 'delay', key: 'k', value: 'x'.repeat(100_001) };
    expect((await call('POST', 'registered-models/set-tag', long)).status).toBe(400);
  });

  test.each([
    ["name = 'a'", ['a']],
    ["name LIKE 'a%'", ['a', 'ab']],
    ["name ILIKE 'A%' AND tags.k = 'v'", ['ab']],
    ["name != 'a'", ['ab', 'c']],
  ])('search %s', async (filter, names) => {
    for (const name of ['a', 'ab', 'c'])
      await createModel(name, name === 'ab' ? { tags: [{ key: 'k', value: 'v' }] } : {});
    const found = await good('GET', `registered-models/search?filter=${encodeURIComponent(filter)}`);
    expect((found.registered_models as Json[]).map(({ name }) => name)).toEqual(names);
  });

  test('search pages, orders, and refuses what it does not know', async () => {
    for (const name of ['a', 'b', 'c']) await createModel(name);
    const names = async (query: string) =>
      ((await good('GET', `registered-models/search?${query}`)).registered_models as Json[]).map(
        ({ name }) => name,
      );
    const first = await good('GET', 'registered-models/search?max_results=2&order_by=name%20DESC');
    expect(first.next_page_token).toEqual(expect.any(String));
    expect(await names(`max_results=2&order_by=name%20DESC&page_token=${first.next_page_token}`)).toEqual([
      'a',
    ]);
    for (const query of [
      'max_results=0',
      'max_results=1001',
      'order_by=nope',
      'filter=nope%3D1',
      'filter=creation_timestamp%3E1',
    ])
      expect((await call('GET', `registered-models/search?${query}`)).status, query).toBe(400);
  });

  test('prompts are kept apart from models', async () => {
    await createModel('model');
    await createModel('prompt', { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
    const names = async (filter: string) =>
      (
        (await good('GET', `registered-models/search?filter=${encodeURIComponent(filter)}`))
          .registered_models as Json[]
      ).map(({ name }) => name);
    expect(await names('')).toEqual(['model']);
    expect(await names("tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(['prompt']);
    expect(await names("tags.`mlflow.prompt.is_prompt` != 'true'")).toEqual(['model']);
    expect(mlflow.models.list().map(({ name }) => name)).toEqual(['model']);
  });
});

describe('aliases', () => {
  test('point at a version, move, and go', async () => {
    await createModel();
    await createVersion();
    await createVersion();
    const byAlias = (alias: string) => call('GET', `registered-models/alias?name=delay&alias=${alias}`);
    for (const version of ['1', '2']) {
      await good('POST', 'registered-models/alias', { name: 'delay', alias: 'champion', version });
      expect((await byAlias('champion')).json.model_version).toMatchObject({
        version,
        aliases: ['champion'],
      });
    }
    expect((await byAlias('latest')).json.model_version).toMatchObject({ version: '2' });
    await good('DELETE', 'registered-models/alias', { name: 'delay', alias: 'champion' });
    expect(await byAlias('champion')).toEqual(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        expect.stringContaining('Registered model alias champion not found.'),
      ),
    );
  });

  test.each(['latest', 'LATEST', 'v1', 'V22', 'a b', 'a/b', 'x'.repeat(256)])(
    '%j is refused',
    async (alias) => {
      await createModel();
      await createVersion();
      expect(await call('POST', 'registered-models/alias', { name: 'delay', alias, version: '1' })).toEqual(
        refused(400, 'INVALID_PARAMETER_VALUE'),
      );
    },
  );

  test('go with their version', async () => {
    await createModel();
    await createVersion();
    await good('POST', 'registered-models/alias', { name: 'delay', alias: 'a', version: '1' });
    await good('DELETE', 'model-versions/delete', { name: 'delay', version: '1' });
    expect(await getModel()).toMatchObject({ aliases: [], latest_versions: [] });
    expect(await call('GET', 'model-versions/get?name=delay&version=1')).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', 'Model Version (name=delay, version=1) not found'),
    );
    expect(await createVersion()).toBe('2');
  });
});

describe('versions', () => {
  test('carry what their client says', async () => {
    await createModel();
    const given = { run_link: 'http://x', description: 'd', tags: [{ key: 'k', value: 'v' }] };
    await createVersion('delay', given);
    expect(await getVersion('1')).toMatchObject({
      name: 'delay',
      version: '1',
      source: 's3://bucket/m',
      status: 'READY',
      current_stage: 'None',
      ...given,
    });
    await good('PATCH', 'model-versions/update', { name: 'delay', version: '1', description: 'e' });
    await good('DELETE', 'model-versions/delete-tag', { name: 'delay', version: '1', key: 'k' });
    await good('POST', 'model-versions/set-tag', { name: 'delay', version: '1', key: 'j', value: 'w' });
    expect(await getVersion('1')).toMatchObject({ description: 'e', tags: [{ key: 'j', value: 'w' }] });
    expect(await good('GET', 'model-versions/get-download-uri?name=delay&version=1')).toEqual({
      artifact_uri: 's3://bucket/m',
    });
  });

  test('of a model that is not there are refused', async () => {
    expect(await call('POST', 'model-versions/create', { name: 'none', source: 's3://b' })).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST'),
    );
    await createModel();
    expect(await call('GET', 'model-versions/get?name=delay&version=x')).toEqual(
      refused(400, 'INVALID_PARAMETER_VALUE'),
    );
  });

  test('move between stages; the others are archived when asked', async () => {
    await createModel();
    for (let n = 0; n < 2; n++) await createVersion();
    const move = (version: string, stage: string, archive_existing_versions = false) =>
      call('POST', 'model-versions/transition-stage', {
        name: 'delay',
        version,
        stage,
        archive_existing_versions,
      });
    await move('1', 'production');
    await move('2', 'Production', true);
    expect([(await getVersion('1')).current_stage, (await getVersion('2')).current_stage]).toEqual([
      'Archived',
      'Production',
    ]);
    const latest = await good('POST', 'registered-models/get-latest-versions', {
      name: 'delay',
      stages: ['Production'],
    });
    expect((latest.model_versions as Json[]).map(({ version }) => version)).toEqual(['2']);
    expect((await move('1', 'None', true)).status).toBe(400);
    expect((await move('1', 'Live')).status).toBe(400);
  });

  test.each([
    ["name = 'delay'", ['2', '1']],
    ['version_number > 1', ['2']],
    ["run_id IN ('none')", []],
    ["tags.n = '1'", ['1']],
    ["source_path LIKE '%bucket/m'", ['2', '1']],
  ])('search %s', async (filter, versions) => {
    await createModel();
    for (const value of ['1', '2']) await createVersion('delay', { tags: [{ key: 'n', value }] });
    const found = await good('GET', `model-versions/search?filter=${encodeURIComponent(filter)}`);
    expect((found.model_versions as Json[]).map(({ version }) => version)).toEqual(versions);
  });
});

describe('the source of a version', () => {
  test.each([
    'mlflow-artifacts:/1/../../etc',
    'mlflow-artifacts:/1/%2e%2e/x',
    'mlflow-artifacts:/1/%252e%252e/x',
    'mlflow-artifacts://host:1/..%2f..%2f',
    's3://bucket/a/../b',
    'https://x/a%00',
    '/etc/passwd',
    'file:///etc/passwd',
    'etc/passwd',
    '..',
    'models:/m-none',
    'models:/none/1',
    'runs:/none/model',
    'mlflow-artifacts:/0/other/artifacts/model',
  ])('%s is refused', async (source) => {
    await createModel();
    const run = await mlflow.newRun();
    for (const extra of [{}, { run_id: run.info.run_id }]) {
      const { status, json } = await call('POST', 'model-versions/create', {
        name: 'delay',
        source,
        ...extra,
      });
      expect({ source, status }).toEqual({
        source,
        status: expect.toSatisfy((code) => code === 400 || code === 404),
      });
      expect(json.error_code).not.toBe('INTERNAL_ERROR');
    }
    expect((await getModel()).latest_versions).toEqual([]);
  });

  test('may be the files of the run that is named, and of no other', async () => {
    await createModel();
    const [mine, other] = [await mlflow.newRun(), await mlflow.newRun()];
    const ofRun = (run: typeof mine) => `${run.info.artifact_uri}/model`;
    const create = (source: string, run_id: string) =>
      call('POST', 'model-versions/create', { name: 'delay', source, run_id });
    expect((await create(ofRun(other), mine.info.run_id)).status).toBe(400);
    expect((await create(`runs:/${other.info.run_id}/model`, mine.info.run_id)).status).toBe(400);
    expect((await create(ofRun(mine), mine.info.run_id)).status).toBe(200);
    await create(`runs:/${mine.info.run_id}/model`, mine.info.run_id);
    for (const version of ['1', '2'])
      expect(await good('GET', `model-versions/get-download-uri?name=delay&version=${version}`)).toEqual({
        artifact_uri: ofRun(mine),
      });
  });

  test('may be a logged model: its run is the version’s, and it remembers the version', async () => {
    await createModel();
    const run = await mlflow.newRun();
    const { model } = (await good('POST', 'logged-models', {
      experiment_id: '0',
      name: 'm',
      source_run_id: run.info.run_id,
    })) as {
      model: { info: { model_id: string; artifact_uri: string } };
    };
    const { model_id, artifact_uri } = model.info;
    expect(
      (await call('POST', 'model-versions/create', { name: 'delay', source: `models:/${model_id}` })).status,
    ).toBe(400);
    await createVersion('delay', { source: `models:/${model_id}`, model_id });
    expect(await getVersion('1')).toMatchObject({
      run_id: run.info.run_id,
      model_id,
      source: `models:/${model_id}`,
    });
    expect(await good('GET', 'model-versions/get-download-uri?name=delay&version=1')).toEqual({
      artifact_uri,
    });
    const read = (await good('GET', `logged-models/${model_id}`)).model as { info: { tags: Json[] } };
    expect(read.info.tags).toEqual([
      { key: 'mlflow.modelVersions', value: '[{"name":"delay","version":1}]' },
    ]);
    await createModel('copy');
    await createVersion('copy', { source: 'models:/delay/1' });
    expect(await good('GET', 'model-versions/get-download-uri?name=copy&version=1')).toEqual({
      artifact_uri,
    });
  });
});

describe('an ONNX model among the artifacts', () => {
  test('makes the version servable; its run’s metrics go with it', async () => {
    await createModel();
    const run = await mlflow.newRun();
    await good('POST', 'runs/log-metric', { run_id: run.info.run_id, key: 'auc', value: 0.8, timestamp: 1 });
    const root = run.info.artifact_uri.slice('mlflow-artifacts:/'.length);
    await mlflow.putFile(`${root}/model/MLmodel`, 'flavors: {}');
    await mlflow.putFile(`${root}/model/model.onnx`, await onnx());
    await createVersion('delay', { source: `${run.info.artifact_uri}/model`, run_id: run.info.run_id });
    expect(mlflow.models.version('delay', '1')).toMatchObject({
      notServable: null,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      runId: run.info.run_id,
      metrics: { auc: 0.8 },
      prediction: { task: 'binary-classification' },
    });
  });

  test.each([
    [{ 'model/model.pkl': 'x' }, 'It holds no ONNX file'],
    [{ 'model/model.onnx': 'no' }, 'model.onnx is not an ONNX model'],
    [{ 'model/a.onnx': 'x', 'model/b.onnx': 'y' }, 'It has 2 ONNX files'],
  ])('%j: is registered and says why it is not served', async (files, reason) => {
    await createModel();
    const run = await mlflow.newRun();
    const root = run.info.artifact_uri.slice('mlflow-artifacts:/'.length);
    for (const [path, text] of Object.entries(files)) await mlflow.putFile(`${root}/${path}`, text);
    await createVersion('delay', { source: `${run.info.artifact_uri}/model`, run_id: run.info.run_id });
    expect(mlflow.models.version('delay', '1').notServable).toContain(reason);
    expect((await getVersion('1')).status).toBe('READY');
  });
});

test('a version that Lathe registered is one for MLflow clients: its file downloads', async () => {
  const file = fileURLToPath(new URL('../../../../resources/sample/models/delay-v1.onnx', import.meta.url));
  await mlflow.models.register({ model: 'delay', file, temporary: false, fileName: 'delay-v1.onnx' });
  const { artifact_uri } = await good('GET', 'model-versions/get-download-uri?name=delay&version=1');
  expect(artifact_uri).toMatch(/^mlflow-artifacts:\/registry\//);
  const answer = await fetch(
    `${mlflow.base}/model-versions/get-artifact?name=delay&version=1&path=model.onnx`,
  );
  expect(Buffer.from(await answer.arrayBuffer()).equals(await onnx())).toBe(true);
});

test('what an endpoint serves is neither deleted nor renamed', async () => {
  const file = fileURLToPath(new URL('../../../../resources/sample/models/delay-v1.onnx', import.meta.url));
  await mlflow.models.register({ model: 'delay', file, temporary: false, fileName: 'delay-v1.onnx' });
  const arms = JSON.stringify([{ key: 'only', version: '1', weight: 10_000 }]);
  mlflow.context.db
    .prepare(
      `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms)
       SELECT 'u', 'live', id, 's', ?, 1, 1, 1, 1 FROM registered_model`,
    )
    .run(arms);
  for (const [method, path, body] of [
    ['DELETE', 'model-versions/delete', { name: 'delay', version: '1' }],
    ['DELETE', 'registered-models/delete', { name: 'delay' }],
    ['POST', 'registered-models/rename', { name: 'delay', new_name: 'late' }],
  ] as const)
    expect(await call(method, path, body)).toEqual(
      refused(409, 'RESOURCE_CONFLICT', expect.stringContaining('live')),
    );
  expect((await getModel()).latest_versions).toHaveLength(1);
});
