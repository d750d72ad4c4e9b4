/** The wire of MLflow's tracking API, as its clients use it (they are run for real in conformance/mlflow). */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, openMlflow, type Run, refused } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
let base: string;
beforeEach(async () => {
  mlflow = await openMlflow();
  ({ base } = mlflow);
});
afterEach(() => mlflow.close());

const call = (method: string, path: string, body?: unknown) => mlflow.call(method, path, body);
const good = (method: string, path: string, body?: unknown) => mlflow.good(method, path, body);
const newRun = (extra: Json = {}) => mlflow.newRun(extra);
const readRun = async (id: string) => (await good('GET', `runs/get?run_id=${id}`)).run as Run;

describe('experiments', () => {
  test('Default is there from the beginning, under number 0', async () => {
    expect((await good('GET', 'experiments/get?experiment_id=0')).experiment).toMatchObject({
      experiment_id: '0',
      name: 'Default',
      lifecycle_stage: 'active',
      artifact_location: 'mlflow-artifacts:/0',
    });
  });

  test('a name is taken while its experiment lies in the trash, and comes back with its runs', async () => {
    const { experiment_id: id } = await good('POST', 'experiments/create', {
      name: 'größe 🚀',
      tags: [{ key: 'a', value: 'b' }],
    });
    const run = await newRun({ experiment_id: id });
    await good('POST', 'experiments/delete', { experiment_id: id });
    expect((await readRun(run.info.run_id)).info.lifecycle_stage).toBe('deleted');
    expect(await call('POST', 'experiments/create', { name: 'größe 🚀' })).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS'),
    );
    await good('POST', 'experiments/restore', { experiment_id: id });
    expect((await readRun(run.info.run_id)).info.lifecycle_stage).toBe('active');
    const found = await good(
      'GET',
      `experiments/get-by-name?experiment_name=${encodeURIComponent('größe 🚀')}`,
    );
    expect(found.experiment).toMatchObject({ tags: [{ key: 'a', value: 'b' }] });
  });

  test('what is not there is RESOURCE_DOES_NOT_EXIST with 404, which clients take for "none"', async () => {
    expect(await call('GET', 'experiments/get-by-name?experiment_name=no')).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST'),
    );
    expect(await call('GET', 'experiments/get?experiment_id=99')).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST'),
    );
    expect(await call('GET', 'runs/get?run_id=nope')).toEqual(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', 'Run with id=nope not found'),
    );
    expect(await call('POST', 'experiments/create', {})).toEqual(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        expect.stringContaining("Missing value for required parameter 'name'"),
      ),
    );
  });
});

