/** The protocol over gRPC: a real client, the real gateway, the real runner. */

import { createServer } from 'node:net';
import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, echoModel, goldenRequest, readGolden, rowsOfFour } from '../testing/client.ts';
import { type GrpcClient, grpcClient } from '../testing/grpc-client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';
import type { GrpcInferResponse } from './grpc-protocol.ts';

let stack: Stack;
let client: GrpcClient;
const { infer } = clientOf(() => stack);

const call = <Response>(method: string, request: object, metadata?: Metadata) =>
  client.call<Response>(method, request, metadata);
const refused = async (request: object): Promise<[status, string]> => {
  const error = await call('ModelInfer', request).then(
    () => null,
    (thrown: unknown) => thrown as ServiceError,
  );
  return [error?.code ?? status.OK, String(error?.metadata?.get('lathe-code')[0] ?? '')];
};
/** The client gives Buffers. */
const bytes = (response: GrpcInferResponse, at = 0) => response.raw_output_contents[at] as Buffer;
const typed = (rows: number[][]) => ({
  model_name: 'custom',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [rows.length, 4], contents: { fp32_contents: rows.flat() } },
  ],
});

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 },
    models: [
      stack.model('delay', '1', sampleFile('resources/sample/models/delay-v1.onnx')),
      stack.model('custom', '1', sampleFile('e2e/fixtures/models/custom-shape.onnx')),
      stack.model('half', '1', echoModel(ONNX.FP16)),
      stack.model('wide', '1', echoModel(ONNX.INT64)),
    ],
    endpoints: [
      endpoint('delay', ['1']),
      endpoint('custom', ['1'], { logging: true }),
      endpoint('half', ['1']),
      endpoint('wide', ['1']),
    ],
  });
  await settled(stack);
  await until('the gRPC port opens', () => stack.status()?.listening.grpc != null);
  client = grpcClient(Number(stack.status()?.listening.grpc));
});
afterAll(async () => {
  client.close();
  await stack.close();
});

