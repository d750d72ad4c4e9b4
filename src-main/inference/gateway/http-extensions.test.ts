/** The protocol's extensions on the wire: binary tensors, compression, configuration, statistics, repository. */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  binaryBody,
  clientOf,
  echoModel,
  type Failure,
  readBinary,
  rowsOfFour,
} from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, sampleFile, settled, startStack } from '../testing/stack.ts';

let stack: Stack;
const { post, infer, refused } = clientOf(() => stack);
const send = (name: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(stack.url(`/v2/models/${name}/infer`), { method: 'POST', body, headers });
const json = async (path: string) => {
  const response = await fetch(stack.url(path));
  return { status: response.status, json: (await response.json()) as never };
};

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    models: [
      stack.model('custom', '1', sampleFile('e2e/fixtures/models/custom-shape.onnx')),
      stack.model('half', '1', echoModel(ONNX.FP16)),
      stack.model('text', '1', echoModel(ONNX.STRING)),
      stack.model('float', '1', echoModel(ONNX.FP32, ['N'])),
      stack.model('float', '2', echoModel(ONNX.FP32, ['N'])),
      stack.model('fixed', '1', echoModel(ONNX.FP64, [2, 2])),
      stack.model('wide', '1', echoModel(ONNX.FP32, ['N', 'M'])),
    ],
    endpoints: [
      ...['custom', 'half', 'text', 'fixed', 'wide'].map((name) => endpoint(name, ['1'])),
      endpoint('float', ['1', '2']),
      // Another name for the same model.
      endpoint('alias', ['1'], { model: 'half' }),
    ],
  });
  await settled(stack);
});
afterAll(() => stack.close());

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const input = (size: number, datatype: string, shape: number[]) => ({
  name: 'v',
  shape,
  datatype,
  parameters: { binary_data_size: size },
});

