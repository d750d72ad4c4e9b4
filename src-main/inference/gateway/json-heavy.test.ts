/** What another thread makes of large JSON must be what this one would have made of it. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Datatype } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { encodeAnswer } from './http-answer.ts';
import { readBodyParts, readHttpRequest, readJson, splitBody } from './http-request.ts';
import { lighten } from './json-heavy.ts';
import type { Patience } from './json-line.ts';
import { createJsonThread } from './json-thread.ts';
import { planOf } from './plan.ts';
import type { InferRequest, OutputTensor } from './request.ts';
import { encodeBatch } from './tensor-frames.ts';

const VALUES: [Datatype, fc.Arbitrary<unknown>][] = [
  ['FP32', fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(null))],
  ['FP64', fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['INT64', fc.maxSafeInteger()],
  ['INT8', fc.integer({ min: -128, max: 127 })],
  ['UINT32', fc.nat()],
  ['BOOL', fc.oneof(fc.boolean(), fc.constantFrom(0, 1))],
  ['BYTES', fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', ''))],
];
const specs = VALUES.map(([datatype]) => ({ name: `in-${datatype}`, datatype, shape: [-1, -1] }));
const plan = planOf('m@1', '1', specs, specs);
const bytesOf = (request: InferRequest) => encodeBatch([request]);

const direct = (text: Buffer, tail = Buffer.alloc(0)) =>
  readHttpRequest(plan, 'm', readBodyParts({ text, tail })).request;
const light = (text: Buffer, tail = Buffer.alloc(0)) => {
  const lightened = lighten('m', text, tail);
  return readHttpRequest(plan, 'm', readJson(lightened.json, null, Buffer.from(lightened.tail))).request;
};
const outcome = (act: () => InferRequest): unknown => {
  try {
    return bytesOf(act());
  } catch (thrown) {
    if (thrown instanceof LatheError) return thrown.code;
    throw thrown;
  }
};

describe('a request made light', () => {
  it('is the same request, whatever the datatypes, the order, and what was binary before', () => {
    const tensors = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) =>
        fc.tuple(
          ...VALUES.map(([, value]) => fc.array(value, { minLength: 2 * columns, maxLength: 2 * columns })),
        ),
      );
    const property = fc.property(tensors, fc.nat(6), fc.boolean(), (columns, turn, nested) => {
      const inputs = VALUES.map(([datatype], at) => {
        const data = columns[at] as unknown[];
        const width = data.length / 2;
        const rows = [data.slice(0, width), data.slice(width)];
        return { name: `in-${datatype}`, datatype, shape: [2, width], data: nested ? rows : data };
      });
      const json = { id: 'x', inputs: [...inputs.slice(turn), ...inputs.slice(0, turn)] };
      const text = Buffer.from(JSON.stringify(json));
      const expected = bytesOf(direct(text));
      expect(bytesOf(light(text))).toEqual(expected);
      // The first as binary data already, the others in the text.
      const [first] = json.inputs;
      const header = expected.inputs.find((one) => one.name === first?.name);
      const begin = expected.inputs
        .slice(0, expected.inputs.indexOf(header as never))
        .reduce((sum, one) => sum + one.byteLength, 0);
      const tail = expected.body.subarray(begin, begin + (header?.byteLength ?? 0));
      const { data: _, ...bare } = first as (typeof inputs)[0];
      const mixed = [{ ...bare, parameters: { binary_data_size: tail.length } }, ...json.inputs.slice(1)];
      const mixedText = Buffer.from(JSON.stringify({ ...json, inputs: mixed }));
      expect(bytesOf(light(mixedText, Buffer.from(tail)))).toEqual(expected);
    });
    fc.assert(property, { numRuns: 100 });
  });
  it('keeps whole numbers beyond 2^53, beside floats that need not be exact', () => {
    const one = planOf(
      'm@1',
      '1',
      [
        { name: 'i', datatype: 'INT64', shape: [-1] },
        { name: 'f', datatype: 'FP64', shape: [-1] },
      ],
      [],
    );
    const text = Buffer.from(
      '{"inputs":[{"name":"i","datatype":"INT64","shape":[1],"data":[9007199254740993]},{"name":"f","datatype":"FP64","shape":[1],"data":[9007199254740993000]}]}',
    );
    const { json, tail } = lighten('m', text, Buffer.alloc(0));
    const made = readHttpRequest(one, 'm', readJson(json, null, Buffer.from(tail))).request;
    const plain = readHttpRequest(one, 'm', readBodyParts(splitBody(text, undefined))).request;
    expect(made.inputs[0]?.raw?.readBigInt64LE(0)).toBe(9_007_199_254_740_993n);
    expect(bytesOf(made)).toEqual(bytesOf(plain));
  });
  it('is refused where the request would be', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(...specs.map(({ name, datatype }) => ({ name, datatype, shape: [1, 1], data: [1] }))),
      fc.constantFrom(...specs.map(({ name, datatype }) => ({ name, datatype, shape: [1, 1], data: ['a'] }))),
    );
    const property = fc.property(fc.oneof(part, fc.array(part, { maxLength: 8 })), (inputs) => {
      const text = Buffer.from(JSON.stringify({ inputs }));
      const refused = (result: unknown) => typeof result === 'string';
      expect(refused(outcome(() => light(text)))).toBe(refused(outcome(() => direct(text))));
    });
    fc.assert(property, { numRuns: 300 });
  });
});

/** Waits as long as it takes. */
const patient: Patience = {
  arrivedMs: systemClock.monotonic(),
  limitMs: Number.POSITIVE_INFINITY,
  sloMs: Number.POSITIVE_INFINITY,
  roomBytes: () => Number.POSITIVE_INFINITY,
  overloaded: () => new LatheError('LATHE_SERVING_OVERLOADED', {}),
  timeout: () => new LatheError('LATHE_SERVING_TIMEOUT', {}),
  onGone: () => {},
};

