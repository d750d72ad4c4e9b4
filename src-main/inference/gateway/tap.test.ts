import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '../../platform/link.ts';
import { decodeBlocks, loggedPredictions, type TapBlock } from '../../platform/tap-block.ts';
import { endpoint } from '../testing/stack.ts';
import type { InferRequest, InputTensor, OutputTensor } from './request.ts';
import { servedModel } from './served-model.ts';
import { createTap, type TapChunk } from './tap.ts';
import type { Served } from './tap-gather.ts';

const spec = (prediction: Partial<ModelSpec['prediction']> = {}): ModelSpec => ({
  ...{ key: 'm@1', model: 'm', version: '1', path: '', sha256: '', inputs: [], outputs: [] },
  prediction: { label: null, score: { output: 'p', index: 0 }, threshold: 0.5, ...prediction },
});
const model = servedModel(spec(), true, true);
const place = endpoint('e', ['1'], { logging: true, revision: 3 });

const tensor = (part: Partial<InputTensor> & Pick<InputTensor, 'name' | 'datatype'>): InputTensor => {
  const count = part.count ?? part.values?.length ?? 0;
  return { shape: [count], count, values: null, raw: null, ...part };
};
function served(id: string, inputs: InputTensor[], rows = 1, part: Partial<Served> = {}): Served {
  const request: InferRequest = { id, inputs, rows, shapeKey: '', bytes: 0, outputs: null };
  const route = { endpoint: place, arm: 'a', model, unit: null, inputUnit: null, apart: false };
  return { route, request, id, eventMs: null, receivedMs: 1, ...part };
}
const scores = (...values: number[]): OutputTensor[] => [
  {
    ...{ name: 'p', datatype: 'FP32', shape: [values.length], from: 0, to: values.length },
    values: Float32Array.from(values),
  },
];
const x = (value: number) => [tensor({ name: 'x', datatype: 'FP32', values: [value] })];

const LIMITS = { maxBytes: 8_000, chunkBytes: 100_000, chunkLogged: 5, chunksInFlight: 3 };
const bodyOf = (chunk: TapChunk): Buffer => Buffer.concat(chunk.parts);
const blocksOf = (chunk: TapChunk): TapBlock[] => decodeBlocks(chunk.blocks, bodyOf(chunk));
const ids = (chunks: readonly TapChunk[]) =>
  chunks.flatMap((chunk) => blocksOf(chunk).flatMap(({ logged }) => logged.id));
const rows = (chunks: readonly TapChunk[]) => chunks.reduce((sum, chunk) => sum + chunk.rows, 0);

