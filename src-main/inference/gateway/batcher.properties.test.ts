/** What holds whatever happens: cancels, timeouts, poison, crashes, unloads, pauses, in any order. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { batcherWorld } from '../testing/batcher-world.ts';

const KEYS = ['a', 'b', 'c'] as const;
const key = fc.constantFrom(...KEYS);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      key,
      shape: fc.constantFrom('s', 't'),
      rows: fc.integer({ min: 1, max: 12 }),
      poison: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
      timeoutMs: fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 60, noNaN: true })),
      priority: fc.integer({ min: 0, max: 3 }),
    }),
  },
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat(50) }),
  { weight: 4, arbitrary: fc.constant({ do: 'answer' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'turn' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20 }) }),
  },
  fc.record({ do: fc.constant('lose' as const), graceMs: fc.integer({ min: 0, max: 30 }) }),
  fc.constant({ do: 'back' as const }),
  fc.record({ do: fc.constant('unbatchable' as const), key }),
  fc.record({ do: fc.constant('drop' as const), key }),
  fc.record({ do: fc.constant('drain' as const), key }),
  fc.constant({ do: 'occupy' as const }),
  fc.constant({ do: 'taskDone' as const }),
);
const settings = fc.record({
  sloMs: fc.constantFrom(null, 30, 200),
  maxQueueRows: fc.constantFrom(40, 1_000),
  padded: fc.boolean(),
});

it('every request settles exactly once, with its own result, in order within its class', () => {
  const property = fc.property(
    fc.array(step, { maxLength: 120 }),
    fc.record({
      maxQueueDelayUs: fc.constantFrom(0, 3_000),
      pipeline: fc.constantFrom(1 as const, 2 as const),
    }),
    settings,
    (steps, limits, part) => {
      const w = batcherWorld({ ...limits, settings: part });
      const cancels: { id: number; cancel(): void; lane: string }[] = [];
      const cancelled = new Set<number>();
      let drains = 0;
      let drained = 0;
      let nowMs = 0;
      /** On the device now; 0 or 1. */
      let tasks = 0;
      const start = () => {
        tasks += 1;
      };
      const taskDone = () => {
        if (tasks === 0) return;
        tasks -= 1;
        w.batcher.taskDone();
        w.turn();
      };
      const openAll = () => {
        for (const each of KEYS) w.open(each);
        w.turn();
      };
      openAll();
      for (const action of steps) {
        if (action.do === 'submit') {
          const { key: model, shape, priority, timeoutMs } = action;
          const lane = `${model} ${shape} ${priority === 0 ? 2 : priority}`;
          cancels.push({ ...w.submit(model, action, timeoutMs, priority), lane });
        } else if (action.do === 'cancel') {
          const target = cancels[action.which];
          if (target && w.settled.get(target.id)?.length === 0) {
            cancelled.add(target.id);
            target.cancel();
          }
        } else if (action.do === 'answer') w.answer();
        else if (action.do === 'turn') w.turn();
        else if (action.do === 'pass') {
          w.pass(action.ms);
          nowMs += action.ms;
        } else if (action.do === 'lose') {
          for (const each of KEYS) w.batcher.hold(each, nowMs + action.graceMs);
          w.lose();
          tasks = 0;
        } else if (action.do === 'back') openAll();
        else if (action.do === 'unbatchable') w.open(action.key, { batchable: false });
        else if (action.do === 'drop')
          w.batcher.drop(action.key, new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE'));
        else if (action.do === 'drain') {
          drains += 1;
          w.batcher.drain(action.key, () => {
            drained += 1;
          });
        } else if (action.do === 'occupy')
          w.batcher.occupy({ key: 'a', expectedMs: 1, limitMs: 1_000, start });
        else taskDone();
      }
      openAll();
      w.turn();
      const finishAll = () => {
        for (let n = 0; n < 500 && (w.running() || tasks > 0); n++) {
          taskDone();
          w.answer();
        }
      };
      finishAll();
      w.pass(2_000);
      finishAll();

      for (const { id } of cancels) {
        const outcomes = w.settled.get(id) ?? [];
        expect(outcomes).toHaveLength(1);
        expect(w.code(id) === 'LATHE_CANCELLED').toBe(cancelled.has(id));
        const [outcome] = outcomes;
        if (outcome?.ok) expect(outcome.result).toBe(id);
      }
      expect(w.batcher.queuedRows()).toEqual({});
      expect(w.batcher.isRunning()).toBe(false);
      expect(tasks).toBe(0);
      expect(drained).toBeLessThanOrEqual(drains);
      // Rows in are rows out: a batch is its requests, and each was in as many batches as failures made it.
      const firstRun = new Map<string, number>();
      const seen = new Set<number>();
      for (const batch of w.batches) {
        expect(batch.rows).toBe(batch.payloads.reduce((sum, payload) => sum + payload.rows, 0));
        expect(batch.rows <= 8 || batch.payloads.length === 1).toBe(true);
        expect(batch.paddedRows).toBeGreaterThanOrEqual(batch.rows);
        expect(new Set(batch.payloads.map((payload) => payload.shape)).size).toBe(1);
        for (const payload of batch.payloads) {
          if (seen.has(payload.id)) continue;
          seen.add(payload.id);
          const lane = cancels[payload.id]?.lane ?? '';
          expect(payload.id).toBeGreaterThan(firstRun.get(lane) ?? -1);
          firstRun.set(lane, payload.id);
        }
      }
      // Whoever was answered had been in a batch.
      for (const [id, [outcome]] of w.settled) if (outcome?.ok) expect(seen.has(id)).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 1_000 });
});
