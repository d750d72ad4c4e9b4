/** The protocol's JSON form, and every wrong use of it, over real HTTP against real processes. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  clientOf,
  echoModel,
  type Failure,
  goldenRequest,
  readGolden,
  rowsOfFour,
} from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, type Stack, sampleFile, settled, startStack } from '../testing/stack.ts';

let stack: Stack;
const { post, infer, refused } = clientOf(() => stack);
/** TensorProto.DataType; no model of it can be served. */
const BFLOAT16 = 16;
const golden = readGolden();
const oneRow = goldenRequest(golden, golden.rows.slice(0, 1));

beforeAll(async () => {
  stack = await startStack();
  const fixture = (name: string) => sampleFile(`e2e/fixtures/models/${name}.onnx`);
  const echoes = {
    wide: ONNX.INT64,
    text: ONNX.STRING,
    double: ONNX.FP64,
    flag: ONNX.BOOL,
    half: ONNX.FP16,
    byte: ONNX.UINT8,
    bfloat: BFLOAT16,
  };
  const models = [
    stack.model('delay', '1', sampleFile('resources/sample/models/delay-v1.onnx')),
    stack.model('delay', '2', sampleFile('resources/sample/models/delay-v2.onnx')),
    stack.model('custom', '1', fixture('custom-shape')),
    ...Object.entries(echoes).map(([name, type]) => stack.model(name, '1', echoModel(type))),
    stack.model('operator', '1', fixture('unsupported-operator')),
    stack.model('nomodel', '1', fixture('not-onnx')),
    stack.model('cut', '1', fixture('truncated')),
    stack.model('changed', '1', echoModel(ONNX.FP32), { sha256: '0'.repeat(64) }),
  ];
  const names = new Set(models.map((spec) => spec.model));
  stack.apply({
    models,
    endpoints: [...names].map((name) => endpoint(name, name === 'delay' ? ['1', '2'] : ['1'])),
  });
  await settled(stack);
});
afterAll(() => stack.close());

describe('the protocol', () => {
  it('answers in the protocol form with the route that was taken', async () => {
    const { status, headers, answer } = await infer('custom', { id: 'my-1', ...rowsOfFour([[1, 2, 3, 4]]) });
    expect(status).toBe(200);
    expect(headers.get('x-lathe-route')).toBe('a@1');
    expect(answer).toMatchObject({ model_name: 'custom', model_version: '1', id: 'my-1' });
    expect(answer.parameters.lathe_arm).toBe('a');
    expect(answer.outputs).toHaveLength(1);
    expect(answer.outputs[0]).toMatchObject({ name: 'y', datatype: 'FP32', shape: [1, 1] });
  });
  it('reads nested data like flat data, and makes an id when there is none', async () => {
    const flat = await infer(
      'custom',
      rowsOfFour([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]),
    );
    const nested = await infer('custom', {
      inputs: [
        {
          name: 'x',
          shape: [2, 4],
          datatype: 'FP32',
          data: [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
          ],
        },
      ],
    });
    expect(nested.answer.outputs).toEqual(flat.answer.outputs);
    expect(flat.answer.id).toMatch(/^[0-9a-f-]{36}$/);
  });
  it('carries every JSON datatype unchanged', async () => {
    const cases: [name: string, datatype: string, data: unknown[]][] = [
      ['text', 'BYTES', ['', 'Zürich 日本 "\\', 'a'.repeat(1000)]],
      ['double', 'FP64', [0.1, -1e300, null]],
      ['flag', 'BOOL', [true, false, true]],
      ['byte', 'UINT8', [0, 255, 7]],
      ['wide', 'INT64', [-5, 0, 4_294_967_297]],
    ];
    for (const [name, datatype, data] of cases) {
      const { answer } = await infer(name, { inputs: [{ name: 'v', shape: [3, 1], datatype, data }] });
      expect(answer.outputs[0]).toEqual({ name: 'y', datatype, shape: [3, 1], data });
    }
  });
  it('keeps whole numbers beyond 2^53 exact', async () => {
    const body =
      '{"inputs":[{"name":"v","shape":[2,1],"datatype":"INT64","data":[9007199254740993,-9223372036854775808]}]}';
    const response = await fetch(stack.url('/v2/models/wide/infer'), { method: 'POST', body });
    expect(await response.text()).toContain('"data":[9007199254740993,-9223372036854775808]');
  });
  it('gives only the outputs that were asked for', async () => {
    const row = oneRow;
    const { answer } = await infer('delay', { ...row, outputs: [{ name: 'probabilities' }] });
    expect(answer.outputs.map((output) => output.name)).toEqual(['probabilities']);
    expect(await refused('delay', { ...row, outputs: [{ name: 'nothing' }] })).toBe(
      '400 LATHE_INPUT_INVALID',
    );
  });
  it('describes server, models, readiness and the repository', async () => {
    const get = async (path: string) => {
      const response = await fetch(stack.url(path));
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    };
    expect((await get('/v2')).json).toMatchObject({ name: 'lathe' });
    expect((await get('/v2/health/live')).status).toBe(200);
    // Five of the models cannot be loaded.
    expect((await get('/v2/health/ready')).status).toBe(400);
    expect((await get('/v2/models/custom/ready')).status).toBe(200);
    expect((await get('/v2/models/custom/versions/1/ready')).status).toBe(200);
    const { json } = await get('/v2/models/custom');
    expect(json).toEqual({
      name: 'custom',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    });
    const index = (await post('/v2/repository/index', '')).json as { name: string; state: string }[];
    expect(index.find((row) => row.name === 'custom')?.state).toBe('READY');
    expect(index.find((row) => row.name === 'cut')?.state).toBe('UNAVAILABLE');
    const ready = (await post('/v2/repository/index', { ready: true })).json as { state: string }[];
    expect(new Set(ready.map((row) => row.state))).toEqual(new Set(['READY']));
  });
  it('answers 404 to unknown paths and 405 to wrong verbs', async () => {
    const status = async (path: string, method: string) => (await fetch(stack.url(path), { method })).status;
    expect(await status('/', 'GET')).toBe(404);
    expect(await status('/v2/models/custom/versions/x/infer', 'POST')).toBe(404);
    expect(await status('/v2/models/custom/infer', 'GET')).toBe(405);
    expect(await status('/v2/health/live', 'POST')).toBe(405);
    expect(await status('/v2/models/__proto__', 'GET')).toBe(404);
    expect(await status('/v2/models/custom/constructor', 'GET')).toBe(404);
  });
  it('names a version in the path past the split', async () => {
    const { json, headers } = await post('/v2/models/delay/versions/2/infer', oneRow);
    expect((json as Answer).model_version).toBe('2');
    expect(headers.get('x-lathe-route')).toBe('direct@2');
    const missing = await post('/v2/models/delay/versions/9/infer', oneRow);
    expect((missing.json as Failure).code).toBe('LATHE_SERVING_VERSION_NOT_FOUND');
  });
  it('exports Prometheus metrics', async () => {
    await infer('custom', rowsOfFour([[0, 0, 0, 0]]));
    const text = await (await fetch(stack.url('/metrics'))).text();
    expect(text).toMatch(/nv_inference_request_success\{model="custom",version="1"\} [1-9]/);
    expect(text).toMatch(/nv_inference_exec_count\{model="custom",version="1"\} [1-9]/);
  });
});

