import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksOfPredictions,
  decodeBlocks,
  encodeBlock,
  loggedPredictions,
  NO_TEXT,
  noLogged,
  type TapBlock,
  type TapColumn,
} from './tap-block.ts';

const name = fc.string({ maxLength: 12 });
const column = (rows: number): fc.Arbitrary<TapColumn> =>
  fc.integer({ min: 1, max: 4 }).chain((width) => {
    const count = rows * width;
    const exactly = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: count, maxLength: count });
    const nulls = fc
      .uniqueArray(fc.nat(Math.max(0, count - 1)), { maxLength: count })
      .map((at) => Uint32Array.from(at.sort((a, b) => a - b)));
    const floats = exactly(fc.double());
    const common = { name, width: fc.constant(width) };
    return fc.oneof(
      fc.record({
        ...common,
        kind: fc.constant('f32' as const),
        values: floats.map((v) => Float32Array.from(v)),
        nulls,
      }),
      fc.record({
        ...common,
        kind: fc.constant('f64' as const),
        values: floats.map((v) => Float64Array.from(v)),
        nulls,
      }),
      fc.record({
        ...common,
        kind: fc.constant('bool' as const),
        values: exactly(fc.nat(2)).map((v) => Uint8Array.from(v)),
      }),
      fc.record({
        ...common,
        kind: fc.constant('text' as const),
        values: exactly(fc.constantFrom(0, 1, NO_TEXT)).map((v) => Uint32Array.from(v)),
        texts: fc.tuple(fc.string({ unit: 'binary' }), fc.string()).map((each) => [...each]),
      }),
      fc.record({
        ...common,
        kind: fc.constant('any' as const),
        values: exactly(fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null))),
      }),
    );
  });
const block: fc.Arbitrary<TapBlock> = fc.nat(20).chain((rows) =>
  fc.record({
    endpoint: name,
    arm: name,
    version: fc.constant('1'),
    revision: fc.option(fc.nat()),
    rows: fc.constant(rows),
    eventMs: fc.constant(Float64Array.from({ length: rows }, (_, at) => at)),
    receivedMs: fc.constant(Float64Array.from({ length: rows }, (_, at) => -at)),
    columns: fc.array(column(rows), { maxLength: 4 }),
    score: fc.option(column(rows)),
    logged: fc.constant({ ...noLogged(), at: rows > 0 ? [rows - 1] : [], id: rows > 0 ? ['ü#1'] : [] }),
  }),
);

const sent = (blocks: readonly TapBlock[], shift = 0) => {
  const encoded = blocks.map(encodeBlock);
  const parts = encoded.flatMap((each) => each.parts);
  // As a frame's body: somewhere in a larger buffer, at any address.
  const whole = Buffer.concat([Buffer.alloc(shift), ...parts]);
  const headers = JSON.parse(JSON.stringify(encoded.map(({ header }) => header)));
  return { headers, body: whole.subarray(shift) };
};

describe('tap blocks', () => {
  it('arrive as they were sent, wherever the frame lies', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), fc.nat(9), (blocks, shift) => {
        const { headers, body } = sent(blocks, shift);
        expect(decodeBlocks(headers, body)).toEqual(blocks);
      }),
    );
  });

  it('are refused when the body is cut short', () => {
    fc.assert(
      fc.property(block, fc.nat(), (one, cut) => {
        const { headers, body } = sent([one]);
        fc.pre(body.length > 0);
        // The last bytes may be padding only.
        const short = body.subarray(0, Math.min(cut % body.length, body.length - 8));
        expect(() => decodeBlocks(headers, short)).toThrow();
      }),
    );
  });

  it('give back the predictions that they were made of', () => {
    const rows = [
      {
        ...{
          id: 'a',
          endpoint: 'e',
          arm: 'x',
          version: '2',
          unit: 'u',
          eventMs: 1,
          receivedMs: 2,
          latencyUs: 3,
        },
        ...{
          features: { n: 1, s: 'text' },
          label: '1',
          score: 0.5,
          revision: 9,
          apart: true,
          inputUnit: 'f00',
        },
      },
      {
        ...{
          id: 'b',
          endpoint: 'e',
          arm: 'x',
          version: '2',
          unit: null,
          eventMs: 4,
          receivedMs: 5,
          latencyUs: 6,
        },
        ...{ features: { n: 'now a text', s: null }, label: null, score: null, revision: 9, apart: false },
      },
    ];
    const blocks = blocksOfPredictions(rows);
    expect(blocks).toHaveLength(1);
    expect(blocks.flatMap((each) => loggedPredictions(each))).toEqual(rows);
  });
});
