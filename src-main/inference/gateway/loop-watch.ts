/**
 * How late the event loop is, second by second. It costs a hundred wake-ups a second, so it watches only while
 * there is traffic.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late, in milliseconds, at these percentiles of a second. */
export type LoopDelay = { p50Ms: number; p99Ms: number };
export const ON_TIME: LoopDelay = { p50Ms: 0, p99Ms: 0 };

export type LoopWatch = {
  /** The second that ends now, milliseconds; zeros where it was not watched. Then goes on, or rests. */
  take(on: boolean): LoopDelay;
  close(): void;
};

const RESOLUTION_MS = 10;

export function createLoopWatch(): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let watching = false;
  // What is recorded is the time between two wake-ups: the resolution, and what they were late.
  const late = (percentile: number) => Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  return {
    take(on) {
      const seen = watching && delay.count > 0;
      const second = seen ? { p50Ms: late(50), p99Ms: late(99) } : ON_TIME;
      delay.reset();
      if (on !== watching) delay[on ? 'enable' : 'disable']();
      watching = on;
      return second;
    },
    close: () => void delay.disable(),
  };
}
