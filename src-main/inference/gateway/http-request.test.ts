/** Bodies taken apart and checked, without a server: the binary tensor extension and every wrong use of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype, TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { encodeStrings } from '../tensors.ts';
import { readHttpRequest, readBodyParts as readParts, splitBody } from './http-request.ts';
import { planOf } from './plan.ts';

const tensor = (name: string, datatype: Datatype, shape: number[]): TensorSpec => ({ name, datatype, shape });
const PLAN = planOf(
  'm@1',
  '1',
  [tensor('a', 'FP32', [-1, 2]), tensor('s', 'BYTES', [-1, 1])],
  [tensor('y', 'FP32', [-1, 1]), tensor('z', 'FP16', [-1, 1])],
);
const one = (datatype: Datatype, shape: number[]) =>
  planOf('o@1', '1', [tensor('v', datatype, shape)], [tensor('y', datatype, shape)]);

const readBodyParts = (body: Buffer, header: string | undefined) => readParts(splitBody(body, header));
const FLOATS = Buffer.from(Float32Array.of(1, 2).buffer);
const TEXT = encodeStrings(['hé']);
const input = (name: string, datatype: string, shape: number[], size: unknown) => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: size },
});
const BINARY = [input('a', 'FP32', [1, 2], 8), input('s', 'BYTES', [1, 1], TEXT.length)];

function read(json: unknown, tail: Uint8Array = Buffer.alloc(0), plan = PLAN) {
  const head = Buffer.from(JSON.stringify(json));
  return readHttpRequest(plan, 'm', readBodyParts(Buffer.concat([head, tail]), String(head.length)));
}
const bare = (body: Buffer, plan = PLAN) => readHttpRequest(plan, 'm', readBodyParts(body, '0'));

/** "<code>: <cause>" of what must be refused. */
function refused(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof LatheError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'accepted';
}

