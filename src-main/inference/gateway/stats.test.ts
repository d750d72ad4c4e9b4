import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { countBatch, countFailed, countFailure, createStats } from './stats.ts';

const failing = (...errors: LatheError[]) => {
  const stats = createStats();
  for (const error of errors) countFailure(stats.arm('e', 'a', '1'), error);
  const [second] = stats.take();
  if (!second) throw new Error('nothing was counted');
  return second;
};
const overloaded = (late: boolean) =>
  new LatheError('LATHE_SERVING_OVERLOADED', { name: 'e', queued: 9, reason: 'r', retryAfterMs: 1, late });

describe('failures of a second', () => {
  it('are told apart: refused and why, failed, and requests that do not fit', () => {
    const second = failing(
      overloaded(true),
      overloaded(false),
      overloaded(false),
      new LatheError('LATHE_SERVING_QUEUE_TIMEOUT', { name: 'e', version: '1', ms: 1 }),
      new LatheError('LATHE_SERVING_MODEL_STOPPED', { name: 'e', version: '1', reason: 'r' }),
      new LatheError('LATHE_SERVING_RUN_FAILED', { name: 'e', version: '1', reason: 'r' }),
      new LatheError('LATHE_SERVING_INPUT_MISSING', { name: 'e', input: 'x' }),
      new LatheError('LATHE_CANCELLED', { kind: 'request' }),
    );
    expect(second.refused).toEqual({ queueFull: 2, late: 1, expired: 1, unavailable: 1 });
    // One of them was tried and failed; a client that hung up is nobody's fault.
    expect(second).toMatchObject({ errors: 6, invalid: 1, requests: 0 });
  });

  it('are summed up per version, each with its reason', () => {
    const totals = createStats().totals('m@1');
    countFailed(totals, overloaded(true), 2);
    countFailed(totals, overloaded(false), 1);
    countFailed(totals, new LatheError('LATHE_SERVING_QUEUE_TIMEOUT', { name: 'e', version: '1', ms: 1 }));
    countFailed(totals, new LatheError('LATHE_SERVING_RUN_FAILED', { name: 'e', version: '1', reason: 'r' }));
    countFailed(totals, new LatheError('LATHE_CANCELLED', { kind: 'request' }));
    expect(totals).toMatchObject({ failure: 5, failureUs: 3_000 });
    expect(totals.refused).toEqual({ queueFull: 1, late: 1, expired: 1, unavailable: 0 });
    expect(totals.failures).toEqual({ REJECTED: 3, CANCELED: 1, BACKEND: 1, OTHER: 0 });
  });

  it('begin at zero with the next', () => {
    const stats = createStats();
    const arm = stats.arm('e', 'a', '1');
    countFailure(arm, overloaded(true));
    countBatch(arm, 3);
    stats.take();
    const [next] = stats.take();
    expect(next).toMatchObject({ errors: 0, batches: 0, batchSizes: [], refused: { late: 0 } });
  });
});

it('a batch is in the bin of the next power of two', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1 }), (sizes) => {
      const stats = createStats();
      const arm = stats.arm('e', 'a', '1');
      for (const rows of sizes) countBatch(arm, rows);
      const [{ batchSizes, batchRows } = { batchSizes: [], batchRows: 0 }] = stats.take();
      expect(batchRows).toBe(sizes.reduce((sum, rows) => sum + rows, 0));
      batchSizes.forEach((count, bin) => {
        const inBin = sizes.filter((rows) => rows <= 2 ** bin && (bin === 0 || rows > 2 ** (bin - 1)));
        expect(count).toBe(inBin.length);
      });
      expect(batchSizes.reduce((sum, count) => sum + count, 0)).toBe(sizes.length);
    }),
  );
});