describe('runs', () => {
  test('have a name, always also as a tag, and are renamed by it', async () => {
    const run = await newRun();
    expect(run.info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(run.data.tags).toContainEqual({ key: 'mlflow.runName', value: run.info.run_name });
    await good('POST', 'runs/set-tag', { run_id: run.info.run_id, key: 'mlflow.runName', value: 'second' });
    expect((await readRun(run.info.run_id)).info.run_name).toBe('second');
    const updated = await good('POST', 'runs/update', {
      run_id: run.info.run_id,
      run_name: 'third',
      status: 'FINISHED',
      end_time: 2_000,
    });
    expect(updated.run_info).toMatchObject({ run_name: 'third', status: 'FINISHED', end_time: 2_000 });
    expect((await readRun(run.info.run_id)).data.tags).toContainEqual({
      key: 'mlflow.runName',
      value: 'third',
    });
    expect(
      await call('POST', 'runs/create', {
        experiment_id: '0',
        run_name: 'a',
        tags: [{ key: 'mlflow.runName', value: 'b' }],
      }),
    ).toEqual(refused(400, 'INVALID_PARAMETER_VALUE', expect.stringContaining('different values')));
  });

  test('NaN and the infinities come back as they went in; the last value is the one of the greatest step', async () => {
    const { info } = await newRun();
    const entries = [
      { key: 'a', value: 'NaN', timestamp: 5, step: 3 },
      { key: 'a', value: 1.5, timestamp: 9, step: 1 },
      { key: 'b', value: 'Infinity', timestamp: '7', step: -2 },
      { key: 'c', value: '-Infinity', timestamp: 7 },
    ];
    await good('POST', 'runs/log-batch', { run_id: info.run_id, metrics: entries });
    await good('POST', 'runs/log-batch', { run_id: info.run_id, metrics: entries });
    const { data } = await readRun(info.run_id);
    expect(data.metrics.map(({ key, value, step }) => [key, value, step])).toEqual([
      ['a', 'NaN', 3],
      ['b', 'Infinity', -2],
      ['c', '-Infinity', 0],
    ]);
    const history = await good('GET', `metrics/get-history?run_uuid=${info.run_id}&metric_key=a`);
    expect(history.metrics).toMatchObject([
      { value: 'NaN', timestamp: 5, step: 3 },
      { value: 1.5, timestamp: 9, step: 1 },
    ]);
    expect((await good('GET', `metrics/get-history?run_id=${info.run_id}&metric_key=zz`)).metrics).toEqual(
      [],
    );
  });

  test('a history of many pages is complete and in order', async () => {
    const { info } = await newRun();
    const metrics = Array.from({ length: 1000 }, (_, step) => ({
      key: 'm',
      value: step / 3,
      timestamp: step,
      step,
    }));
    await good('POST', 'runs/log-batch', { run_id: info.run_id, metrics });
    const seen: unknown[] = [];
    let token = '';
    do {
      const page = await good(
        'GET',
        `metrics/get-history?run_id=${info.run_id}&metric_key=m&max_results=300&page_token=${encodeURIComponent(token)}`,
      );
      seen.push(...(page.metrics as Json[]).map(({ step }) => step));
      token = (page.next_page_token as string | undefined) ?? '';
    } while (token);
    expect(seen).toEqual(metrics.map(({ step }) => step));
  });

  test('a param is written once; a batch with another value changes nothing at all', async () => {
    const { info } = await newRun();
    await good('POST', 'runs/log-parameter', { run_id: info.run_id, key: 'lr', value: '0.1' });
    await good('POST', 'runs/log-parameter', { run_id: info.run_id, key: 'lr', value: '0.1' });
    expect(
      await call('POST', 'runs/log-batch', {
        run_id: info.run_id,
        metrics: [{ key: 'm', value: 1, timestamp: 1 }],
        params: [
          { key: 'depth', value: '3' },
          { key: 'lr', value: '0.2' },
        ],
        tags: [{ key: 't', value: 'x' }],
      }),
    ).toEqual(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        expect.stringContaining(
          "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1'",
        ),
      ),
    );
    const { data } = await readRun(info.run_id);
    expect(data.params).toEqual([{ key: 'lr', value: '0.1' }]);
    expect(data.metrics).toEqual([]);
    expect(data.tags.map(({ key }) => key)).toEqual(['mlflow.runName']);
  });

  test('in the trash they are read but not written', async () => {
    const { info } = await newRun();
    await good('POST', 'runs/delete', { run_id: info.run_id });
    for (const [path, body] of [
      ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['runs/set-tag', { key: 'm', value: '1' }],
      ['runs/update', { status: 'FINISHED' }],
    ] as const)
      expect(await call('POST', path, { run_id: info.run_id, ...body })).toEqual(
        refused(
          400,
          'INVALID_PARAMETER_VALUE',
          `The run ${info.run_id} must be in the 'active' state. Current state is deleted.`,
        ),
      );
    expect((await readRun(info.run_id)).info.lifecycle_stage).toBe('deleted');
    await good('POST', 'runs/restore', { run_id: info.run_id });
    await good('POST', 'runs/log-metric', { run_id: info.run_id, key: 'm', value: 1, timestamp: 1 });
  });

  test('every limit is a 400 that says what is too much, never a 5xx', async () => {
    const { info } = await newRun();
    const metric = (i: number) => ({ key: `m${i}`, value: 1, timestamp: 1 });
    const bad: [string, unknown][] = [
      ['runs/log-batch', { run_id: info.run_id, metrics: Array.from({ length: 1001 }, (_, i) => metric(i)) }],
      [
        'runs/log-batch',
        { run_id: info.run_id, params: Array.from({ length: 101 }, (_, i) => ({ key: `p${i}`, value: '' })) },
      ],
      [
        'runs/log-batch',
        {
          run_id: info.run_id,
          params: [
            { key: 'a', value: '1' },
            { key: 'a', value: '1' },
          ],
        },
      ],
      ['runs/log-metric', { run_id: info.run_id, key: 'k'.repeat(251), value: 1, timestamp: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: '../k', value: 1, timestamp: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: 'a//b', value: 1, timestamp: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: 'a\n', value: 1, timestamp: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: 'k', value: 'x', timestamp: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: 'k', value: 1 }],
      ['runs/log-metric', { run_id: info.run_id, key: 'k', value: 1, timestamp: 1.5 }],
      ['runs/log-metric', { key: 'k', value: 1, timestamp: 1 }],
      ['runs/log-metric', { run_id: 5, key: 'k', value: 1, timestamp: 1 }],
      ['runs/update', { run_id: info.run_id, status: 'NOPE' }],
      ['runs/search', { experiment_ids: ['0'], max_results: 50_001 }],
      ['runs/search', { experiment_ids: ['0'], page_token: 'zz' }],
      ['runs/search', { experiment_ids: ['0'], filter: 'metrics.a ~ 3' }],
      ['experiments/create', { name: 'x'.repeat(501) }],
      ['experiments/create', { name: 'ok', artifact_location: 'mlflow-artifacts:/a/%2e%2e/b' }],
    ];
    for (const [path, body] of bad)
      expect({ body, ...(await call('POST', path, body)) }).toMatchObject({
        body,
        status: 400,
        json: { error_code: 'INVALID_PARAMETER_VALUE' },
      });
    for (const raw of ['{', '[]', '3'])
      expect((await fetch(`${base}/api/2.0/mlflow/runs/create`, { method: 'POST', body: raw })).status).toBe(
        400,
      );
  });

  test('values that are too long are cut, as MLflow cuts them', async () => {
    const { info } = await newRun();
    await good('POST', 'runs/log-parameter', { run_id: info.run_id, key: 'p', value: 'é'.repeat(7000) });
    await good('POST', 'runs/set-tag', { run_id: info.run_id, key: 't', value: 'x'.repeat(9000) });
    const { data } = await readRun(info.run_id);
    expect(data.params).toEqual([{ key: 'p', value: 'é'.repeat(6000) }]);
    expect(data.tags.find(({ key }) => key === 't')?.value).toHaveLength(8000);
  });

  test('datasets are inputs with the tags the client gave', async () => {
    const { info } = await newRun();
    const dataset = {
      name: 'd',
      digest: 'abcd1234',
      source_type: 'local',
      source: '{}',
      schema: '{}',
      profile: '{}',
    };
    await good('POST', 'runs/log-inputs', {
      run_id: info.run_id,
      datasets: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'train' }] }],
    });
    expect((await good('GET', `runs/get?run_id=${info.run_id}`)).run).toMatchObject({
      inputs: { dataset_inputs: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'train' }] }] },
    });
  });
});

