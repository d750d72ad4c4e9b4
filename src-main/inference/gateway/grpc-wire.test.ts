/**
 * gRPC as bytes on the wire. Field numbers here are those of the published grpc_service.proto, model_config.proto and
 * health.proto, written out by hand; nothing of the server's own descriptors is used.
 */
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoModel, lookupModel } from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import {
  bytes,
  decode,
  double,
  type Fields,
  integer,
  messageAt,
  messages,
  numberAt,
  numbers,
  text,
  textAt,
  texts,
  varint,
} from '../testing/protobuf-wire.ts';
import { endpoint, type Stack, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
let connection: Client;
const NONE = Buffer.alloc(0);
const INFERENCE = '/inference.GRPCInferenceService/';
const HEALTH = '/grpc.health.v1.Health/Check';
const asIs = (value: Buffer) => value;

/** The fields of what the server answers; rejects with the status. */
const ask = (path: string, message: Buffer): Promise<Fields> =>
  new Promise((resolve, reject) => {
    connection.makeUnaryRequest(path, asIs, asIs, message, (error, answer) =>
      error ? reject(error) : resolve(decode(answer ?? NONE)),
    );
  });
/** No field but those that the published message has under these numbers: zeros are written here, and read as absent. */
const expectOnly = (fields: Fields, ...published: number[]) =>
  expect(published).toEqual(expect.arrayContaining([...fields.keys()]));
const named = (name: string, version = '') => Buffer.concat([text(1, name), text(2, version)]);
const json = async (path: string) => (await (await fetch(stack.url(path))).json()) as Record<string, unknown>;

/** Every field of InferTensorContents: its number, the two values in it, and the same as raw bytes. */
const raw = (values: ArrayBufferView<ArrayBuffer>) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const TYPED: [datatype: string, type: number, contents: Buffer, raw: Buffer][] = [
  ['BOOL', ONNX.BOOL, bytes(1, varint(1), varint(0)), Buffer.from([1, 0])],
  ['INT32', ONNX.INT32, bytes(2, varint(-2), varint(7)), raw(Int32Array.of(-2, 7))],
  [
    'INT64',
    ONNX.INT64,
    bytes(3, varint(9_007_199_254_740_993n), varint(-1)),
    raw(BigInt64Array.of(9_007_199_254_740_993n, -1n)),
  ],
  ['UINT32', ONNX.UINT32, bytes(4, varint(4_294_967_295), varint(1)), raw(Uint32Array.of(4_294_967_295, 1))],
  [
    'UINT64',
    ONNX.UINT64,
    bytes(5, varint(2n ** 64n - 1n), varint(1)),
    raw(BigUint64Array.of(2n ** 64n - 1n, 1n)),
  ],
  ['FP32', ONNX.FP32, bytes(6, raw(Float32Array.of(1.5, -2))), raw(Float32Array.of(1.5, -2))],
  ['FP64', ONNX.FP64, bytes(7, raw(Float64Array.of(0.1, -2))), raw(Float64Array.of(0.1, -2))],
  [
    'BYTES',
    ONNX.STRING,
    Buffer.concat([text(8, 'ab'), text(8, 'é')]),
    Buffer.from('\x02\0\0\0ab\x02\0\0\0é'),
  ],
];

beforeAll(async () => {
  stack = await startStack();
  const models = TYPED.map(([datatype, type]) => stack.model(datatype, '1', echoModel(type)));
  stack.apply({
    listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 },
    models: [...models, stack.model('lookup', '1', lookupModel())],
    endpoints: [
      ...TYPED.map(([datatype]) => endpoint(datatype, ['1'], { logging: datatype === 'FP64' })),
      endpoint('lookup', ['1']),
    ],
  });
  await settled(stack);
  await until('the gRPC port opens', () => stack.status()?.listening.grpc != null);
  connection = new Client(`127.0.0.1:${stack.status()?.listening.grpc}`, credentials.createInsecure());
});
afterAll(async () => {
  connection.close();
  await stack.close();
});