describe('gRPC', () => {
  it('answers about server, models and health', async () => {
    expect(await call('ServerLive', {})).toEqual({ live: true });
    expect(await call('ServerReady', {})).toEqual({ ready: true });
    expect(await call('ModelReady', { name: 'custom' })).toEqual({ ready: true });
    expect(await call('ServerMetadata', {})).toMatchObject({ name: 'lathe' });
    expect(await call('ModelMetadata', { name: 'custom' })).toEqual({
      name: 'custom',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '4'] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['-1', '1'] }],
    });
    expect(await client.check('')).toEqual({ status: 'SERVING' });
  });

  it('gives the same answer for typed and raw contents as HTTP does', async () => {
    const rows = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    const { answer } = await infer('custom', rowsOfFour(rows));
    const expected = answer.outputs[0]?.data;
    const read = (response: GrpcInferResponse) => {
      expect(response.outputs).toMatchObject([{ name: 'y', datatype: 'FP32', shape: ['2', '1'] }]);
      const raw = response.raw_output_contents[0] as Buffer;
      return [raw.readFloatLE(0), raw.readFloatLE(4)];
    };
    expect(read(await call('ModelInfer', typed(rows)))).toEqual(expected);
    const raw = Buffer.from(Float32Array.from(rows.flat()).buffer);
    const request = {
      model_name: 'custom',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 4] }],
      raw_input_contents: [raw],
    };
    expect(read(await call('ModelInfer', request))).toEqual(expected);
  });

  it('carries strings, half precision and 64-bit integers', async () => {
    const golden = readGolden();
    const row = golden.rows[0];
    const json = goldenRequest(golden, golden.rows.slice(0, 1));
    const inputs = json.inputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      contents:
        datatype === 'BYTES'
          ? { bytes_contents: data.map((value) => Buffer.from(String(value))) }
          : { fp32_contents: data },
    }));
    const response = await call<GrpcInferResponse>('ModelInfer', { model_name: 'delay', inputs });
    const at = response.outputs.findIndex((output) => output.name === 'probabilities');
    const probability = bytes(response, at).readFloatLE(4);
    expect(Math.abs(probability - (row?.expected['1']?.probabilities[1] ?? 0))).toBeLessThan(
      golden.tolerance,
    );

    const half = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const halved = await call<GrpcInferResponse>('ModelInfer', {
      model_name: 'half',
      inputs: [{ name: 'v', datatype: 'FP16', shape: [2, 1] }],
      raw_input_contents: [half],
    });
    expect(halved.raw_output_contents[0]).toEqual(half);

    const wide = await call<GrpcInferResponse>('ModelInfer', {
      model_name: 'wide',
      inputs: [
        { name: 'v', datatype: 'INT64', shape: [1, 1], contents: { int64_contents: ['9007199254740993'] } },
      ],
    });
    expect(bytes(wide).readBigInt64LE(0)).toBe(9_007_199_254_740_993n);
  });

  it('routes, taps and batches like HTTP', async () => {
    const parameters = {
      lathe_unit: { string_param: 'u1' },
      lathe_event_ms: { int64_param: '1700000000000' },
    };
    await call('ModelInfer', { ...typed([[1, 2, 3, 4]]), id: 'by-grpc', parameters });
    await until('the row arrives', () => stack.predictions().some((row) => row.id === 'by-grpc'));
    const tapped = stack.predictions().find((row) => row.id === 'by-grpc');
    expect(tapped).toMatchObject({
      unit: 'u1',
      eventMs: 1_700_000_000_000,
      features: { 'x[0]': 1, 'x[3]': 4 },
    });
  });

  it('refuses wrong requests with the protocol’s status and our code', async () => {
    const request = typed([[1, 2, 3, 4]]);
    const input = request.inputs[0] as (typeof request.inputs)[0];
    const { INVALID_ARGUMENT, NOT_FOUND } = status;
    expect(await refused({ ...request, model_name: 'nobody' })).toEqual([
      NOT_FOUND,
      'LATHE_SERVING_MODEL_NOT_FOUND',
    ]);
    expect(await refused({ ...request, model_version: '9' })).toEqual([
      NOT_FOUND,
      'LATHE_SERVING_VERSION_NOT_FOUND',
    ]);
    const cases: [object[], string][] = [
      [[], 'LATHE_SERVING_INPUT_MISSING'],
      [[{ ...input, name: 'z' }], 'LATHE_SERVING_INPUT_UNKNOWN'],
      [[{ ...input, datatype: 'FP64' }], 'LATHE_SERVING_INPUT_TYPE'],
      [[{ ...input, shape: [4] }], 'LATHE_SERVING_INPUT_SHAPE'],
      [[{ ...input, shape: [2, 4] }], 'LATHE_SERVING_INPUT_DATA'],
    ];
    for (const [inputs, code] of cases)
      expect(await refused({ ...request, inputs })).toEqual([INVALID_ARGUMENT, code]);
    const short = {
      model_name: 'custom',
      inputs: [{ ...input, contents: null }],
      raw_input_contents: [Buffer.alloc(3)],
    };
    expect(await refused(short)).toEqual([INVALID_ARGUMENT, 'LATHE_SERVING_INPUT_DATA']);
    const raw = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
    const contents: [object, string][] = [
      // Raw and typed contents together, and not as many raw contents as inputs.
      [{ ...request, raw_input_contents: [raw] }, 'LATHE_SERVING_INPUT_DATA'],
      [
        { ...request, inputs: [{ ...input, contents: null }], raw_input_contents: [raw, raw] },
        'LATHE_INPUT_INVALID',
      ],
      [{ ...request, inputs: [input, input], raw_input_contents: [raw] }, 'LATHE_INPUT_INVALID'],
      // Half precision has no typed contents; BF16 fits no model that can be loaded.
      [
        {
          model_name: 'half',
          inputs: [{ name: 'v', datatype: 'FP16', shape: [1, 1], contents: { fp32_contents: [1] } }],
        },
        'LATHE_SERVING_INPUT_DATA',
      ],
      [
        {
          model_name: 'half',
          inputs: [{ name: 'v', datatype: 'BF16', shape: [1, 1] }],
          raw_input_contents: [Buffer.from([0x80, 0x3f])],
        },
        'LATHE_SERVING_INPUT_TYPE',
      ],
    ];
    for (const [wrong, code] of contents) expect(await refused(wrong)).toEqual([INVALID_ARGUMENT, code]);
    const tooLong = typed(Array.from({ length: LIMITS.maxBodyBytes / 16 + 1 }, () => [1, 2, 3, 4]));
    expect((await refused(tooLong))[0]).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('reports a taken port and goes on over HTTP', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
    const { port } = taken.address() as { port: number };
    stack.apply({ listen: { host: '127.0.0.1', httpPort: 0, grpcPort: port } });
    await until('the conflict is reported', () => (stack.status()?.listenErrors.length ?? 0) > 0);
    expect(stack.status()?.listenErrors[0]).toMatchObject({
      code: 'LATHE_SERVING_PORT_IN_USE',
      details: { port, service: 'Inference over gRPC' },
    });
    await infer('custom', rowsOfFour([[1, 2, 3, 4]]));
    await new Promise((resolve) => taken.close(resolve));
    await until('it listens there', () => stack.status()?.listening.grpc === port);
  });
});