describe('bad input', () => {
  const v = (part: object) => ({
    inputs: [{ name: 'v', shape: [1, 1], datatype: 'FP64', data: [1], ...part }],
  });

  it('each gets its code', async () => {
    expect(await refused('nobody', rowsOfFour([[1, 2, 3, 4]]))).toBe('404 LATHE_SERVING_MODEL_NOT_FOUND');
    expect(await refused('custom', '{"inputs": [')).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(await refused('custom', '')).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(await refused('custom', '[]')).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(await refused('custom', {})).toBe('400 LATHE_INPUT_INVALID');
    expect(await refused('custom', { inputs: [] })).toBe('400 LATHE_SERVING_INPUT_MISSING');
    expect(await refused('double', { inputs: [v({}).inputs[0], { ...v({}).inputs[0], name: 'w' }] })).toBe(
      '400 LATHE_SERVING_INPUT_UNKNOWN',
    );
    expect(await refused('double', { inputs: [v({}).inputs[0], v({}).inputs[0]] })).toBe(
      '400 LATHE_INPUT_INVALID',
    );
    expect(await refused('double', v({ datatype: 'FP32' }))).toBe('400 LATHE_SERVING_INPUT_TYPE');
    expect(await refused('double', v({ shape: [1, 2], data: [1, 2] }))).toBe('400 LATHE_SERVING_INPUT_SHAPE');
    expect(await refused('double', v({ shape: [0, 1], data: [] }))).toBe('400 LATHE_SERVING_INPUT_SHAPE');
    expect(await refused('double', v({ shape: [-1, 1] }))).toBe('400 LATHE_SERVING_INPUT_SHAPE');
    expect(await refused('double', v({ shape: 'big' }))).toBe('400 LATHE_SERVING_INPUT_SHAPE');
    expect(await refused('double', v({ shape: [2, 1] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('double', v({ data: ['1'] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('double', v({ data: { 0: 1 } }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('double', v({ data: [[[1]]] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('byte', v({ datatype: 'UINT8', data: [256] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('wide', v({ datatype: 'INT64', data: [1.5] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('half', v({ datatype: 'FP16' }))).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('double', { ...v({}), parameters: { lathe_event_ms: 'now' } })).toBe(
      '400 LATHE_INPUT_INVALID',
    );
  });
  it('is not allocated for by what it announces', async () => {
    const huge = v({ shape: [2 ** 50, 2 ** 50] });
    expect(await refused('double', huge)).toBe('400 LATHE_SERVING_INPUT_SHAPE');
    expect(await refused('double', v({ shape: [2 ** 40, 1] }))).toBe('400 LATHE_SERVING_INPUT_DATA');
  });
  it('that is not HTTP gets a 400 in the same form', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(stack.url('')).port), '127.0.0.1', () =>
        socket.write('HELLO\r\n\r\n'),
      );
      let got = '';
      socket.on('data', (chunk) => {
        got += chunk;
      });
      socket.on('end', () => resolve(got));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('LATHE_INPUT_INVALID');
  });
  it('of 100 MB is refused while it is sent, with or without an announced length', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const send = (headers: Record<string, string | number>): Promise<{ status: number; text: string }> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          stack.url('/v2/models/custom/infer'),
          { method: 'POST', headers },
          (response) => {
            let text = '';
            response.on('data', (part) => {
              text += part;
            });
            response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
          },
        );
        request.on('error', reject);
        let left = 100;
        const more = () => {
          while (left > 0) {
            left -= 1;
            if (!request.write(chunk)) {
              request.once('drain', more);
              return;
            }
          }
          request.end();
        };
        more();
      });
    for (const headers of [{ 'content-length': 100 * chunk.length }, { 'transfer-encoding': 'chunked' }]) {
      const { status, text } = await send(headers);
      expect(status).toBe(413);
      expect((JSON.parse(text) as Failure).code).toBe('LATHE_SERVING_BODY_TOO_LARGE');
    }
    const response = await infer('custom', rowsOfFour([[1, 2, 3, 4]]));
    expect(response.status).toBe(200);
  });
});

describe('callers', () => {
  const call = (
    headers: Record<string, string>,
    path = '/v2',
    body: string | null = null,
  ): Promise<{ status: number; code: string }> =>
    new Promise((resolve, reject) => {
      const method = body === null ? 'GET' : 'POST';
      const length = body === null ? {} : { 'content-length': String(body.length) };
      const options = { method, headers: { ...headers, ...length } };
      const request = httpRequest(stack.url(path), options, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const { code = 'none' } = JSON.parse(text) as Partial<Failure>;
          resolve({ status: response.statusCode ?? 0, code });
        });
      });
      request.on('error', reject);
      request.end(body ?? undefined);
    });
  /** By the server of Node, and by the way of its own that inference takes. */
  const both = async (headers: Record<string, string>) => [
    await call(headers),
    await call(headers, '/v2/models/custom/infer', JSON.stringify(rowsOfFour([[1, 2, 3, 4]]))),
  ];

  it('reach it under its local names only', async () => {
    const port = new URL(stack.url('')).port;
    for (const host of [`127.0.0.1:${port}`, 'localhost', `LOCALHOST:${port}`, `[::1]:${port}`])
      expect((await both({ host })).map(({ status }) => status)).toEqual([200, 200]);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'localhost@evil',
      '0.0.0.0',
    ])
      expect(await both({ host })).toEqual(Array(2).fill({ status: 403, code: 'LATHE_AUTH_HOST' }));
  });
  it('may not be pages of another origin', async () => {
    const host = new URL(stack.url('')).host;
    const own = await both({ host, origin: `http://${host}` });
    expect(own.map(({ status }) => status)).toEqual([200, 200]);
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1', `https://${host}`])
      expect(await both({ host, origin })).toEqual(Array(2).fill({ status: 403, code: 'LATHE_AUTH_ORIGIN' }));
  });
});

describe('models that cannot be served', () => {
  it('say why in the status, and refuse requests with the reason', async () => {
    const errors = Object.fromEntries(
      (stack.status()?.models ?? []).flatMap((model) => (model.error ? [[model.key, model.error]] : [])),
    );
    expect(errors['operator@1']?.code).toBe('LATHE_MODELS_UNSUPPORTED_OPERATOR');
    expect(String(errors['operator@1']?.details.operator)).not.toBe('');
    expect(errors['nomodel@1']?.code).toBe('LATHE_MODELS_NOT_ONNX');
    expect(errors['cut@1']?.code).toBe('LATHE_MODELS_NOT_ONNX');
    expect(errors['changed@1']?.code).toBe('LATHE_MODELS_LOAD_FAILED');
    expect(errors['bfloat@1']).toMatchObject({
      code: 'LATHE_MODELS_LOAD_FAILED',
      cause: expect.stringContaining('BF16'),
    });
    expect(Object.keys(errors)).toHaveLength(5);
    expect(await refused('cut', {})).toBe('503 LATHE_SERVING_MODEL_UNAVAILABLE');
    expect(await refused('bfloat', {})).toBe('503 LATHE_SERVING_MODEL_UNAVAILABLE');
  });
});