describe('binary tensors', () => {
  it('go in and out as the bytes that the protocol says', async () => {
    const { body, headers } = binaryBody(
      { id: 'b1', inputs: [input(12, 'FP32', [3])], parameters: { binary_data_output: true } },
      [floats(1.5, Number.NaN, Number.NEGATIVE_INFINITY)],
    );
    const response = await send('float', body, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    const { answer, tail } = await readBinary(response);
    expect(answer).toEqual({
      model_name: 'float',
      model_version: '1',
      id: 'b1',
      parameters: { lathe_arm: 'a' },
      outputs: [{ name: 'y', datatype: 'FP32', shape: [3], parameters: { binary_data_size: 12 } }],
    });
    expect(tail).toEqual(floats(1.5, Number.NaN, Number.NEGATIVE_INFINITY));
  });
  it('are the form of half precision and of strings too', async () => {
    const half = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const request = binaryBody(
      { inputs: [input(4, 'FP16', [2, 1])], outputs: [{ name: 'y', parameters: { binary_data: true } }] },
      [half],
    );
    expect((await readBinary(await send('half', request.body, request.headers))).tail).toEqual(half);
    const strings = Buffer.from('\x03\0\0\0abc\0\0\0\0\x02\0\0\0\xc3\xa9', 'latin1');
    const text = binaryBody(
      { inputs: [input(strings.length, 'BYTES', [3, 1])], parameters: { binary_data_output: true } },
      [strings],
    );
    expect((await readBinary(await send('text', text.body, text.headers))).tail).toEqual(strings);
    // In JSON half precision has no form; which way to ask is in the answer.
    const plain = binaryBody({ inputs: [input(4, 'FP16', [2, 1])] }, [half]);
    const failure = (await (await send('half', plain.body, plain.headers)).json()) as Failure;
    expect(failure.error).toContain('ask for binary data');
  });
  it('come back whole when they are large, compressed or not', async () => {
    const values = Float32Array.from({ length: 300_000 }, (_, at) => at % 1000);
    const raw = Buffer.from(values.buffer);
    const json = {
      inputs: [input(raw.length, 'FP32', [1, values.length])],
      parameters: { binary_data_output: true },
    };
    const { body, headers } = binaryBody(json, [raw]);
    for (const encoding of ['identity', 'gzip', 'deflate']) {
      const response = await send('wide', body, { ...headers, 'Accept-Encoding': encoding });
      expect(response.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
      expect((await readBinary(response)).tail.equals(raw)).toBe(true);
    }
  });
  it('give what JSON gives, however large that is', async () => {
    const count = 200_000;
    const data = Array.from({ length: count }, (_, at) => (at % 7 === 0 ? null : at / 8));
    const json = { name: 'v', shape: [1, count], datatype: 'FP32', data };
    const { answer } = await infer('wide', { id: 'large', inputs: [json] });
    expect(answer.id).toBe('large');
    expect(answer.outputs[0]?.data).toEqual(data);
    const binary = await infer('wide', { inputs: [json] }, { 'Accept-Encoding': 'gzip' });
    expect(binary.answer.outputs[0]?.data).toEqual(data);
    const wrong = { ...json, data: data.with(150_000, 'x' as never) };
    expect(await refused('wide', { inputs: [wrong] })).toBe('400 LATHE_SERVING_INPUT_DATA');
    expect(await refused('wide', `${JSON.stringify({ inputs: [json] })}]`)).toBe(
      '400 LATHE_SERVING_BODY_MALFORMED',
    );
    expect(await refused('wide', { inputs: [{ ...json, name: 'w' }] })).toBe(
      '400 LATHE_SERVING_INPUT_UNKNOWN',
    );
    expect(await refused('wide', { inputs: [{ ...json, datatype: 'FP31' }] })).toBe(
      '400 LATHE_SERVING_INPUT_TYPE',
    );
    expect(await refused('wide', { inputs: [{ ...json, shape: 3 }] })).toBe('400 LATHE_SERVING_INPUT_SHAPE');
  });
  it('may be the whole body of a model with one input', async () => {
    const response = await send('fixed', Buffer.from(Float64Array.of(1, 2, 3, 4).buffer), {
      'Inference-Header-Content-Length': '0',
    });
    const { answer, tail } = await readBinary(response);
    expect(answer.outputs[0]?.shape).toEqual([2, 2]);
    expect([...new Float64Array(tail.buffer.slice(tail.byteOffset, tail.byteOffset + 32))]).toEqual([
      1, 2, 3, 4,
    ]);
  });
  it('of requests that run together are not mixed up with those of JSON', async () => {
    const one = async (n: number) => {
      if (n % 2 === 0)
        return (
          await infer('float', { inputs: [{ name: 'v', shape: [2], datatype: 'FP32', data: [n, -n] }] })
        ).answer.outputs[0]?.data;
      const { body, headers } = binaryBody({ inputs: [input(8, 'FP32', [2])] }, [floats(n, -n)]);
      return ((await (await send('float', body, headers)).json()) as Answer).outputs[0]?.data;
    };
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => one(n)));
    answers.forEach((data, n) => {
      expect(data?.map(Math.abs as never)).toEqual([n, n]);
    });
  });
  it('of a wrong length are refused with the protocol’s words', async () => {
    const { body, headers } = binaryBody({ inputs: [input(8, 'FP32', [2])] }, [floats(1)]);
    const failure = (await (await send('float', body, headers)).json()) as Failure;
    expect(failure.code).toBe('LATHE_SERVING_INPUT_DATA');
    expect(failure.error).toContain('expecting 4 additional bytes');
  });
});

