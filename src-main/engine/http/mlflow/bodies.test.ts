/** The form of what comes: bodies that are no requests, numbers that JSON does not know, and much of everything. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, openMlflow, refused } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
let experiment: string;
beforeAll(async () => {
  mlflow = await openMlflow();
  const made = await mlflow.good('POST', 'experiments/create', { name: 'bodies' });
  experiment = String(made.experiment_id);
});
afterAll(() => mlflow.close());

const long = (length: number) => 'x'.repeat(length);

describe('bodies', () => {
  const send = async (body: string | Uint8Array, type: string | null = 'application/json') => {
    const response = await fetch(`${mlflow.base}/api/2.0/mlflow/runs/search`, {
      method: 'POST',
      body: body as string,
      headers: type === null ? {} : { 'content-type': type },
    });
    return { status: response.status, json: (await response.json()) as Json };
  };

  test.each(['{', '[]', '3', '"{"', '"[]"', '{"a":NaN', '\u0000', '{"experiment_ids":["0"],}'])(
    '%j is no request',
    async (body) => {
      expect(await send(body)).toEqual(refused(400, 'BAD_REQUEST'));
    },
  );

  test('bytes that are no UTF-8 are no request', async () => {
    expect(await send(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(
      refused(400, 'BAD_REQUEST'),
    );
  });

  test('a form of a web page is none either', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect(await send('{}', type)).toEqual(
        refused(400, 'INVALID_PARAMETER_VALUE', expect.stringContaining('Content-Type must be one of')),
      );
  });

  test('empty, null, twice encoded and with a charset are taken', async () => {
    for (const body of ['', 'null', JSON.stringify('{"experiment_ids":["0"]}'), '{"filter":null}'])
      expect((await send(body, 'application/json; charset=utf-8')).status).toBe(200);
  });

  test('one of 33 MB is told that it is too large, and the connection goes on', async () => {
    expect(await send(`{"filter":"${long(33 * 1024 * 1024)}"}`)).toEqual(
      refused(400, 'BAD_REQUEST', expect.stringContaining('larger than')),
    );
    expect((await send('{}')).status).toBe(200);
  });

  test('that trickle in hold nobody up, and count for nothing when they break off', async () => {
    const body = JSON.stringify({ name: 'half a body' });
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect(Number(new URL(mlflow.base).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        `POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
      );
      return socket;
    });
    for (let at = 0; at < 20; at++) expect((await send('{}')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect((await send('{}')).status).toBe(200);
    const found = await mlflow.call('GET', 'experiments/get-by-name?experiment_name=half%20a%20body');
    expect(found).toEqual(refused(404, 'RESOURCE_DOES_NOT_EXIST'));
  });

  test('what is not in the API is said so in its form, whatever comes with it', async () => {
    for (const [method, path] of [
      ['POST', '/api/3.0/mlflow/traces'],
      ['POST', '/api/2.0/mlflow/traces'],
      ['GET', '/api/3.0/mlflow/traces/search'],
      ['POST', '/v1/traces'],
      ['POST', '/graphql'],
      ['POST', '/api/3.0/mlflow/datasets/create'],
      ['GET', '/api/2.0/mlflow/gateway/endpoints'],
      ['POST', '/api/2.0/mlflow/webhooks'],
      ['PUT', '/api/2.0/mlflow/runs/create'],
      ['GET', '/api/2.0/mlflow/'],
      ['GET', '/api/2.0/mlflow/__proto__'],
    ])
      expect(
        await mlflow.call(method ?? '', path ?? '', method === 'GET' ? undefined : { a: long(100_000) }),
      ).toEqual(refused(404, 'ENDPOINT_NOT_FOUND'));
  });
});

describe('numbers', () => {
  test('NaN and the infinities come as words, bare as Python writes them, and go as words', async () => {
    const { info } = await mlflow.newRun();
    const response = await fetch(`${mlflow.base}/api/2.0/mlflow/runs/log-batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"run_id":"${info.run_id}","metrics":[{"key":"bare NaN","value":NaN,"timestamp":1},
        {"key":"bare","value":-Infinity,"timestamp":1},{"key":"word","value":"Infinity","timestamp":"1","step":"-2"},
        {"key":"large","value":1e400,"timestamp":1},{"key":"text","value":"1.5e3","timestamp":1}]}`,
    });
    expect(response.status).toBe(200);
    const { run: read } = await mlflow.good('GET', `runs/get?run_id=${info.run_id}`);
    const { metrics: found } = (
      read as { data: { metrics: { key: string; value: unknown; step: number }[] } }
    ).data;
    expect(Object.fromEntries(found.map(({ key, value }) => [key, value]))).toEqual({
      'bare NaN': 'NaN',
      bare: '-Infinity',
      word: 'Infinity',
      large: 'Infinity',
      text: 1500,
    });
  });

  test('times in nanoseconds and steps of any size come back as they were', async () => {
    const { info } = await mlflow.newRun();
    const metric = { key: 'm', value: 0.1 + 0.2, timestamp: 1_790_000_000_000_000_000, step: -(2 ** 60) };
    await mlflow.good('POST', 'runs/log-metric', { run_id: info.run_id, ...metric });
    const { metrics: found } = await mlflow.good(
      'GET',
      `metrics/get-history?run_id=${info.run_id}&metric_key=m`,
    );
    expect(found).toEqual([metric]);
  });
});

test('a batch that is sent again counts once; in another order too', async () => {
  const { info } = await mlflow.newRun();
  const batch = Array.from({ length: 300 }, (_, at) => ({
    key: `m${at % 3}`,
    value: at % 7,
    timestamp: at % 5,
    step: at % 11,
  }));
  const distinct = new Set(batch.map((point) => JSON.stringify(point))).size;
  for (const metrics of [batch, batch, batch.toReversed()])
    await mlflow.good('POST', 'runs/log-batch', { run_id: info.run_id, metrics });
  let seen = 0;
  for (const key of ['m0', 'm1', 'm2'])
    seen += (
      (await mlflow.good('GET', `metrics/get-history?run_id=${info.run_id}&metric_key=${key}`))
        .metrics as Json[]
    ).length;
  expect(seen).toBe(distinct);
});

test('a run with 12,000 metrics is read, searched and logged to', async () => {
  const { info } = await mlflow.newRun({ experiment_id: experiment });
  for (let from = 0; from < 12_000; from += 1_000)
    await mlflow.good('POST', 'runs/log-batch', {
      run_id: info.run_id,
      metrics: Array.from({ length: 1_000 }, (_, at) => ({
        key: `m/${from + at}`,
        value: from + at,
        timestamp: 1,
      })),
    });
  const { run: read } = await mlflow.good('GET', `runs/get?run_id=${info.run_id}`);
  expect((read as { data: { metrics: Json[] } }).data.metrics).toHaveLength(12_000);
  const found = await mlflow.good('POST', 'runs/search', {
    experiment_ids: [experiment],
    filter: 'metrics.`m/11999` > 11998',
    order_by: ['metrics.`m/0` DESC'],
  });
  expect(found.runs).toMatchObject([{ info: { run_id: info.run_id } }]);
});
