/**
 * Batching as other servers do it, for comparison in the simulator: written from their documented behaviour,
 * for one queue, one device, one row a request. Not used by the server.
 */

/** What a policy sees whenever something may have changed and the device is free (or, if it evicts, busy). */
export type QueueView = {
  nowMs: number;
  /** Requests that wait, and when the first and the last of them came. */
  rows: number;
  oldestMs: number;
  newestMs: number;
  /** When the device became free. */
  freeMs: number;
  busy: boolean;
};

export type Decision = { take: number } | { evictOldest: true } | { lookAgainMs: number } | null;

export type RivalPolicy = {
  decide(view: QueueView): Decision;
  /** A batch began; how long its requests had waited. */
  began?(waitsMs: readonly number[]): void;
};

/** Every request alone. */
export const oneByOne = (): RivalPolicy => ({
  decide: ({ busy, rows }) => (busy || rows === 0 ? null : { take: 1 }),
});

/** Everything that waits, at once: a dynamic batcher without a delay. */
export const greedy = (maxRows: number): RivalPolicy => tritonDelay(maxRows, 0);

/** A dynamic batcher that holds a batch that is not full until its oldest request has waited `delayMs`. */
export const tritonDelay = (maxRows: number, delayMs: number): RivalPolicy => ({
  decide({ busy, rows, oldestMs, nowMs }) {
    if (busy || rows === 0) return null;
    if (rows >= maxRows || nowMs >= oldestMs + delayMs) return { take: maxRows };
    return { lookAgainMs: oldestMs + delayMs };
  },
});

/** A window of fixed length that opens when the device is free and a request is there. */
export const fixedWindow = (maxRows: number, windowMs: number): RivalPolicy => ({
  decide({ busy, rows, oldestMs, nowMs, freeMs }) {
    if (busy || rows === 0) return null;
    const endMs = Math.max(oldestMs, freeMs) + windowMs;
    if (rows >= maxRows || nowMs >= endMs) return { take: maxRows };
    return { lookAgainMs: endMs };
  },
});

/** Drops what has waited too long when the device frees, else greedy: a static queue timeout, told exactly. */
export const queueTimeout = (maxRows: number, timeoutMs: number): RivalPolicy => ({
  decide({ busy, rows, oldestMs, nowMs }) {
    if (busy || rows === 0) return null;
    return nowMs - oldestMs > timeoutMs ? { evictOldest: true } : { take: maxRows };
  },
});

/**
 * The adaptive dispatcher of BentoML, with its latency line given: looks every millisecond, cancels the oldest
 * while the whole queue in one batch would be late, holds while the newest costs less than an average wait.
 */
export function bentoml(
  maxRows: number,
  line: { baseMs: number; rowMs: number },
  limitMs: number,
): RivalPolicy {
  const waits: number[] = [];
  let waitMs = 10;
  return {
    decide({ busy, rows, oldestMs, newestMs, nowMs }) {
      if (rows === 0) return null;
      const evict = { evictOldest: true as const };
      const sleep = { lookAgainMs: nowMs + 1 };
      if (rows > 1 && nowMs - oldestMs + line.rowMs * rows + line.baseMs >= limitMs) return evict;
      if (busy) return rows === 1 && nowMs - oldestMs >= limitMs ? evict : sleep;
      if (rows < maxRows && rows * (nowMs - newestMs + 1 + line.rowMs) <= 0.95 * waitMs) return sleep;
      return { take: maxRows };
    },
    began(waitsMs) {
      for (const wait of waitsMs) {
        waits.push(wait);
        if (waits.length > 50) waits.shift();
      }
      waitMs = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    },
  };
}