describe('compression', () => {
  const rows = rowsOfFour(Array.from({ length: 200 }, (_, at) => [at, 1, 2, 3]));
  const text = JSON.stringify(rows);

  it('is read, with the length of the JSON being that before it', async () => {
    const plain = await infer('custom', rows);
    const raw = Buffer.from(Float32Array.from(rows.inputs[0]?.data ?? []).buffer);
    const tensor = {
      name: 'x',
      shape: [200, 4],
      datatype: 'FP32',
      parameters: { binary_data_size: raw.length },
    };
    const binary = binaryBody({ inputs: [tensor] }, [raw]);
    for (const [encoding, pack] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['GZIP', gzipSync],
    ] as const) {
      const json = await send('custom', pack(text), { 'Content-Encoding': encoding });
      expect(((await json.json()) as Answer).outputs).toEqual(plain.answer.outputs);
      const both = await send('custom', pack(binary.body), {
        ...binary.headers,
        'Content-Encoding': encoding,
      });
      expect(((await both.json()) as Answer).outputs).toEqual(plain.answer.outputs);
    }
  });
  it('is given only when it is asked for and pays', async () => {
    const floats = (count: number) => {
      const data = Array.from({ length: count }, (_, at) => at / 3);
      return JSON.stringify({ inputs: [{ name: 'v', shape: [1, count], datatype: 'FP32', data }] });
    };
    const raw = async (accept: string, body: string) => {
      const { request } = await import('node:http');
      return new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
        const one = request(
          stack.url('/v2/models/wide/infer'),
          { method: 'POST', headers: { 'Accept-Encoding': accept } },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) }),
            );
          },
        );
        one.on('error', reject);
        one.end(body);
      });
    };
    const many = floats(500);
    const plain = await raw('identity', many);
    expect(plain.encoding).toBeUndefined();
    const zipped = await raw('gzip', many);
    expect(zipped.encoding).toBe('gzip');
    const outputs = (bytes: Buffer) => (JSON.parse(bytes.toString()) as Answer).outputs;
    expect(outputs(gunzipSync(zipped.body))).toEqual(outputs(plain.body));
    const deflated = await raw('deflate, gzip;q=0', many);
    expect(outputs(inflateSync(deflated.body))).toEqual(outputs(plain.body));
    expect((await raw('gzip', floats(1))).encoding).toBeUndefined();
    // An error is never compressed: clients read it before they look.
    expect((await raw('gzip', '{')).encoding).toBeUndefined();
  });
  it('that unpacks beyond the limit is refused, and costs nobody else', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * LIMITS.maxBodyBytes));
    expect(bomb.length).toBeLessThan(LIMITS.maxBodyBytes / 10);
    const bombs = await Promise.all(
      Array.from({ length: 8 }, () => send('custom', bomb, { 'Content-Encoding': 'gzip' })),
    );
    for (const response of bombs) {
      expect(response.status).toBe(413);
      expect(((await response.json()) as Failure).code).toBe('LATHE_SERVING_BODY_TOO_LARGE');
    }
    expect((await infer('custom', rowsOfFour([[1, 2, 3, 4]]))).status).toBe(200);
  });
  it('that is damaged or of another kind is refused', async () => {
    const status = async (body: Uint8Array, encoding: string) => {
      const response = await send('custom', body, { 'Content-Encoding': encoding });
      return `${response.status} ${((await response.json()) as Failure).code}`;
    };
    expect(await status(gzipSync(text).subarray(0, 40), 'gzip')).toBe('400 LATHE_INPUT_INVALID');
    expect(await status(Buffer.from('not gzip'), 'gzip')).toBe('400 LATHE_INPUT_INVALID');
    expect(await status(gzipSync(text), 'deflate')).toBe('400 LATHE_INPUT_INVALID');
    expect(await status(Buffer.from(text), 'br')).toBe('501 LATHE_SERVING_UNSUPPORTED');
    expect(await status(gzipSync(text), 'gzip, gzip')).toBe('501 LATHE_SERVING_UNSUPPORTED');
  });
});

describe('configuration', () => {
  it('has the batch dimension apart', async () => {
    expect((await json('/v2/models/custom/config')).json).toMatchObject({
      name: 'custom',
      platform: 'onnxruntime_onnx',
      backend: 'onnxruntime',
      max_batch_size: LIMITS.maxBatchRows,
      version_policy: { specific: { versions: [1] } },
      input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [4], format: 'FORMAT_NONE' }],
      output: [{ name: 'y', data_type: 'TYPE_FP32', dims: [1] }],
      dynamic_batching: { max_queue_delay_microseconds: 0 },
    });
    const { json: fixed } = await json('/v2/models/fixed/versions/1/config');
    expect(fixed).toMatchObject({ max_batch_size: 0, input: [{ dims: [2, 2] }] });
    expect(fixed).not.toHaveProperty('dynamic_batching');
    // A configuration knows no tensor without dimensions.
    expect((await json('/v2/models/float/config')).json).toMatchObject({
      input: [{ dims: [1], reshape: { shape: [] } }],
    });
    expect((await json('/v2/models/text/config')).json).toMatchObject({
      input: [{ data_type: 'TYPE_STRING' }],
    });
    expect((await json('/v2/models/custom/versions/9/config')).status).toBe(404);
  });
});

