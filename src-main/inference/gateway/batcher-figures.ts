/** What the batcher tells of its queues. */
import type { Capacity } from './batch-policy.ts';
import { type Waiting, waitingIn } from './batch-queue.ts';
import type { Batcher, Submission } from './batcher-types.ts';
import type { ModelQueue } from './model-queue.ts';

type Figures = Pick<
  Batcher<never, never>,
  'largestBatch' | 'queuedRows' | 'queuedRequests' | 'queuedBytes' | 'estimate'
>;

export function batcherFigures<Item extends Waiting & Pick<Submission<never, never>, 'part'>>(
  queues: ReadonlyMap<string, ModelQueue<Item>>,
  capacityOf: (queue: ModelQueue<Item>) => Capacity,
): Figures {
  return {
    largestBatch(key) {
      const queue = queues.get(key);
      return queue?.settings.batchable ? capacityOf(queue).cap : Number.POSITIVE_INFINITY;
    },
    queuedRows() {
      const rows: Record<string, number> = {};
      for (const { key, waiting } of queues.values()) if (waiting.rows > 0) rows[key] = waiting.rows;
      return rows;
    },
    queuedRequests() {
      const requests: Record<string, number> = {};
      for (const { key, waiting } of queues.values())
        for (const { part } of waitingIn(waiting))
          if (!part || part.first) requests[key] = (requests[key] ?? 0) + 1;
      return requests;
    },
    queuedBytes: (key) => queues.get(key)?.waiting.bytes ?? 0,
    estimate(key) {
      const queue = queues.get(key);
      const line = queue?.latency.line();
      if (!queue || !line) return null;
      const { cap } = capacityOf(queue);
      const batchMs = queue.latency.expect(cap);
      return { ...line, cap, rowsPerSecond: batchMs > 0 ? (1000 * cap) / batchMs : 0 };
    },
  };
}