/** Two rows of FP32 by the name "v", for version 1 of the endpoint FP32, as request "a1"; asks for the output "y". */
const GOLDEN_REQUEST = Buffer.from(
  [
    '0a 04 46 50 33 32', // 1, model_name: "FP32"
    '12 01 31', // 2, model_version: "1"
    '1a 02 61 31', // 3, id: "a1"
    '2a 0d', // 5, inputs: 13 bytes
    '   0a 01 76', // 1, name: "v"
    '   12 04 46 50 33 32', // 2, datatype: "FP32"
    '   1a 02 02 01', // 3, shape, packed: 2, 1
    '32 03 0a 01 79', // 6, outputs: 1, name: "y"
    '3a 08 00 00 c0 3f 00 00 00 c0', // 7, raw_input_contents: 1.5, -2
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

/** The shape is not packed here, as older writers have it. */
const typedRequest = (datatype: string, contents: Buffer) =>
  Buffer.concat([
    text(1, datatype),
    bytes(5, text(1, 'v'), text(2, datatype), integer(3, 2), integer(3, 1), bytes(5, contents)),
  ]);

describe('ModelInfer on the wire', () => {
  it('reads raw contents and answers with them', async () => {
    const answer = await ask(`${INFERENCE}ModelInfer`, GOLDEN_REQUEST);
    expect([1, 2, 3].map((field) => textAt(answer, field))).toEqual(['FP32', '1', 'a1']);
    // parameters: a map's entry is its key and its value, an InferParameter whose string is field 3.
    const [entry = new Map()] = messages(answer, 4);
    expect([textAt(entry, 1), textAt(messageAt(entry, 2), 3)]).toEqual(['lathe_arm', 'direct']);
    const [output = new Map()] = messages(answer, 5);
    expect([textAt(output, 1), textAt(output, 2), numbers(output, 3)]).toEqual(['y', 'FP32', [2, 1]]);
    expect(answer.get(6)).toEqual([Buffer.from('0000c03f000000c0', 'hex')]);
    expect([...answer.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each(TYPED)('reads typed contents of %s', async (datatype, _type, contents, expected) => {
    const answer = await ask(`${INFERENCE}ModelInfer`, typedRequest(datatype, contents));
    expect(textAt(answer, 1)).toBe(datatype);
    expect(numbers(messageAt(answer, 5), 3)).toEqual([2, 1]);
    expect(answer.get(6)).toEqual([expected]);
  });

  it('reads each kind of parameter', async () => {
    const kinds: [value: Buffer, unit: string][] = [
      [integer(1, 1), 'true'],
      [integer(2, -3), '-3'],
      [text(3, 'me'), 'me'],
      [double(4, 2.5), '2.5'],
      [integer(5, 2n ** 64n - 1n), '18446744073709551615'],
    ];
    const [, , contents = NONE] = TYPED.find(([datatype]) => datatype === 'FP64') ?? [];
    for (const [at, [value]] of kinds.entries())
      await ask(
        `${INFERENCE}ModelInfer`,
        Buffer.concat([
          typedRequest('FP64', contents),
          text(3, `unit-${at}`),
          bytes(4, text(1, 'lathe_unit'), bytes(2, value)),
        ]),
      );
    // A request of two rows is two predictions.
    const units = () =>
      kinds.map((_kind, at) => stack.predictions().find(({ id }) => id.startsWith(`unit-${at}`))?.unit);
    await until('they are logged', () => !units().includes(undefined));
    expect(units()).toEqual(kinds.map(([, unit]) => unit));
  });

  it('reads the parameters of inputs and of outputs', async () => {
    const parameter = (field: number, name: string) => bytes(field, text(1, name), bytes(2, text(3, 'x')));
    const input = [text(1, 'v'), text(2, 'FP32'), bytes(3, varint(1), varint(1))];
    const asked = (input4: Buffer, output2: Buffer) =>
      Buffer.concat([
        text(1, 'FP32'),
        bytes(5, ...input, input4),
        bytes(6, text(1, 'y'), output2),
        bytes(7, Buffer.alloc(4)),
      ]);
    const UNIMPLEMENTED = { code: 12 };
    const infer = (message: Buffer) => ask(`${INFERENCE}ModelInfer`, message);
    await expect(infer(asked(parameter(4, 'shared_memory_region'), NONE))).rejects.toMatchObject(
      UNIMPLEMENTED,
    );
    await expect(infer(asked(NONE, parameter(2, 'classification')))).rejects.toMatchObject(UNIMPLEMENTED);
    await infer(asked(NONE, NONE));
  });

  it('streams answers, and errors beside them', async () => {
    const call = connection.makeBidiStreamRequest(`${INFERENCE}ModelStreamInfer`, asIs, asIs);
    const answers: Fields[] = [];
    call.on('data', (answer: Buffer) => answers.push(decode(answer)));
    const ended = new Promise((resolve, reject) => call.on('end', resolve).on('error', reject));
    call.write(GOLDEN_REQUEST);
    call.write(text(1, 'nobody'));
    call.end();
    await ended;
    const [good = new Map(), bad = new Map()] = answers;
    expect(textAt(good, 1)).toBe('');
    expect(messageAt(good, 2).get(6)).toEqual([Buffer.from('0000c03f000000c0', 'hex')]);
    expect(textAt(bad, 1)).toContain('nobody');
  });
});

describe('the server on the wire', () => {
  it('is live and ready', async () => {
    for (const method of ['ServerLive', 'ServerReady'])
      expect(numberAt(await ask(INFERENCE + method, NONE), 1)).toBe(1);
    expect(numberAt(await ask(`${INFERENCE}ModelReady`, named('FP32', '1')), 1)).toBe(1);
    expect(numberAt(await ask(`${INFERENCE}ModelReady`, named('FP32', '2')), 1)).toBe(0);
    expect(numberAt(await ask(`${INFERENCE}ModelReady`, named('nobody')), 1)).toBe(0);
  });
  it('says what it is', async () => {
    const answer = await ask(`${INFERENCE}ServerMetadata`, NONE);
    expect(textAt(answer, 1)).toBe('lathe');
    expect([textAt(answer, 2), texts(answer, 3)]).toEqual(Object.values(await json('/v2')).slice(1));
  });
  it('answers the standard health check', async () => {
    const SERVING = 1;
    for (const service of ['', 'inference.GRPCInferenceService', 'FP32'])
      expect(numberAt(await ask(HEALTH, text(1, service)), 1)).toBe(SERVING);
    await expect(ask(HEALTH, text(1, 'nobody'))).rejects.toMatchObject({ code: 5 });
    const NOT_SERVING = 2;
    await ask(`${INFERENCE}RepositoryModelUnload`, text(2, 'BOOL'));
    expect(numberAt(await ask(HEALTH, text(1, 'BOOL')), 1)).toBe(NOT_SERVING);
    const rows = messages(await ask(`${INFERENCE}RepositoryIndex`, NONE), 1);
    const [row = new Map()] = rows.filter((one) => textAt(one, 1) === 'BOOL');
    expect([2, 3, 4].map((field) => textAt(row, field))).toEqual(['1', 'UNAVAILABLE', 'unloaded']);
    const ready = messages(await ask(`${INFERENCE}RepositoryIndex`, integer(2, 1)), 1);
    expect(ready).toHaveLength(rows.length - 1);
    const config = bytes(3, text(1, 'config'), bytes(2, text(3, '{}')));
    await expect(
      ask(`${INFERENCE}RepositoryModelLoad`, Buffer.concat([text(2, 'BOOL'), config])),
    ).rejects.toMatchObject({ code: 12 });
    await ask(`${INFERENCE}RepositoryModelLoad`, text(2, 'BOOL'));
    expect(numberAt(await ask(HEALTH, text(1, 'BOOL')), 1)).toBe(SERVING);
  });
});

describe('a model on the wire', () => {
  it('has its metadata', async () => {
    const answer = await ask(`${INFERENCE}ModelMetadata`, named('INT64', '1'));
    expect([textAt(answer, 1), texts(answer, 2), textAt(answer, 3)]).toEqual([
      'INT64',
      ['1'],
      'onnxruntime_onnx',
    ]);
    const tensor = (field: number) => {
      const one = messageAt(answer, field);
      return [textAt(one, 1), textAt(one, 2), numbers(one, 3)];
    };
    expect([tensor(4), tensor(5)]).toEqual([
      ['v', 'INT64', [-1, 1]],
      ['y', 'INT64', [-1, 1]],
    ]);
  });

  it('has its configuration', async () => {
    const config = messageAt(await ask(`${INFERENCE}ModelConfig`, named('BYTES')), 1);
    const same = await json('/v2/models/BYTES/config');
    expect([1, 2, 8, 17].map((field) => textAt(config, field))).toEqual([
      'BYTES',
      'onnxruntime_onnx',
      'model.onnx',
      'onnxruntime',
    ]);
    // version_policy, specific, versions
    expect(numbers(messageAt(messageAt(config, 3), 3), 1)).toEqual([1]);
    expect(numberAt(config, 4)).toBe(same.max_batch_size);
    expectOnly(config, 1, 2, 3, 4, 5, 6, 7, 8, 11, 17);
    const TYPE_STRING = 13;
    const input = messageAt(config, 5);
    expectOnly(input, 1, 2, 3, 4, 5, 6, 7, 8);
    expect([textAt(input, 1), numberAt(input, 2), numbers(input, 4)]).toEqual(['v', TYPE_STRING, [1]]);
    const output = messageAt(config, 6);
    expect([textAt(output, 1), numberAt(output, 2), numbers(output, 3)]).toEqual(['y', TYPE_STRING, [1]]);
    const KIND_CPU = 2;
    const group = messageAt(config, 7);
    expect([textAt(group, 1), numberAt(group, 2), numberAt(group, 4)]).toEqual(['BYTES', 1, KIND_CPU]);
    const batching = messageAt(config, 11);
    const policy = messageAt(batching, 6);
    expectOnly(batching, 1, 2, 3, 4, 5, 6, 7);
    expectOnly(policy, 1, 2, 3, 4);
    const expected = same.dynamic_batching as Record<string, unknown>;
    expect([numberAt(batching, 2), numberAt(batching, 5)]).toEqual([
      expected.max_queue_delay_microseconds,
      expected.default_priority_level,
    ]);
    const limits = expected.default_queue_policy as Record<string, unknown>;
    expect([1, 2, 3, 4].map((field) => numberAt(policy, field))).toEqual([
      0,
      limits.default_timeout_microseconds,
      1,
      limits.max_queue_size,
    ]);
  });

  it('whose tensors have one value a row has them reshaped', async () => {
    const config = messageAt(await ask(`${INFERENCE}ModelConfig`, named('lookup')), 1);
    const [input, output] = [messageAt(config, 5), messageAt(config, 6)];
    const [TYPE_INT64, TYPE_FP32] = [9, 11];
    expect([numberAt(input, 2), numbers(input, 4), input.has(5)]).toEqual([TYPE_INT64, [1], true]);
    expect([numberAt(output, 2), numbers(output, 3), output.has(5)]).toEqual([TYPE_FP32, [1], true]);
  });

  it('has its statistics', async () => {
    await ask(`${INFERENCE}ModelInfer`, GOLDEN_REQUEST);
    await expect(ask(`${INFERENCE}ModelInfer`, typedRequest('FP32', NONE))).rejects.toMatchObject({
      code: 3,
    });
    const answer = await ask(`${INFERENCE}ModelStatistics`, named('FP32', '1'));
    const [row = new Map()] = messages(answer, 1);
    const [same] = (await json('/v2/models/FP32/stats')).model_stats as Record<string, never>[];
    expect([textAt(row, 1), textAt(row, 2)]).toEqual(['FP32', '1']);
    expect([3, 4, 5].map((field) => numberAt(row, field))).toEqual([
      same?.last_inference,
      same?.inference_count,
      same?.execution_count,
    ]);
    const duration = (fields: Fields, field: number) => {
      const one = messageAt(fields, field);
      return { count: numberAt(one, 1), ns: numberAt(one, 2) };
    };
    const stats = messageAt(row, 6);
    expectOnly(row, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expectOnly(stats, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(duration(stats, 1).count).toBeGreaterThan(0);
    expect(duration(stats, 2).count).toBeGreaterThan(0);
    const inNames = (names: readonly string[], first: number, fields: Fields) =>
      Object.fromEntries(names.map((name, at) => [name, duration(fields, first + at)]));
    const COMPUTE = ['compute_input', 'compute_infer', 'compute_output'];
    const NAMES = ['success', 'fail', 'queue', ...COMPUTE, 'cache_hit', 'cache_miss'];
    expect(inNames(NAMES, 1, stats)).toEqual(same?.inference_stats);
    const batches = messages(row, 7).map((batch) => ({
      batch_size: numberAt(batch, 1),
      ...inNames(COMPUTE, 2, batch),
    }));
    expect(batches.length).toBeGreaterThan(0);
    expect(batches).toEqual(same?.batch_stats);
    const memory = messageAt(row, 8);
    expectOnly(memory, 1, 2, 3);
    expect([{ type: textAt(memory, 1), id: numberAt(memory, 2), byte_size: numberAt(memory, 3) }]).toEqual(
      same?.memory_usage,
    );
  });
});
