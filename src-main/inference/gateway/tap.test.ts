import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../platform/link.ts';
import { createTap, type TapChunk } from './tap.ts';

const row = (n: number): Prediction => ({
  id: String(n),
  endpoint: 'e',
  arm: 'a',
  version: '1',
  unit: null,
  eventMs: 0,
  receivedMs: 0,
  latencyUs: 1,
  features: {},
  label: null,
  score: null,
});
const LIMITS = { maxRows: 40, chunkRows: 5, chunksInFlight: 3 };
const ids = (chunks: readonly TapChunk[]) => chunks.flatMap((chunk) => chunk.predictions.map(({ id }) => id));

describe('the tap', () => {
  it('sends a window at a time and moves on as it is acknowledged', () => {
    const tap = createTap(() => {}, LIMITS);
    for (let n = 0; n < 25; n++) tap.record(row(n));
    const first = tap.take();
    expect(first.map((chunk) => chunk.seq)).toEqual([1, 2, 3]);
    expect(tap.take()).toEqual([]);
    tap.acknowledge(2);
    expect(tap.take().map((chunk) => chunk.seq)).toEqual([4, 5]);
    tap.acknowledge(5);
    expect(tap.held()).toBe(0);
  });

  it('sends again, under the same numbers, what the peer before did not commit', () => {
    const tap = createTap(() => {}, LIMITS);
    for (let n = 0; n < 12; n++) tap.record(row(n));
    const before = tap.take();
    tap.acknowledge(1);
    tap.rewind();
    expect(tap.take()).toEqual(before.slice(1));
  });

  it('loses nothing without counting it: committed + dropped + held is what was recorded', () => {
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.constant('record' as const) },
      fc.constant('take' as const),
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
        if (what === 'record') tap.record(row(recorded++));
        else if (what === 'take') inbox.push(...tap.take());
        else if (what === 'ack') acknowledge();
        else {
          inbox = [];
          tap.rewind();
        }
        expect(tap.held()).toBeLessThanOrEqual(LIMITS.maxRows);
      }
      for (let n = 0; n < 20; n++) {
        inbox.push(...tap.take());
        acknowledge();
      }
      const chunks = [...committed.values()];
      expect(new Set(ids(chunks)).size).toBe(ids(chunks).length);
      const dropped = chunks.reduce((sum, chunk) => sum + chunk.dropped, 0);
      expect(tap.held()).toBe(0);
      // Rows dropped after they were received, but not yet committed, count once on either side.
      expect(ids(chunks).length + dropped).toBeGreaterThanOrEqual(recorded);
    });
    fc.assert(property, { numRuns: 300 });
  });
});