describe('the thread', () => {
  const thread = createJsonThread(new URL('./json-worker.ts', import.meta.url), systemClock);
  afterAll(() => thread.close());

  it('reads and writes, in order, and says what is wrong', async () => {
    const body = (value: unknown) =>
      Buffer.from(
        JSON.stringify({ inputs: [{ name: 'in-FP32', datatype: 'FP32', shape: [1, 1], data: [value] }] }),
      );
    const answers = [1, 'x', 2].map((value) =>
      thread.lighten('m', body(value), Buffer.alloc(0), patient).then(
        ({ tail }) => Buffer.from(tail).readFloatLE(0),
        (error: LatheError) => error.code,
      ),
    );
    expect(await Promise.all(answers)).toEqual([1, 'LATHE_SERVING_INPUT_DATA', 2]);
    const values = Float32Array.of(0, 1.5, Number.NaN, 3, 0);
    const output: OutputTensor = { name: 'y', datatype: 'FP32', shape: [3], values, from: 1, to: 4 };
    const strings: OutputTensor = {
      name: 's',
      datatype: 'BYTES',
      shape: [1],
      values: ['a', 'é"'],
      from: 1,
      to: 2,
    };
    const answer = { name: 'm', version: '1', arm: 'a', id: 'ü', outputs: [output, strings] };
    const binary = { all: false, each: [false, true] };
    const here = encodeAnswer(answer, binary);
    const there = await thread.encode(answer, binary);
    expect(there.text.toString()).toBe(here.text);
    expect(there.parts.map((part) => [...part])).toEqual(here.parts.map((part) => [...part]));
    // The batch is others' too: it is as it was.
    expect(values).toHaveLength(5);
  });
  it('that does not start fails what was given to it, and nothing else', async () => {
    const broken = createJsonThread(new URL('./no-such-worker.ts', import.meta.url), systemClock);
    for (let n = 0; n < 2; n++)
      await expect(broken.lighten('m', Buffer.from('{}'), Buffer.alloc(0), patient)).rejects.toMatchObject({
        code: 'LATHE_INTERNAL',
      });
  });
});
