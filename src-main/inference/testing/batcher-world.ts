import { LatheError } from '../../contract/errors.ts';
import type { QueueSettings } from '../gateway/batch-policy.ts';
import type { Batch, Outcome } from '../gateway/batcher-types.ts';
import { simBatcher, simLimits, simSettings } from './simulator.ts';
import { createVirtualClock } from './virtual-clock.ts';

export type Payload = { id: number; rows: number; shape: string; poison: boolean };

/** A batcher in a world where time, timers and the device are moved by hand. */
export function batcherWorld(
  part: {
    maxQueueDelayUs?: number;
    pipeline?: 1 | 2;
    lagMs?: number;
    settings?: Partial<QueueSettings>;
  } = {},
) {
  const time = createVirtualClock();
  /** What the device was sent and has not answered, in order. */
  let sent: Batch<Payload>[] = [];
  const batches: Batch<Payload>[] = [];
  const stuck: string[] = [];
  const settled = new Map<number, Outcome<number>[]>();
  const settledAt = new Map<number, number>();
  let nextId = 0;
  const batcher = simBatcher<Payload, number>(
    time,
    (batch) => {
      sent.push(batch);
      batches.push(batch);
    },
    (key) => stuck.push(key),
    part.lagMs,
  );
  const { maxQueueDelayUs = 0, pipeline = 1 } = part;
  batcher.configure(simLimits({ maxQueueDelayUs, pipeline, requestTimeoutMs: 1_000 }));
  const settings = (more: Partial<QueueSettings> = {}) =>
    simSettings({ maxBatchRows: 8, sloMs: null, ...part.settings, ...more });
  const pass = (ms: number) => {
    const untilMs = time.nowMs() + ms;
    while (time.step(untilMs));
  };
  const turn = () => pass(0);
  return {
    batcher,
    batches,
    stuck,
    settled,
    settledAt,
    turn,
    pass,
    sent: () => sent,
    running: () => sent[0] ?? null,
    open: (key: string, more: Partial<QueueSettings> = {}) => batcher.open(key, settings(more)),
    submit(key: string, more: Partial<Payload> = {}, timeoutMs = 0, priority = 0) {
      const payload = { id: nextId++, rows: 1, shape: 's', poison: false, ...more };
      settled.set(payload.id, []);
      const cancel = batcher.submit({
        key,
        shapeKey: payload.shape,
        rows: payload.rows,
        bytes: 1,
        payload,
        timeoutMs,
        priority,
        settle(outcome) {
          settled.get(payload.id)?.push(outcome);
          settledAt.set(payload.id, time.nowMs());
        },
      });
      return { id: payload.id, cancel };
    },
    /** Runs these aside, each a row; says whether they were let in. */
    aside(key: string, poisoned: readonly boolean[]): { ids: number[]; begun: boolean } {
      const payloads = poisoned.map((poison) => ({ id: nextId++, rows: 1, shape: 's', poison }));
      const begun = batcher.runAside(
        payloads.map((payload) => {
          settled.set(payload.id, []);
          const settle = (outcome: Outcome<number>) => void settled.get(payload.id)?.push(outcome);
          return { key, shapeKey: 's', rows: 1, bytes: 1, payload, settle };
        }),
      );
      return { ids: payloads.map(({ id }) => id), begun };
    },
    /** The device answers: with each request's own number, or with a failure when one of them is poisoned. */
    answer() {
      const batch = sent.shift();
      if (!batch) return;
      if (batch.payloads.some((payload) => payload.poison)) {
        batcher.fail(batch.id, new LatheError('LATHE_SERVING_RUN_FAILED'));
      } else
        batcher.finish(
          batch.id,
          batch.payloads.map((payload) => payload.id),
        );
      turn();
    },
    lose() {
      sent = [];
      batcher.deviceLost();
      turn();
    },
    code(id: number): string | undefined {
      const outcome = settled.get(id)?.[0];
      return outcome === undefined ? undefined : outcome.ok ? 'ok' : outcome.error.code;
    },
  };
}
