/** Very many strings: looked at to the last one, and nobody else waits for it. */
import { isUtf8 } from 'node:buffer';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../contract/common.ts';
import { LatheError } from '../../contract/errors.ts';
import { binaryBody } from '../testing/client.ts';
import { grpcClient } from '../testing/grpc-client.ts';
import { ONNX, onnxFile } from '../testing/onnx-file.ts';
import { endpoint, type Stack, settled, startStack, until } from '../testing/stack.ts';
import { assemble, rawTensor } from './checks.ts';
import type { GrpcInferResponse } from './grpc-protocol.ts';
import { planOf } from './plan.ts';
import type { InferRequest } from './request.ts';
import { splitRequest } from './split-request.ts';
import { createStringChecks, isUnchecked } from './string-checks.ts';
import { sequence } from './string-walk.ts';
import { encodeBatch } from './tensor-frames.ts';

const SPEC: TensorSpec = { name: 's', datatype: 'BYTES', shape: [-1, -1] };
const PLAN = planOf('m@1', '1', [SPEC], []);
const request = (shape: number[], raw: Buffer): InferRequest =>
  assemble(PLAN, 'm', null, [rawTensor(SPEC, shape, (shape[0] ?? 1) * (shape[1] ?? 1), raw)], null);
/** Empty strings, and the last one of these bytes. */
function empties(count: number, ...last: number[]): Buffer {
  const raw = Buffer.alloc(count * 4 + last.length);
  raw.writeUInt32LE(last.length, (count - 1) * 4);
  raw.set(last, count * 4);
  return raw;
}
const checked = (one: InferRequest, checks = createStringChecks(setImmediate)) =>
  new Promise<string>((resolve) => void checks.check(one, (error) => resolve(error?.message ?? 'well')));

describe('millions of strings', () => {
  it('are looked at in many turns of the loop, none of them long', async () => {
    let turns = 0;
    const checks = createStringChecks((callback) => {
      turns += 1;
      setImmediate(callback);
    });
    const raw = empties(4_000_000);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.enable();
    const beganMs = performance.now();
    const one = request([4_000_000, 1], raw);
    const atOnceMs = performance.now() - beganMs;
    expect(isUnchecked(one)).toBe(true);
    expect(await checked(one, checks)).toBe('well');
    delay.disable();
    expect(isUnchecked(one)).toBe(false);
    expect(turns).toBeGreaterThan(20);
    // Room for where rows begin is all that is made at once. Loose, as a busy machine takes its share of both.
    expect(atOnceMs).toBeLessThan(150);
    expect(delay.percentile(90) / 1e6).toBeLessThan(100);
  });

  it('are refused for the very last one', async () => {
    expect(await checked(request([1, 300_000], empties(300_000, 0x61, 0)))).toContain(
      'element 299999 holds a NUL',
    );
    expect(await checked(request([1, 300_000], empties(300_000, 0xff)))).toContain(
      'element 299999 is not UTF-8',
    );
    expect(await checked(request([1, 300_000], empties(300_001)))).toContain(
      'expected 300000 strings, got 300001',
    );
    const long = new Array<number>(200).fill(0x61).concat(0xe9);
    expect(await checked(request([1, 300_000], empties(300_000, ...long)))).toContain('is not UTF-8');
    const cut = empties(300_000, 0x61).subarray(0, -1);
    expect(await checked(request([1, 300_000], cut))).toContain('its last string needs more');
    expect(await checked(request([1, 300_000], empties(300_000, 0xc3, 0xa9)))).toBe('well');
  });

  it('are cut into rows as they were found, into no more parts than are worth it', async () => {
    const raw = Buffer.concat([empties(200_001, 0x62), empties(99_999, 0x63)]);
    const one = request([100_000, 3], raw);
    await checked(one);
    const parts = splitRequest(one, 7);
    expect(parts.length).toBeLessThanOrEqual(4_096);
    expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(100_000);
    expect(encodeBatch(parts).body.equals(raw)).toBe(true);
  });

  it('of one request after the other; those of a client that is gone are left alone', async () => {
    const due: (() => void)[] = [];
    const checks = createStringChecks((callback) => due.push(callback));
    const done: string[] = [];
    const ask = (name: string) =>
      checks.check(request([1, 300_000], empties(300_000)), (error) => done.push(`${name} ${error?.code}`));
    ask('first');
    const leave = ask('gone');
    ask('last');
    expect(checks.bytes()).toBe(3 * 1_200_000);
    leave();
    expect(checks.bytes()).toBe(2 * 1_200_000);
    // It settles all the same, once.
    expect(done).toEqual(['gone LATHE_CANCELLED']);
    leave();
    let turns = 0;
    for (let next = due.shift(); next; next = due.shift()) {
      // Whoever waits, a turn of the loop has one stretch.
      expect(due).toEqual([]);
      next();
      turns += 1;
    }
    expect(done).toEqual(['gone LATHE_CANCELLED', 'first undefined', 'last undefined']);
    expect(checks.bytes()).toBe(0);
    expect(turns).toBeLessThan(10);
  });
});

