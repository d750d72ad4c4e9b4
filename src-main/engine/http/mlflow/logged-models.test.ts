/** The wire of logged models, metric histories and downloads. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMlflow, refused } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
beforeEach(async () => {
  mlflow = await openMlflow();
});
afterEach(() => mlflow.close());

type Model = {
  info: Json & { model_id: string; artifact_uri: string };
  data: { params: Json[]; metrics: Json[] };
};
const create = async (body: Json = {}) =>
  (await mlflow.good('POST', 'logged-models', { experiment_id: '0', name: 'net', ...body })).model as Model;
const get = async (id: string) => (await mlflow.good('GET', `logged-models/${id}`)).model as Model;
const search = async (body: Json) =>
  (
    (await mlflow.good('POST', 'logged-models/search', { experiment_ids: ['0'], ...body })).models as Model[]
  ).map(({ info }) => info.name);

describe('a logged model', () => {
  test('is pending until it is finalised, and keeps its params, tags and run', async () => {
    const run = await mlflow.newRun();
    const model = await create({
      source_run_id: run.info.run_id,
      model_type: 'pyfunc',
      params: [{ key: 'lr', value: '0.1' }],
      tags: [{ key: 'größe', value: '🚀' }],
    });
    expect(model.info).toMatchObject({
      model_id: expect.stringMatching(/^m-[0-9a-f]{32}$/),
      status: 'LOGGED_MODEL_PENDING',
      source_run_id: run.info.run_id,
      artifact_uri: `mlflow-artifacts:/0/models/${model.info.model_id}/artifacts`,
      tags: [{ key: 'größe', value: '🚀' }],
    });
    await mlflow.good('PATCH', `logged-models/${model.info.model_id}`, { status: 'LOGGED_MODEL_READY' });
    expect((await get(model.info.model_id)).info.status).toBe('LOGGED_MODEL_READY');
    expect(model.data.params).toEqual([{ key: 'lr', value: '0.1' }]);
  });

  test('has the metrics that name it, once however often they come; its run has them too', async () => {
    const run = await mlflow.newRun();
    const { info } = await create();
    const metric = {
      key: 'acc',
      value: 'NaN',
      timestamp: 1,
      step: 3,
      model_id: info.model_id,
      dataset_name: 'd',
      dataset_digest: 'x',
    };
    for (let attempt = 0; attempt < 2; attempt++)
      await mlflow.good('POST', 'runs/log-batch', { run_id: run.info.run_id, metrics: [metric] });
    expect((await get(info.model_id)).data.metrics).toEqual([{ ...metric, run_id: run.info.run_id }]);
    const read = (await mlflow.good('GET', `runs/get?run_id=${run.info.run_id}`)).run as {
      data: { metrics: Json[] };
    };
    expect(read.data.metrics).toMatchObject([{ key: 'acc', value: 'NaN' }]);
  });

  test('a metric for a model that is not there is refused, and nothing of the batch stays', async () => {
    const run = await mlflow.newRun();
    const metrics = [
      { key: 'a', value: 1, timestamp: 1 },
      { key: 'b', value: 1, timestamp: 1, model_id: 'm-none' },
    ];
    expect(await mlflow.call('POST', 'runs/log-batch', { run_id: run.info.run_id, metrics })).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', "Logged model with ID 'm-none' not found."),
    );
    const read = (await mlflow.good('GET', `runs/get?run_id=${run.info.run_id}`)).run as {
      data: { metrics: Json[] };
    };
    expect(read.data.metrics).toEqual([]);
  });

  test('a param never changes; a tag does, and its key may hold slashes', async () => {
    const { info } = await create({ params: [{ key: 'lr', value: '1' }] });
    const params = (value: string) =>
      mlflow.call('POST', `logged-models/${info.model_id}/params`, { params: [{ key: 'lr', value }] });
    expect((await params('1')).status).toBe(200);
    expect(await params('2')).toEqual(refused(400, 'INVALID_PARAMETER_VALUE'));
    for (const value of ['a', 'b'])
      await mlflow.good('PATCH', `logged-models/${info.model_id}/tags`, { tags: [{ key: 'x/y', value }] });
    expect((await get(info.model_id)).info.tags).toEqual([{ key: 'x/y', value: 'b' }]);
    await mlflow.good('DELETE', `logged-models/${info.model_id}/tags/x/y`);
    expect(await mlflow.call('DELETE', `logged-models/${info.model_id}/tags/x/y`)).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST'),
    );
  });

  test('is gone after its deletion', async () => {
    const { info } = await create();
    await mlflow.good('DELETE', `logged-models/${info.model_id}`);
    expect(await mlflow.call('GET', `logged-models/${info.model_id}`)).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST'),
    );
    expect(await search({})).toEqual([]);
  });

  test.each(['a/b', 'a:b', 'a.b', 'a%b', 'a"b'])('the name %j is refused', async (name) => {
    expect(await mlflow.call('POST', 'logged-models', { experiment_id: '0', name })).toEqual(
      refused(400, 'INVALID_PARAMETER_VALUE'),
    );
  });

  test('its files are listed and fetched', async () => {
    const { info } = await create();
    const root = info.artifact_uri.slice('mlflow-artifacts:/'.length);
    await mlflow.putFile(`${root}/code/a.py`, 'print()');
    await mlflow.putFile(`${root}/MLmodel`, 'x: 1');
    const list = (path: string) =>
      mlflow.good(
        'GET',
        `logged-models/${info.model_id}/artifacts/directories?artifact_directory_path=${path}`,
      );
    expect((await list('')).files).toEqual([
      { path: 'MLmodel', is_dir: false, file_size: 4 },
      { path: 'code', is_dir: true },
    ]);
    expect((await list('code')).files).toEqual([{ path: 'code/a.py', is_dir: false, file_size: 7 }]);
    const file = `${mlflow.base}/ajax-api/2.0/mlflow/logged-models/${info.model_id}/artifacts/files?artifact_file_path=`;
    expect(await (await fetch(`${file}code/a.py`)).text()).toBe('print()');
    for (const path of ['..%2Fx', '%252e%252e/x', 'a%00b', '/etc/passwd'])
      expect((await fetch(file + path)).status, path).toBe(400);
  });
});

describe('searching logged models', () => {
  beforeEach(async () => {
    const run = await mlflow.newRun();
    for (const [name, acc, dataset] of [
      ['one', 0.5, 'train'],
      ['two', 0.9, 'train'],
      ['three', 0.7, 'test'],
    ] as const) {
      const { info } = await create({
        name,
        params: [{ key: 'p', value: name }],
        tags: [{ key: 't', value: 'v' }],
      });
      const metric = { key: 'acc', value: acc, timestamp: 1, model_id: info.model_id, dataset_name: dataset };
      await mlflow.good('POST', 'runs/log-metric', { run_id: run.info.run_id, ...metric });
    }
  });

  test.each([
    ["params.p = 'two'", ['two']],
    ["name IN ('one', 'three')", ['three', 'one']],
    ['metrics.acc > 0.6', ['three', 'two']],
    ["metrics.acc > 0.6 AND tags.t LIKE 'v%' AND status = 'LOGGED_MODEL_PENDING'", ['three', 'two']],
    ['creation_timestamp < 5', []],
  ])('%s', async (filter, names) => {
    expect(await search({ filter })).toEqual(names);
  });

  test('a metric counts only on the datasets that are named', async () => {
    expect(await search({ filter: 'metrics.acc > 0.6', datasets: [{ dataset_name: 'train' }] })).toEqual([
      'two',
    ]);
    expect(await search({ datasets: [{ dataset_name: 'test' }] })).toEqual(['three']);
  });

  test('orders by a metric, and pages', async () => {
    const order_by = [{ field_name: 'metrics.acc', ascending: false }];
    expect(await search({ order_by })).toEqual(['two', 'three', 'one']);
    const first = await mlflow.good('POST', 'logged-models/search', {
      experiment_ids: ['0'],
      order_by,
      max_results: 2,
    });
    expect(await search({ order_by, max_results: 2, page_token: first.next_page_token })).toEqual(['one']);
  });

  test.each(['metrics.acc = "x"', 'nope = 1', 'name > "a"', 'dataset.name = "d"'])(
    '%s is refused',
    async (filter) => {
      expect(await mlflow.call('POST', 'logged-models/search', { experiment_ids: ['0'], filter })).toEqual(
        refused(400, 'INVALID_PARAMETER_VALUE'),
      );
    },
  );
});

describe('histories of many runs', () => {
  test('bulk: by run, then by time', async () => {
    const [a, b] = [await mlflow.newRun(), await mlflow.newRun()];
    for (const { info } of [b, a])
      for (const timestamp of [2, 1])
        await mlflow.good('POST', 'runs/log-metric', {
          run_id: info.run_id,
          key: 'm',
          value: timestamp,
          timestamp,
        });
    const runs = [a, b].map(({ info }) => `run_id=${info.run_id}`).join('&');
    const { metrics } = await mlflow.good(
      'GET',
      `/ajax-api/2.0/mlflow/metrics/get-history-bulk?${runs}&metric_key=m`,
    );
    expect(metrics).toEqual(
      [a, b].flatMap(({ info }) =>
        [1, 2].map((at) => ({ key: 'm', value: at, timestamp: at, step: 0, run_id: info.run_id })),
      ),
    );
  });

  test('sampled: so many points as asked, evenly, with the first and the last', async () => {
    const { info } = await mlflow.newRun();
    const metrics = Array.from({ length: 500 }, (_, step) => ({
      key: 'm',
      value: step,
      timestamp: step,
      step,
    }));
    await mlflow.good('POST', 'runs/log-batch', { run_id: info.run_id, metrics });
    const sampled = async (rest: string) => {
      const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${info.run_id}&metric_key=m&${rest}`;
      return ((await mlflow.good('GET', path)).metrics as { step: number }[]).map(({ step }) => step);
    };
    const ten = await sampled('max_results=10');
    expect([ten.length, ten[0], ten.at(-1)]).toEqual([10, 0, 499]);
    // The first of each tenth, as MLflow has it, but of the last its end.
    expect(ten.slice(0, -1)).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400]);
    expect(await sampled('max_results=1')).toEqual([499]);
    expect(await sampled('max_results=10&start_step=5&end_step=7')).toEqual([5, 6, 7]);
    expect(
      (
        await mlflow.call(
          'GET',
          `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${info.run_id}&metric_key=m&start_step=5`,
        )
      ).status,
    ).toBe(400);
  });
});

describe('files of a run, for browsers', () => {
  test('upload and fetch; nothing leaves the run', async () => {
    const { info } = await mlflow.newRun();
    const at = (call: string, path: string) =>
      `${mlflow.base}/ajax-api/2.0/mlflow/${call}?run_uuid=${info.run_id}&path=${path}`;
    expect((await fetch(at('upload-artifact', 'a/b.txt'), { method: 'POST', body: 'hello' })).status).toBe(
      200,
    );
    const answer = await fetch(`${mlflow.base}/get-artifact?run_id=${info.run_id}&path=a/b.txt`);
    expect([await answer.text(), answer.headers.get('x-content-type-options')]).toEqual(['hello', 'nosniff']);
    for (const path of ['../b.txt', '%2e%2e%2fb.txt', 'a%00', ''])
      expect((await fetch(at('upload-artifact', path), { method: 'POST', body: 'x' })).status, path).toBe(
        400,
      );
    const large = await fetch(at('upload-artifact', 'large'), {
      method: 'POST',
      body: new Uint8Array(10 * 1024 * 1024 + 1),
    });
    expect(large.status).toBe(400);
    expect((await fetch(`${mlflow.base}/get-artifact?run_id=${info.run_id}&path=large`)).status).toBe(404);
  });
});

test('what is not there answers in MLflow’s form, and the server tells what it can do', async () => {
  expect(await mlflow.call('POST', '/api/3.0/mlflow/traces', {})).toEqual(refused(404, 'ENDPOINT_NOT_FOUND'));
  expect(await mlflow.good('GET', '/api/3.0/mlflow/server-info')).toMatchObject({
    multipart_uploads_enabled: false,
  });
});

test('the datasets that the runs of an experiment read', async () => {
  const { info } = await mlflow.newRun();
  const dataset = { name: 'flights', digest: '0a1b', source_type: 'local', source: '{}' };
  await mlflow.good('POST', 'runs/log-inputs', {
    run_id: info.run_id,
    datasets: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }],
  });
  expect(
    (await mlflow.good('POST', 'experiments/search-datasets', { experiment_ids: ['0'] })).dataset_summaries,
  ).toEqual([{ experiment_id: '0', name: 'flights', digest: '0a1b', context: 'training' }]);
  const experiment_ids = Array.from({ length: 21 }, (_, at) => String(at));
  expect((await mlflow.call('POST', 'experiments/search-datasets', { experiment_ids })).status).toBe(400);
});
