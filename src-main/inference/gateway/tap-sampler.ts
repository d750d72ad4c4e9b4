/**
 * Which answers are logged when there are more than the workspace is meant to take: a fair sample. Every answer has
 * the same chance, whatever it says and whoever asked, so that shares and means of what is logged stay true.
 */
import type { Clock } from '../../platform/clock.ts';

export type Sampler = {
  /** Whether the rows of an answer are to be logged: all of them or none. */
  take(rows: number): boolean;
};

/** Up to here everything is logged, and bursts of this many seconds' worth. The engine commits several times as much. */
export const LOGGED_ROWS_PER_SECOND = 5_000;
const BURST_SECONDS = 4;
const WINDOW_MS = 100;

/** `random` gives numbers from 0 up to 1. */
export function createSampler(
  clock: Clock,
  rowsPerSecond = LOGGED_ROWS_PER_SECOND,
  random: () => number = Math.random,
): Sampler {
  const budget = (rowsPerSecond * WINDOW_MS) / 1000;
  const most = rowsPerSecond * BURST_SECONDS;
  let lastMs = clock.monotonic();
  let windowEndMs = lastMs + WINDOW_MS;
  /** Rows of this window, and what is expected of it by those before. */
  let seen = 0;
  let expected = 0;
  /** Rows that a burst may still have. */
  let credit = most;
  let sampling = false;

  return {
    take(rows) {
      const nowMs = clock.monotonic();
      credit = Math.min(most, credit + ((nowMs - lastMs) * rowsPerSecond) / 1000);
      lastMs = nowMs;
      if (nowMs >= windowEndMs) {
        // A pause of several windows leaves nothing to expect.
        expected = nowMs >= windowEndMs + WINDOW_MS ? 0 : Math.max(seen, expected / 2);
        seen = 0;
        windowEndMs = nowMs + WINDOW_MS;
      }
      seen += rows;
      const rate = Math.max(seen, expected);
      if (sampling && rate <= budget) sampling = false;
      if (sampling) return random() * rate < budget;
      credit -= rows;
      sampling = credit <= 0;
      return true;
    },
  };
}