describe('binary data', () => {
  it('is taken in the order of the inputs, wherever the model has them, and not copied', () => {
    const [a, s] = BINARY;
    const tail = Buffer.concat([TEXT, FLOATS]);
    const head = Buffer.from(JSON.stringify({ inputs: [s, a] }));
    const body = Buffer.concat([head, tail]);
    const { request } = readHttpRequest(PLAN, 'm', readBodyParts(body, String(head.length)));
    expect(request.inputs.map(({ name, raw }) => [name, raw])).toEqual([
      ['a', FLOATS],
      ['s', TEXT],
    ]);
    expect(request.inputs[0]?.raw?.buffer).toBe(body.buffer);
    expect(request.rows).toBe(1);
  });
  it('and JSON go together in one request', () => {
    const text = { name: 's', datatype: 'BYTES', shape: [1, 1], data: ['x'] };
    const { request } = read({ inputs: [text, BINARY[0]] }, FLOATS);
    expect(request.inputs.map(({ values, raw }) => [values, raw])).toEqual([
      [null, FLOATS],
      [['x'], null],
    ]);
  });
  it('beside JSON like that of the request before has its own bytes, and its own JSON where that differs', () => {
    const of = (id: string, fill: number) => {
      const tail = Buffer.concat([Buffer.alloc(8, fill), TEXT]);
      const { request } = read({ id, inputs: BINARY }, tail);
      return [request.id, request.inputs[0]?.raw?.[0]];
    };
    const asked = [
      ['a', 1],
      ['a', 2],
      ['b', 3],
      ['b', 4],
      ['a', 5],
    ] as const;
    expect(asked.map(([id, fill]) => of(id, fill))).toEqual(asked);
  });
  it('is refused when its size, its sum or its header is wrong', () => {
    const tail = Buffer.concat([FLOATS, TEXT]);
    const cases: [unknown[], Uint8Array, RegExp][] = [
      [BINARY, tail.subarray(0, tail.length - 3), /INPUT_DATA: .*expecting 3 additional bytes/],
      [BINARY, Buffer.concat([tail, FLOATS]), /INPUT_INVALID: .*unexpected additional input data: 8 bytes/],
      [[{ ...BINARY[0], parameters: {} }, BINARY[1]], tail, /INPUT_DATA: .*data must be a list/],
      [[{ ...BINARY[0], data: [1, 2] }, BINARY[1]], tail, /INPUT_DATA: .*both data and binary_data_size/],
      [[input('a', 'FP32', [2, 2], 8), BINARY[1]], tail, /INPUT_DATA: .*total byte size 8: 4 values/],
      [[input('a', 'FP32', [1, 2], -8), BINARY[1]], tail, /INPUT_DATA: .*whole number of bytes/],
      [[input('a', 'FP32', [1, 2], '8'), BINARY[1]], tail, /INPUT_DATA: .*whole number of bytes/],
      [[input('a', 'FP32', [1, 2], 2 ** 60), BINARY[1]], tail, /INPUT_DATA: .*whole number of bytes/],
      [[input('a', 'FP32', [1, 2], 2 ** 50), BINARY[1]], tail, /INPUT_DATA: .*additional bytes/],
      [[{ ...BINARY[0], parameters: [] }, BINARY[1]], tail, /INPUT_INVALID: .*parameters must be an object/],
      [[BINARY[0], { ...BINARY[1], shape: [2, 1] }], tail, /INPUT_DATA: .*expected 2 strings, got 1/],
    ];
    for (const [inputs, bytes, expected] of cases)
      expect(refused(() => read({ inputs }, bytes))).toMatch(expected);
    for (const header of ['-1', '1.5', 'x', '', '99999', '9'.repeat(30), '0x2'])
      expect(refused(() => readBodyParts(Buffer.from('{}'), header))).toMatch(
        /INPUT_INVALID: .*Inference-Header-Content-Length must be in range \(0, 2\)/,
      );
  });
  it('of strings must be strings, and of booleans booleans', () => {
    const strings = (raw: Buffer, count = 1) =>
      refused(() =>
        read({ inputs: [input('v', 'BYTES', [count, 1], raw.length)] }, raw, one('BYTES', [-1, 1])),
      );
    const raw = (length: number, bytes: number[]) => {
      const out = Buffer.from([0, 0, 0, 0, ...bytes]);
      out.writeUInt32LE(length);
      return out;
    };
    expect(strings(encodeStrings(['日本', '']), 2)).toBe('accepted');
    expect(strings(raw(5, [65]))).toMatch(/needs more than the 5 bytes/);
    expect(strings(raw(2 ** 32 - 1, [65]))).toMatch(/needs more than/);
    expect(strings(Buffer.from([1, 0]))).toMatch(/needs more than/);
    expect(strings(encodeStrings(['a', 'b']))).toMatch(/expected 1 strings, got 2/);
    expect(strings(raw(1, [0xff]))).toMatch(/element 0 is not UTF-8/);
    expect(strings(encodeStrings(['a\0b']))).toMatch(/element 0 holds a NUL/);
    const flags = (byte: number) =>
      refused(() =>
        read({ inputs: [input('v', 'BOOL', [1, 1], 1)] }, Buffer.from([byte]), one('BOOL', [-1, 1])),
      );
    expect([flags(0), flags(1)]).toEqual(['accepted', 'accepted']);
    expect(flags(2)).toMatch(/INPUT_DATA: .*0 or 1/);
  });
  it('is asked for by output or for all, the output’s word being the last', () => {
    const forms = (json: object) => read({ inputs: BINARY, ...json }, Buffer.concat([FLOATS, TEXT])).binary;
    const yes = { name: 'y', parameters: { binary_data: true } };
    const no = { name: 'y', parameters: { binary_data: false } };
    const all = { parameters: { binary_data_output: true } };
    expect(forms({})).toEqual({ all: false, each: null });
    expect(forms(all)).toEqual({ all: true, each: null });
    expect(forms({ ...all, outputs: [no, { name: 'z' }] }).each).toEqual([false, true]);
    expect(forms({ outputs: [{ name: 'z' }, yes] }).each).toEqual([false, true]);
    expect(refused(() => forms({ outputs: [{ name: 'y', parameters: { binary_data: 1 } }] }))).toMatch(
      /binary_data must be true or false/,
    );
    expect(refused(() => forms({ parameters: { binary_data_output: 'yes' } }))).toMatch(/binary_data_output/);
  });
});

describe('a bare body', () => {
  it('is one row whose free dimension follows from its length', () => {
    const shape = (plan: ReturnType<typeof one>, body: Buffer) => bare(body, plan).request.inputs[0]?.shape;
    expect(shape(one('FP32', [-1, 2]), FLOATS)).toEqual([1, 2]);
    expect(shape(one('FP32', [-1, -1, 2]), Buffer.alloc(48))).toEqual([1, 6, 2]);
    expect(shape(one('FP16', [2, 2]), Buffer.alloc(8))).toEqual([2, 2]);
    expect(bare(FLOATS, one('FP32', [-1, 2])).binary).toEqual({ all: true, each: null });
  });
  it('is the one string of a text model', () => {
    const { request } = bare(Buffer.from('Zürich'), one('BYTES', [-1, 1]));
    expect(request.inputs[0]?.raw).toEqual(encodeStrings(['Zürich']));
  });
  it('is refused where the shape cannot follow from it', () => {
    expect(refused(() => bare(FLOATS))).toMatch(/needs a model with one input, and m has 2/);
    expect(refused(() => bare(FLOATS, one('FP32', [-1, -1, -1])))).toMatch(/more than one dimension is free/);
    expect(refused(() => bare(Buffer.alloc(7), one('FP32', [-1, 2])))).toMatch(/total byte size 7/);
    expect(refused(() => bare(Buffer.alloc(0), one('FP32', [-1, 2])))).toMatch(/total byte size 0/);
    expect(refused(() => bare(Buffer.alloc(9), one('FP32', [-1, -1, 2])))).toMatch(/total byte size 9/);
    expect(refused(() => bare(Buffer.from('x'), one('BYTES', [-1, 2])))).toMatch(/carries one string/);
  });
});

