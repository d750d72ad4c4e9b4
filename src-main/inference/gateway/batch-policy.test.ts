import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simSettings } from '../testing/simulator.ts';
import { capacityOf, isRefused, rowsToTake, runMs, sizeFor, warmUpSizes } from './batch-policy.ts';
import { createDeadlines } from './deadlines.ts';
import { createLatencyModel } from './latency-model.ts';

function measured(baseMs: number, rowMs: number, largest = 1_024) {
  const model = createLatencyModel();
  for (let rows = 1; rows <= largest; rows *= 2)
    for (let n = 0; n < 4; n++) model.add(rows, baseMs + rowMs * rows);
  return model;
}

describe('how large a batch may be', () => {
  it('half of the target, so that a request can wait for one batch and run in the next', () => {
    const { cap, fullMs } = capacityOf(
      measured(4, 0.5),
      simSettings({ maxBatchRows: 512, sloMs: 50 }),
      10_000,
    );
    expect(cap).toBe(42);
    expect(fullMs).toBeCloseTo(25, 6);
  });
  it('not smaller than twice the fixed cost allows: that would only waste the device', () => {
    const { cap } = capacityOf(measured(4, 0.5), simSettings({ maxBatchRows: 512, sloMs: 8 }), 10_000);
    expect(cap).toBe(6);
  });
  it('as configured, when that is less; one for a model that cannot share', () => {
    const model = measured(4, 0.5);
    expect(capacityOf(model, simSettings({ maxBatchRows: 16 }), 10_000).cap).toBe(16);
    expect(capacityOf(model, simSettings({ batchable: false }), 10_000).cap).toBe(1);
  });
  it('at most twice what was ever run, so that a slow model is not tried out with its largest', () => {
    const settings = simSettings({ maxBatchRows: 512, sloMs: null });
    expect(capacityOf(createLatencyModel(), settings, 10_000).cap).toBe(8);
    expect(capacityOf(measured(300, 1, 32), settings, 10_000).cap).toBe(64);
    expect(capacityOf(measured(4, 0.5, 32), settings, 10_000).cap).toBe(512);
    expect(capacityOf(measured(100, 400, 1), settings, 10_000).cap).toBeLessThanOrEqual(2);
  });
  it('and without a target the door is a second, or eight full batches, or the timeout', () => {
    const door = (rowMs: number, timeoutMs: number) =>
      capacityOf(measured(1, rowMs, 32), simSettings({ sloMs: null }), timeoutMs).doorMs;
    expect(door(0.1, 10_000)).toBe(1_000);
    expect(door(14, 10_000)).toBeCloseTo(8 * 449, 3);
    expect(door(14, 2_000)).toBe(2_000);
  });
});

describe('how long a queue takes', () => {
  it('full batches and a rest', () => {
    const model = measured(4, 0.5);
    const capacity = capacityOf(model, simSettings({ maxBatchRows: 32 }), 10_000);
    expect(runMs(model, capacity, 0)).toBe(0);
    expect(runMs(model, capacity, 32)).toBeCloseTo(20, 6);
    expect(runMs(model, capacity, 33)).toBeCloseTo(24.5, 6);
    expect(isRefused(45, 50)).toBe(false);
    expect(isRefused(45.1, 50)).toBe(true);
  });
});

describe('padded sizes', () => {
  it('are powers of two and the cap', () => {
    expect([1, 2, 3, 5, 33, 40, 48, 60].map((rows) => sizeFor(rows, 48))).toEqual([
      1, 2, 4, 8, 48, 48, 48, 60,
    ]);
  });
  it('take fewer when the next larger size costs more a row than the next smaller one', () => {
    expect(rowsToTake(measured(20, 0.1), 48, 64)).toBe(48);
    expect(rowsToTake(measured(0.1, 1), 33, 64)).toBe(32);
    expect(rowsToTake(measured(0.1, 1), 500, 64)).toBe(64);
  });
  it('are all warmed up', () => {
    expect(warmUpSizes(48, true)).toEqual([1, 2, 4, 8, 16, 32, 48]);
    expect(warmUpSizes(64, true)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(warmUpSizes(64, false)).toEqual([1]);
    for (const cap of [1, 7, 64])
      for (let rows = 1; rows <= cap; rows++) expect(warmUpSizes(cap, true)).toContain(sizeFor(rows, cap));
  });
});

describe('deadlines', () => {
  it('come in order, whoever leaves in between', () => {
    const property = fc.property(
      fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 200 }),
      (steps) => {
        const deadlines = createDeadlines<{ dueMs: number; heapAt: number }>();
        const items = steps.map(([dueMs]) => ({ dueMs, heapAt: -1 }));
        for (const item of items) deadlines.add(item);
        items.forEach((item, at) => {
          if (steps[at]?.[1]) deadlines.remove(item);
        });
        const left: number[] = [];
        for (let next = deadlines.next(); next; next = deadlines.next()) {
          left.push(next.dueMs);
          deadlines.remove(next);
          deadlines.remove(next);
        }
        const kept = steps.filter(([, gone]) => !gone).map(([dueMs]) => dueMs);
        expect(left).toEqual(kept.sort((left, right) => left - right));
      },
    );
    fc.assert(property);
  });
});