describe('statistics', () => {
  type Row = {
    name: string;
    version: string;
    inference_count: number;
    execution_count: number;
    last_inference: number;
    inference_stats: Record<string, { count: number; ns: number }>;
    batch_stats: { batch_size: number; compute_infer: { count: number; ns: number } }[];
  };
  const rows = async (path: string) => ((await json(path)).json as { model_stats: Row[] }).model_stats;

  it('count requests, rows, batches and failures of a version', async () => {
    const before = (await rows('/v2/models/custom/versions/1/stats'))[0] as Row;
    await infer('custom', rowsOfFour(Array.from({ length: 7 }, () => [1, 2, 3, 4])));
    await refused('custom', rowsOfFour([[1, 2, 3]]));
    const [after] = await rows('/v2/models/custom/versions/1/stats');
    const grown = (part: string) =>
      (after?.inference_stats[part]?.count ?? 0) - (before.inference_stats[part]?.count ?? 0);
    expect(after?.inference_count).toBe(before.inference_count + 7);
    expect(after?.execution_count).toBe(before.execution_count + 1);
    expect([grown('success'), grown('fail'), grown('queue'), grown('compute_infer')]).toEqual([1, 1, 1, 1]);
    expect(after?.last_inference).toBeGreaterThan(Date.now() - 60_000);
    const batch = after?.batch_stats.find((one) => one.batch_size === 7);
    expect(batch?.compute_infer.count).toBeGreaterThan(0);
    expect(batch?.compute_infer.ns).toBeGreaterThan(0);
  });
  it('are those of a model, of all, or of none', async () => {
    const names = async (path: string) => (await rows(path)).map(({ name, version }) => `${name}@${version}`);
    expect(await names('/v2/models/float/stats')).toEqual(['float@1', 'float@2']);
    expect(await names('/v2/models/float/versions/2/stats')).toEqual(['float@2']);
    expect(await names('/v2/models/stats')).toEqual(
      expect.arrayContaining(['alias@1', 'custom@1', 'fixed@1', 'float@1', 'float@2', 'half@1', 'text@1']),
    );
    expect((await json('/v2/models/nobody/stats')).status).toBe(404);
    expect((await json('/v2/models/float/versions/3/stats')).status).toBe(404);
  });
});

describe('the repository', () => {
  it('takes a model out of memory and brings it back', async () => {
    const act = async (path: string, body = '') => {
      const response = await fetch(stack.url(path), { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    };
    const one = { inputs: [{ name: 'v', shape: [1, 1], datatype: 'BYTES', data: ['a'] }] };
    const options = JSON.stringify({ parameters: { unload_dependents: true } });
    expect(await act('/v2/repository/models/text/unload', options)).toEqual({ status: 200, text: '' });
    expect((await json('/v2/models/text/ready')).status).toBe(400);
    // Taken out on purpose, it does not make the server any less ready.
    expect((await json('/v2/health/ready')).status).toBe(200);
    expect(await refused('text', one)).toBe('503 LATHE_SERVING_MODEL_UNAVAILABLE');
    expect(await act('/v2/repository/main/models/text/load')).toEqual({ status: 200, text: '' });
    expect((await infer('text', one)).status).toBe(200);
    const index = (await post('/v2/repository/main/index', '')).json as { name: string; state: string }[];
    expect(new Set(index.map(({ state }) => state))).toEqual(new Set(['READY']));
    expect((await act('/v2/repository/models/nobody/load')).status).toBe(404);
    expect((await act('/v2/repository/models/text/load', '[')).status).toBe(400);
    expect((await act('/v2/repository/index', '{"ready":"yes"}')).status).toBe(400);
    const override = JSON.stringify({ parameters: { config: '{}', 'file:1/model.onnx': 'AAAA' } });
    expect((await act('/v2/repository/models/text/load', override)).status).toBe(501);
  });
});

describe('what is not served', () => {
  it('says so with 501, whatever the verb', async () => {
    const paths = [
      '/v2/systemsharedmemory/status',
      '/v2/cudasharedmemory/region/r/register',
      '/v2/trace/setting',
      '/v2/models/custom/trace/setting',
      '/v2/logging',
      '/v2/models/custom/versions/1/generate_stream',
    ];
    for (const path of paths)
      for (const method of ['GET', 'POST']) {
        const response = await fetch(stack.url(path), { method });
        expect(`${response.status} ${((await response.json()) as Failure).code}`).toBe(
          '501 LATHE_SERVING_UNSUPPORTED',
        );
      }
  });
});