describe('a request', () => {
  const json = (part: object, plan = one('FP64', [-1, 1])) =>
    read(
      { inputs: [{ name: 'v', shape: [1, 1], datatype: plan.inputs[0]?.datatype, data: [1] }], ...part },
      undefined,
      plan,
    );

  it('says how it is scheduled', () => {
    const options = (parameters: object) =>
      readBodyParts(Buffer.from(JSON.stringify({ parameters })), undefined).options;
    expect(options({ priority: 2, timeout: 1500, lathe_unit: 7 })).toEqual({
      unit: '7',
      eventMs: null,
      priority: 2,
      timeoutUs: 1500,
    });
    expect(options({ priority: 2 ** 40 }).priority).toBe(10);
    expect(options({ priority: 0, timeout: 0, other: {} })).toMatchObject({ priority: 0, timeoutUs: 0 });
    for (const wrong of [
      { priority: -1 },
      { priority: '1' },
      { timeout: 1.5 },
      { timeout: null },
      { lathe_unit: {} },
    ])
      expect(refused(() => options(wrong))).toMatch(/^LATHE_INPUT_INVALID: .*parameters\./);
  });
  it('may spell NaN and Infinity as Python does, outside of strings', () => {
    const text =
      '{"id":"NaN \\"Infinity","inputs":[{"name":"v","shape":[3,1],"datatype":"FP64","data":[NaN,-Infinity,Infinity]}]}';
    const { request } = readHttpRequest(
      one('FP64', [-1, 1]),
      'm',
      readBodyParts(Buffer.from(text), undefined),
    );
    expect(request.id).toBe('NaN "Infinity');
    expect(request.inputs[0]?.values).toEqual([null, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    const whole = text.replaceAll('FP64', 'INT32');
    expect(
      refused(() =>
        readHttpRequest(one('INT32', [-1, 1]), 'm', readBodyParts(Buffer.from(whole), undefined)),
      ),
    ).toMatch(/INPUT_DATA: .*value 0 \(null\) is not INT32/);
    for (const text of ['{"inputs":NaNs}', '{"inputs":[NaN}', 'Infinity', '{"a":"NaN}'])
      expect(refused(() => readBodyParts(Buffer.from(text), undefined))).toMatch(/BODY_MALFORMED/);
  });
  it('is refused for what this server does not do', () => {
    const shared = {
      inputs: [{ ...BINARY[0], parameters: { shared_memory_region: 'r', shared_memory_byte_size: 8 } }],
    };
    expect(refused(() => read(shared))).toMatch(/UNSUPPORTED: .*shared memory/);
    const classes = { outputs: [{ name: 'y', parameters: { classification: 3 } }] };
    expect(refused(() => json(classes))).toMatch(/UNSUPPORTED: .*classification/);
  });
  it('is refused before anything is allocated for the shape it announces', () => {
    const huge = (shape: number[]) =>
      refused(() =>
        json(
          { inputs: [{ name: 'v', shape, datatype: 'FP64', data: [1] }] },
          one(
            'FP64',
            shape.map(() => -1),
          ),
        ),
      );
    const limit = process.memoryUsage().rss + 64 * 1024 * 1024;
    for (const shape of [[2 ** 31, 2 ** 31], [2 ** 26, 2 ** 26, 2 ** 26], [1e308, 10], [2 ** 53]])
      expect(huge(shape)).toMatch(/INPUT_(SHAPE|DATA)/);
    const deep = [{ name: 'v', shape: new Array(17).fill(1), datatype: 'FP64', data: [1] }];
    expect(refused(() => json({ inputs: deep }, one('FP64', [])))).toMatch(/INPUT_SHAPE/);
    const raw = { inputs: [input('v', 'FP64', [2 ** 45], 8)] };
    expect(refused(() => read(raw, Buffer.alloc(8), one('FP64', [-1])))).toMatch(/INPUT_DATA/);
    expect(process.memoryUsage().rss).toBeLessThan(limit);
  });
  it('is refused when its inputs disagree on the rows', () => {
    const inputs = [input('a', 'FP32', [2, 2], 16), BINARY[1]];
    expect(refused(() => read({ inputs }, Buffer.concat([FLOATS, FLOATS, TEXT])))).toMatch(/INPUT_SHAPE/);
  });
  it('never throws anything but a coded error, whatever the bytes', () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant(BINARY[0]), fc.constant(BINARY[1]));
    const body = fc.record({
      inputs: fc.oneof(part, fc.array(part)),
      outputs: part,
      parameters: part,
      id: part,
    });
    const property = fc.property(
      body,
      fc.uint8Array({ maxLength: 40 }),
      fc.string(),
      (value, tail, header) => {
        refused(() => read(value, tail));
        refused(() => readHttpRequest(PLAN, 'm', readBodyParts(Buffer.from(tail), header)));
        refused(() => bare(Buffer.from(tail), one('BYTES', [-1, 1])));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