describe('the tap', () => {
  it('sends a window at a time and moves on as it is acknowledged', () => {
    const tap = createTap(() => {}, LIMITS);
    for (let n = 0; n < 25; n++) tap.record(served(`${n}`, x(n)), scores(0.1), 1, true);
    const first = tap.take();
    expect(first.map((chunk) => chunk.seq)).toEqual([1, 2, 3]);
    expect(tap.take()).toEqual([]);
    tap.acknowledge(2);
    expect(tap.take().map((chunk) => chunk.seq)).toEqual([4, 5]);
    tap.acknowledge(5);
    expect(tap.held()).toBe(0);
  });

  it('makes no chunk of what is gathered because one was acknowledged, and sends what waited', () => {
    const tap = createTap(() => {}, LIMITS);
    for (let n = 0; n < 22; n++) tap.record(served(`${n}`, x(n)), scores(0.1), 1, true);
    expect(tap.due().map((chunk) => chunk.seq)).toEqual([1, 2, 3]);
    tap.acknowledge(1);
    expect(tap.due().map((chunk) => chunk.seq)).toEqual([4]);
    tap.acknowledge(4);
    expect(tap.due()).toEqual([]);
    expect(tap.held()).toBe(2);
    expect(rows(tap.take())).toBe(2);
  });

  it('sends again, under the same numbers, what the peer before did not commit', () => {
    const tap = createTap(() => {}, LIMITS);
    for (let n = 0; n < 12; n++) tap.record(served(`${n}`, x(n)), scores(0.1), 1, true);
    const before = tap.take();
    tap.acknowledge(1);
    tap.rewind();
    expect(tap.take()).toEqual(before.slice(1));
  });

  it('counts every row, and logs those that are to be logged', () => {
    const tap = createTap(() => {}, { ...LIMITS, chunkLogged: 100 });
    for (let n = 0; n < 10; n++) tap.record(served(`${n}`, x(n)), scores(n / 10), 7, n % 5 === 0);
    tap.leaveOut(4);
    const [chunk] = tap.take();
    expect(chunk).toMatchObject({ rows: 10, sampledOut: 4, dropped: 0 });
    const [block] = blocksOf(chunk as TapChunk);
    expect(block).toMatchObject({ endpoint: 'e', arm: 'a', version: '1', revision: 3, rows: 10 });
    expect(block?.columns[0]?.values).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect(block?.logged).toMatchObject({ at: [0, 5], id: ['0', '5'], latencyUs: [7, 7], label: ['0', '1'] });
  });

  it('keeps inputs as the model saw them: 32-bit floats, whole numbers, texts, nulls, not finite ones', () => {
    const raw = Buffer.from(Float32Array.from([0.1, Number.NaN, Number.POSITIVE_INFINITY, 4]).buffer);
    const wide = Buffer.from(BigInt64Array.from([1n, -5n]).buffer);
    const inputs = [
      tensor({ name: 'm', datatype: 'FP32', raw, count: 4 }),
      tensor({ name: 'j', datatype: 'FP64', values: [null, 1e300] }),
      tensor({ name: 'w', datatype: 'INT64', raw: wide, count: 2 }),
      tensor({ name: 'b', datatype: 'BOOL', values: [true, 0] }),
      tensor({ name: 't', datatype: 'BYTES', values: ['ö', ''] }),
      tensor({ name: 'half', datatype: 'FP16', raw: Buffer.alloc(4), count: 2 }),
      tensor({ name: 'image', datatype: 'FP32', raw: Buffer.alloc(257 * 2 * 4), count: 257 * 2 }),
    ];
    const tap = createTap(() => {}, LIMITS);
    tap.record(served('r', inputs, 2, { eventMs: 5 }), scores(0.25, Number.NaN), 9, true);
    const [block] = blocksOf(tap.take()[0] as TapChunk);
    expect(block?.columns.map(({ name, width, kind }) => [name, width, kind])).toEqual([
      ['m', 2, 'f32'],
      ['j', 1, 'f64'],
      ['w', 1, 'f64'],
      ['b', 1, 'bool'],
      ['t', 1, 'text'],
    ]);
    const [first, second] = loggedPredictions(block as TapBlock);
    expect(first).toEqual({
      ...{ id: 'r#0', endpoint: 'e', arm: 'a', version: '1', unit: null, revision: 3, apart: false },
      ...{ eventMs: 5, receivedMs: 1, latencyUs: 9, label: '0', score: 0.25 },
      features: { 'm[0]': Math.fround(0.1), 'm[1]': null, j: null, w: 1, b: true, t: 'ö' },
    });
    expect(second).toMatchObject({ id: 'r#1', label: null, score: null });
    expect(second?.features).toEqual({ 'm[0]': null, 'm[1]': 4, j: 1e300, w: -5, b: false, t: '' });
    // Counted apart from a null, though the log has no word for it.
    expect([...((block?.score?.values ?? []) as Float64Array)]).toEqual([0.25, Number.NaN]);
    expect(block?.score).toMatchObject({ nulls: new Uint32Array(0) });
    expect(block?.columns[1]).toMatchObject({ nulls: Uint32Array.of(0) });
  });

  it('makes a block of its own for each arm, width and route', () => {
    const tap = createTap(() => {}, LIMITS);
    const other = { ...place, revision: 4 };
    const base = served('1', x(1));
    tap.record(base, scores(0), 1, false);
    tap.record({ ...base, route: { ...base.route, arm: 'b' } }, scores(0), 1, false);
    tap.record({ ...base, route: { ...base.route, endpoint: other } }, scores(0), 1, false);
    tap.record(served('2', [tensor({ name: 'x', datatype: 'FP32', values: [1, 2] })]), scores(0), 1, false);
    tap.record(base, scores(0), 1, false);
    expect(blocksOf(tap.take()[0] as TapChunk).map(({ rows }) => rows)).toEqual([2, 1, 1, 1]);
  });

  it('loses nothing without counting it: committed + dropped + held is what was recorded', () => {
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.constant('record' as const) },
      fc.constant('take' as const),
      fc.constant('due' as const),
      fc.constant('ack' as const),
      fc.constant('reconnect' as const),
    );
    const property = fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const tap = createTap(() => {}, LIMITS);
      const committed = new Map<number, TapChunk>();
      let inbox: TapChunk[] = [];
      let recorded = 0;
      const acknowledge = () => {
        for (const chunk of inbox) committed.set(chunk.seq, structuredClone(chunk));
        const last = inbox.at(-1)?.seq;
        inbox = [];
        if (last !== undefined) tap.acknowledge(last);
      };
      for (const what of actions) {
        if (what === 'record') tap.record(served(`${recorded}`, x(recorded++)), scores(0.5), 1, true);
        else if (what === 'take') inbox.push(...tap.take());
        else if (what === 'due') inbox.push(...tap.due());
        else if (what === 'ack') acknowledge();
        else {
          inbox = [];
          tap.rewind();
        }
        // A chunk of five rows takes under 1 kB.
        expect(tap.held()).toBeLessThanOrEqual(100);
      }
      for (let n = 0; n < 40; n++) {
        inbox.push(...tap.take());
        acknowledge();
      }
      const chunks = [...committed.values()];
      expect(new Set(ids(chunks)).size).toBe(ids(chunks).length);
      const dropped = chunks.reduce((sum, chunk) => sum + chunk.dropped, 0);
      expect(tap.held()).toBe(0);
      // Rows dropped after they were received, but not yet committed, count once on either side.
      expect(rows(chunks) + dropped).toBeGreaterThanOrEqual(recorded);
    });
    fc.assert(property, { numRuns: 300 });
  });
});
