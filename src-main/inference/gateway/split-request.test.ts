import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { encodeStrings } from '../tensors.ts';
import type { Outcome } from './batcher-types.ts';
import type { JobResult } from './job.ts';
import type { InferRequest, InputTensor, OutputTensor } from './request.ts';
import { joinOutputs, splitRequest } from './split-request.ts';
import { createStats } from './stats.ts';
import { submitParts } from './submit-parts.ts';
import { encodeBatch } from './tensor-frames.ts';

const words = (n: number) => Array.from({ length: n }, (_, at) => `${'ü'.repeat(at % 5)}${at}`);

function requestOf(rows: number, width: number): InferRequest {
  const count = rows * width;
  const numbers = Array.from({ length: count }, (_, at) => at);
  const shape = [rows, width];
  const inputs: InputTensor[] = [
    { name: 'json', datatype: 'INT32', shape, count, values: numbers, raw: null },
    {
      name: 'raw',
      datatype: 'FP32',
      shape,
      count,
      values: null,
      raw: Buffer.from(Float32Array.from(numbers).buffer),
    },
    { name: 'text', datatype: 'BYTES', shape, count, values: words(count), raw: null },
    { name: 'rawText', datatype: 'BYTES', shape, count, values: null, raw: encodeStrings(words(count)) },
  ];
  return { id: 'r', inputs, rows, shapeKey: 'k', bytes: 1, outputs: null };
}

describe('a request with more rows than a batch', () => {
  it('is cut into parts that hold the same bytes in the same order', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 12 }),
      (rows, width, most) => {
        const request = requestOf(rows, width);
        const parts = splitRequest(request, most);
        expect(parts).toHaveLength(Math.ceil(rows / most));
        for (const part of parts) expect(part.rows).toBeLessThanOrEqual(most);
        const whole = encodeBatch([request]);
        const joined = encodeBatch(parts);
        expect(joined.inputs).toEqual(whole.inputs);
        expect(joined.body.equals(whole.body)).toBe(true);
      },
    );
    fc.assert(property);
  });

  it('is not touched when it fits', () => {
    const request = requestOf(4, 2);
    expect(splitRequest(request, 4)).toEqual([request]);
    expect(splitRequest(request, Number.POSITIVE_INFINITY)[0]).toBe(request);
  });

  it('gets its outputs joined, unless the model does not answer row by row', () => {
    const parts = splitRequest(requestOf(5, 1), 2);
    const number = (rows: number, from: number): OutputTensor => ({
      name: 'y',
      datatype: 'FP32',
      shape: [rows, 2],
      values: Float32Array.from({ length: 20 }, (_, at) => at),
      from,
      to: from + 2 * rows,
    });
    const text = (rows: number, from: number): OutputTensor => ({
      ...number(rows, from),
      datatype: 'BYTES',
      shape: [rows],
      values: words(20),
      to: from + rows,
    });
    const outputs = [
      [number(2, 0), text(2, 3)],
      [number(2, 8), text(2, 0)],
      [number(1, 4), text(1, 9)],
    ];
    const joined = joinOutputs(parts, outputs);
    expect(joined?.map(({ shape, from, to }) => [shape, from, to])).toEqual([
      [[5, 2], 0, 10],
      [[5], 0, 5],
    ]);
    expect([...(joined?.[0]?.values ?? [])]).toEqual([0, 1, 2, 3, 8, 9, 10, 11, 4, 5]);
    expect(joined?.[1]?.values).toEqual([3, 4, 0, 1, 9].map((at) => words(20)[at]));
    const odd = [
      ...outputs.slice(0, 2),
      [
        { ...number(1, 4), shape: [1] },
        { ...text(1, 9), shape: [] },
      ],
    ];
    expect(joinOutputs(parts, odd)).toBeNull();
  });
});

describe('the parts of a request', () => {
  function world() {
    const stats = createStats().arm('e', 'a', '1');
    const parts = splitRequest(requestOf(6, 1), 2).map((request) => ({
      key: 'm@1',
      shapeKey: 'k',
      rows: request.rows,
      bytes: 1,
      payload: { request, stats },
      settle() {},
    }));
    const open: { settle(outcome: Outcome<JobResult>, queuedMs: number): void; cancelled: boolean }[] = [];
    const outcomes: string[] = [];
    let again = 0;
    const cancel = submitParts(
      parts,
      (part) => {
        const entry = { settle: part.settle, cancelled: false };
        open.push(entry);
        return () => {
          entry.cancelled = true;
        };
      },
      (outcome) => outcomes.push(outcome.ok ? `${outcome.result.computeUs}` : outcome.error.code),
      () => {
        again += 1;
        return () => {};
      },
    );
    const result = (rows: number): Outcome<JobResult> => {
      const output = { name: 'y', datatype: 'FP32' as const, shape: [rows], from: 0, to: rows };
      const outputs = [{ ...output, values: new Float32Array(rows) }];
      return { ok: true, result: { outputs, computeUs: 5, inputUs: 1, outputUs: 1 } };
    };
    return { open, outcomes, cancel, result, again: () => again };
  }

  it('settle it once all are there, in whatever order', () => {
    const { open, outcomes, result } = world();
    for (const at of [2, 0, 1]) open[at]?.settle(result(2), 1);
    expect(outcomes).toEqual(['15']);
  });

  it('settle it with the first that fails, and the others leave', () => {
    const { open, outcomes, result } = world();
    open[0]?.settle(result(2), 1);
    open[1]?.settle({ ok: false, error: new LatheError('LATHE_SERVING_RUN_FAILED') }, 1);
    open[2]?.settle(result(2), 1);
    expect(outcomes).toEqual(['LATHE_SERVING_RUN_FAILED']);
    expect(open.map(({ cancelled }) => cancelled)).toEqual([true, true, true]);
  });

  it('leave together when the client hangs up', () => {
    const { open, outcomes, cancel, result } = world();
    cancel();
    for (const { settle } of open) settle(result(2), 1);
    cancel();
    expect(outcomes).toEqual(['LATHE_CANCELLED']);
    expect(open.every(({ cancelled }) => cancelled)).toBe(true);
  });

  it('go back to one when the model does not answer row by row', () => {
    const { open, outcomes, result, again } = world();
    for (const { settle } of open) settle(result(1), 1);
    expect(again()).toBe(1);
    expect(outcomes).toEqual([]);
  });
});
