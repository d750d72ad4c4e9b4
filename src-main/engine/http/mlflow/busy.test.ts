/** While another program holds the database, clients wait for it; none is told of a server's error. */
import { connect } from 'node:net';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseFile } from '../../data/inspect.ts';
import { type Json, openMlflow } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
let other: BetterSqlite3.Database;
beforeEach(async () => {
  mlflow = await openMlflow();
  other = new BetterSqlite3(databaseFile(mlflow.context.paths.root));
});
afterEach(async () => {
  other.close();
  await mlflow.close();
});

test('eight clients log while the write lock is held; all is there in the end', async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => mlflow.newRun()));
  const model = (await mlflow.good('POST', 'logged-models', { experiment_id: '0', name: 'm' })).model as {
    info: { model_id: string };
  };
  await mlflow.good('POST', 'registered-models/create', { name: 'm' });
  other.exec('BEGIN IMMEDIATE');
  const id = runs[0]?.info.run_id ?? '';
  const writes: Promise<unknown>[] = [
    ...runs.flatMap(({ info }) =>
      [1, 2, 3].map((step) =>
        mlflow.good('POST', 'runs/log-metric', {
          run_id: info.run_id,
          key: 'm',
          value: step,
          timestamp: 1,
          step,
        }),
      ),
    ),
    mlflow.good('POST', 'runs/create', { experiment_id: '0' }),
    mlflow.good('POST', 'runs/update', { run_id: id, status: 'FINISHED' }),
    mlflow.good('POST', 'experiments/create', { name: 'while busy' }),
    mlflow.good('POST', 'runs/log-inputs', {
      run_id: id,
      datasets: [{ dataset: { name: 'd', digest: 'x', source_type: 'l', source: 's' } }],
    }),
    mlflow.good('PATCH', `logged-models/${model.info.model_id}`, { status: 'LOGGED_MODEL_READY' }),
    mlflow.good('POST', 'model-versions/create', { name: 'm', source: `runs:/${id}/m`, run_id: id }),
    mlflow.putFile(`0/${id}/artifacts/file`, 'bytes').then(({ status }) => expect(status).toBe(200)),
  ];
  let answered = 0;
  for (const write of writes) void write.then(() => answered++);
  // Reading does not wait, and tells the state before.
  for (let at = 0; at < 5; at++) {
    expect((await mlflow.good('GET', `runs/get?run_id=${id}`)).run).toMatchObject({ data: { metrics: [] } });
    expect((await mlflow.good('POST', 'runs/search', { experiment_ids: ['0'] })).runs).toHaveLength(8);
  }
  expect(answered).toBe(0);
  other.exec('COMMIT');
  await Promise.all(writes);
  for (const { info } of runs) {
    const { metrics } = await mlflow.good('GET', `metrics/get-history?run_id=${info.run_id}&metric_key=m`);
    expect((metrics as Json[]).map(({ step }) => step)).toEqual([1, 2, 3]);
  }
  expect((await mlflow.good('GET', `artifacts/list?run_id=${id}`)).files).toMatchObject([{ path: 'file' }]);
});

test('calls that share a commit fail each by itself', async () => {
  const { info } = await mlflow.newRun();
  const log = (body: Json) => mlflow.call('POST', 'runs/log-batch', { run_id: info.run_id, ...body });
  other.exec('BEGIN IMMEDIATE');
  const answers = Promise.all([
    log({ params: [{ key: 'a', value: '1' }] }),
    log({ metrics: [{ key: 'lost', value: 1, timestamp: 1 }], params: [{ key: 'a', value: '2' }] }),
    log({ params: [{ key: 'b', value: '1' }] }),
    mlflow.call('POST', 'runs/log-metric', { run_id: 'nope', key: 'm', value: 1, timestamp: 1 }),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  other.exec('COMMIT');
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 200, 400, 404]);
  const { run } = await mlflow.good('GET', `runs/get?run_id=${info.run_id}`);
  const { metrics, params } = (run as { data: { metrics: Json[]; params: Json[] } }).data;
  expect(params).toHaveLength(2);
  // Which of the two values of `a` came first, its whole batch did.
  const lost = (params as { key: string; value: string }[]).some(
    ({ key, value }) => key === 'a' && value === '2',
  );
  expect(metrics).toHaveLength(lost ? 1 : 0);
});

describe('who may call', () => {
  const ask = (head: string, body = '') =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(mlflow.base).port), '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
      socket.write(`${head}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  const create = (headers: string, name: string) =>
    ask(
      `POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nContent-Type: application/json\r\n${headers}`,
      JSON.stringify({ name }),
    );

  test('no page of another site, and no name that was bent to this machine, writes or reads', async () => {
    const { port } = new URL(mlflow.base);
    for (const [at, headers] of [
      'Host: evil.example',
      `Host: evil.example:${port}`,
      'Host: 127.0.0.1.evil.example',
      'Host: localhost.evil.example',
      'Host: 0.0.0.0',
      'Host: ',
      `Host: 127.0.0.1:${port}\r\nOrigin: http://evil.example`,
      `Host: 127.0.0.1:${port}\r\nOrigin: null`,
      `Host: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1.evil.example:${port}`,
      `Host: 127.0.0.1:${port}\r\nSec-Fetch-Site: cross-site`,
      `Host: 127.0.0.1:${port}\r\nSec-Fetch-Site: same-site`,
    ].entries()) {
      const answer = await create(headers, `page ${at}`);
      expect({ headers, status: answer.split('\r\n', 1)[0] }).toEqual({
        headers,
        status: 'HTTP/1.1 403 Forbidden',
      });
      expect(answer).not.toContain('access-control-allow');
    }
    expect(
      await ask(
        'OPTIONS /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example',
      ),
    ).toMatch(/^HTTP\/1.1 403 /);
    const found = await mlflow.good('POST', 'experiments/search', {
      max_results: 50,
      filter: "name LIKE 'page%'",
    });
    expect(found.experiments).toEqual([]);
    expect(await create(`Host: localhost:${port}`, 'a program')).toMatch(/^HTTP\/1.1 200 /);
  });

  test('a request that is no HTTP is told so in JSON', async () => {
    expect(await ask('NONSENSE')).toMatch(
      /^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/json.*BAD_REQUEST/s,
    );
    expect(await ask(`GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect((await fetch(`${mlflow.base}/health`, { method: 'HEAD' })).status).toBe(200);
  });
});
