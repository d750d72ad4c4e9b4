import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype } from '../../contract/common.ts';
import type { InferRequest, Scalar } from './request.ts';
import { decodeOutputs, encodeBatch, splitOutputs } from './tensor-frames.ts';

const WHOLE = fc.integer({ min: 0, max: 100 });
const VALUES: [Datatype, fc.Arbitrary<Scalar>][] = [
  ['FP32', fc.float({ noNaN: true })],
  ['FP64', fc.double({ noNaN: true })],
  ['INT64', fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))],
  ['UINT64', fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))],
  ['INT32', fc.integer()],
  ['UINT8', WHOLE],
  ['INT16', fc.integer({ min: -32_768, max: 32_767 })],
  ['BOOL', fc.boolean()],
  ['BYTES', fc.string({ unit: 'grapheme', maxLength: 12 })],
];
const same = (datatype: Datatype, value: Scalar): unknown => {
  if (datatype === 'INT64' || datatype === 'UINT64') return BigInt(value as number | bigint);
  return datatype === 'BOOL' ? Number(value) : value;
};

describe('batches as frames', () => {
  it('give every request its own rows back, for every datatype', () => {
    const request = fc
      .integer({ min: 1, max: 5 })
      .chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          ...VALUES.map(([, value]) => fc.array(value, { minLength: rows * 2, maxLength: rows * 2 })),
        ),
      );
    const property = fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), (list) => {
      const requests: InferRequest[] = list.map(([rows, ...columns]) => ({
        id: null,
        rows: rows as number,
        shapeKey: '',
        bytes: 0,
        outputs: null,
        inputs: VALUES.map(([datatype], at) => {
          const values = columns[at] as Scalar[];
          return {
            name: datatype,
            datatype,
            shape: [rows as number, 2],
            count: values.length,
            values,
            raw: null,
          };
        }),
      }));
      const { inputs, body } = encodeBatch(requests);
      const split = splitOutputs(decodeOutputs(inputs, body), requests);
      requests.forEach((one, at) => {
        one.inputs.forEach((input, index) => {
          const output = split?.[at]?.[index];
          expect(output?.shape).toEqual(input.shape);
          const got = Array.from((output?.values ?? []) as ArrayLike<unknown>).slice(
            output?.from,
            output?.to,
          );
          expect(got).toEqual(input.values?.map((value) => same(input.datatype, value)));
        });
      });
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('are not cut up when the rows do not match', () => {
    const header = { name: 'y', datatype: 'FP32' as const, shape: [3], byteLength: 12 };
    const outputs = decodeOutputs([header], Buffer.alloc(12));
    const one: InferRequest = { id: null, rows: 1, shapeKey: '', bytes: 0, outputs: null, inputs: [] };
    expect(splitOutputs(outputs, [one, one])).toBeNull();
    expect(splitOutputs(outputs, [one, one, one])).toHaveLength(3);
  });

  it('refuse bodies that are not what their headers say', () => {
    const bad = [
      { datatype: 'FP32' as const, shape: [4], byteLength: 12 },
      { datatype: 'BYTES' as const, shape: [2], byteLength: 12 },
      { datatype: 'FP32' as const, shape: [2 ** 40, 2 ** 40], byteLength: 12 },
    ];
    for (const part of bad)
      expect(() => decodeOutputs([{ name: 'y', ...part }], Buffer.alloc(12, 9))).toThrow();
  });
});