describe('the strings and flags of any bytes', () => {
  const message = (act: () => unknown): string => {
    try {
      act();
      return 'well';
    } catch (thrown) {
      return thrown instanceof LatheError ? thrown.message : String(thrown);
    }
  };
  it('are text where Node says so', () => {
    const byte = fc.oneof(
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom(0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0xbf),
    );
    const bytes = fc.oneof(
      fc.array(byte, { minLength: 1, maxLength: 6 }),
      fc.string({ unit: 'binary', minLength: 1 }).map((text) => [...Buffer.from(text.replaceAll('\0', '0'))]),
    );
    const property = fc.property(bytes, (text) => {
      const raw = empties(1, ...text);
      expect(message(() => request([1, 1], raw)) === 'well').toBe(isUtf8(Buffer.from(text)));
    });
    fc.assert(property, { numRuns: 200 });
    expect(sequence(Buffer.from('é'), 0, 1)).toBe(0);
  });

  it('BOOL is 0 or 1 wherever in memory it begins and the wrong one stands', () => {
    const flags = { name: 'b', datatype: 'BOOL' as const, shape: [-1] };
    const memory = Buffer.alloc(64);
    for (let begin = 0; begin < 5; begin++)
      for (let length = 1; length < 12; length++) {
        const raw = memory.subarray(begin, begin + length);
        memory.fill(2);
        raw.fill(1);
        expect(message(() => rawTensor(flags, [length], length, raw))).toBe('well');
        for (let wrong = 0; wrong < length; wrong++) {
          raw[wrong] = wrong % 2 === 0 ? 2 : 128;
          expect(message(() => rawTensor(flags, [length], length, raw))).toContain('BOOL is one byte');
          raw[wrong] = 0;
        }
      }
  });
});

describe('a request with very many strings, over the network', () => {
  let stack: Stack;
  /** How many strings there are. */
  const shapeModel = onnxFile({
    nodes: [{ op: 'Shape', inputs: ['s'], outputs: ['y'] }],
    inputs: [{ name: 's', type: ONNX.STRING, shape: [1, 'M'] }],
    outputs: [{ name: 'y', type: ONNX.INT64, shape: [2] }],
  });
  const COUNT = 300_000;

  beforeAll(async () => {
    stack = await startStack();
    stack.apply({
      listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 },
      models: [stack.model('shape', '1', shapeModel)],
      endpoints: [endpoint('shape', ['1'])],
    });
    await settled(stack);
    await until('the gRPC port opens', () => stack.status()?.listening.grpc != null);
  });
  afterAll(() => stack.close());

  it('is answered when they are well and refused when one is not, over HTTP and gRPC', async () => {
    const http = async (raw: Buffer) => {
      const parameters = { binary_data_size: raw.length };
      const inputs = [{ name: 's', shape: [1, COUNT], datatype: 'BYTES', parameters }];
      const { body, headers } = binaryBody({ inputs }, [raw]);
      const response = await fetch(stack.url('/v2/models/shape/infer'), { method: 'POST', body, headers });
      return response.text();
    };
    const client = grpcClient(Number(stack.status()?.listening.grpc));
    const grpc = (raw: Buffer) =>
      client
        .call<GrpcInferResponse>('ModelInfer', {
          model_name: 'shape',
          inputs: [{ name: 's', datatype: 'BYTES', shape: [1, COUNT] }],
          raw_input_contents: [raw],
        })
        .then(
          ({ raw_output_contents: [first] }) => `"data":[1,${(first as Buffer).readBigInt64LE(8)}]`,
          (error: Error) => error.message,
        );
    for (const ask of [http, grpc]) {
      expect(await ask(empties(COUNT, 0x61))).toContain(`"data":[1,${COUNT}]`);
      expect(await ask(empties(COUNT, 0xff))).toContain(`element ${COUNT - 1} is not UTF-8`);
    }
    client.close();
  });
});