describe('search', () => {
  test('filters, sorts and pages', async () => {
    for (let i = 0; i < 7; i++) {
      const { info } = await newRun({ start_time: i, run_name: `r${i}` });
      await good('POST', 'runs/log-batch', {
        run_id: info.run_id,
        metrics: [{ key: 'acc', value: i === 6 ? 'NaN' : i / 10, timestamp: 1 }],
        params: [{ key: 'lr', value: String(i % 2) }],
      });
    }
    const search = async (body: Json) => {
      const found = await good('POST', 'runs/search', { experiment_ids: ['0'], ...body });
      return { names: (found.runs as Run[]).map(({ info }) => info.run_name), token: found.next_page_token };
    };
    expect((await search({})).names).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
    expect((await search({ filter: "metrics.acc > 0.2 and params.lr = '1'" })).names).toEqual(['r5', 'r3']);
    expect((await search({ order_by: ['metrics.acc ASC'] })).names).toEqual([
      'r0',
      'r1',
      'r2',
      'r3',
      'r4',
      'r5',
      'r6',
    ]);
    const first = await search({ max_results: 4 });
    expect((await search({ max_results: 4, page_token: first.token })).names).toEqual(['r2', 'r1', 'r0']);
  });

  test('experiments by name', async () => {
    await good('POST', 'experiments/create', { name: 'one' });
    await good('POST', 'experiments/create', { name: 'two' });
    const found = await good('POST', 'experiments/search', { max_results: 10, filter: "name LIKE 't%'" });
    expect(found.experiments).toMatchObject([{ name: 'two' }]);
  });
});

describe('artifacts', () => {
  /** fetch would tidy the path. */
  const raw = (method: string, path: string) =>
    new Promise<number>((resolve, reject) => {
      const port = Number(new URL(base).port);
      const sent = request(
        { host: '127.0.0.1', port, method, path: `/api/2.0/mlflow-artifacts/artifacts/${path}` },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(method === 'PUT' ? 'x' : undefined);
    });
  const url = (path: string) => `${base}/api/2.0/mlflow-artifacts/artifacts/${path}`;

  test('are put, listed, read and deleted; run listings show paths from the run', async () => {
    const { info } = await newRun();
    const root = `0/${info.run_id}/artifacts`;
    expect(info.artifact_uri).toBe(`mlflow-artifacts:/${root}`);
    const put = await fetch(url(`${root}/d/${encodeURIComponent('é 1.json')}`), {
      method: 'PUT',
      body: '{"a":1}',
    });
    expect({ status: put.status, body: await put.json() }).toEqual({ status: 200, body: {} });
    const listed = await (await fetch(`${url('').slice(0, -1)}?path=${root}`)).json();
    expect(listed).toEqual({ files: [{ path: 'd', is_dir: true }] });
    expect((await good('GET', `artifacts/list?run_id=${info.run_id}&path=d`)).files).toEqual([
      { path: 'd/é 1.json', is_dir: false, file_size: 7 },
    ]);
    const got = await fetch(url(`${root}/d/${encodeURIComponent('é 1.json')}`));
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await got.json()).toEqual({ a: 1 });
    expect((await fetch(url(`${root}/d`), { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(url(`${root}/d/${encodeURIComponent('é 1.json')}`))).status).toBe(404);
  });

  test.each([
    '0/%2e%2e/x',
    '0/..%2f..%2fetc/passwd',
    '%2fetc/passwd',
    '0/a%00b',
    '0/%252e%252e/x',
    '0/..%5c..%5cx',
  ])('nobody gets out with %s', async (path) => {
    expect(await raw('PUT', path)).toBe(400);
    expect(await raw('GET', path)).toBe(400);
    expect(await raw('DELETE', path)).toBe(400);
  });

  test('a multipart upload is declined in the words that make the client send it whole', async () => {
    const response = await fetch(`${base}/api/2.0/mlflow-artifacts/mpu/create/x`, {
      method: 'POST',
      body: '{}',
    });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error_code: 'NOT_IMPLEMENTED' });
  });
});
