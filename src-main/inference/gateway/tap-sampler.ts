/**
 * Which answers are logged when there are more than the workspace is meant to take: a fair sample. Every answer has
 * the same chance, whatever it says and whoever asked, so that shares and means of what is logged stay true.
 */
import type { Clock } from '../../platform/clock.ts';

export type Sampler = {
  /** Whether the rows of an answer are to be logged: all of them or none. */
  take(rows: number): boolean;
};

/** Up to here everything is logged. The engine commits several times as much, and has other work. */
export const LOGGED_ROWS_PER_SECOND = 5_000;
const WINDOW_MS = 100;

/** `random` gives numbers from 0 up to 1. */
export function createSampler(
  clock: Clock,
  rowsPerSecond = LOGGED_ROWS_PER_SECOND,
  random: () => number = Math.random,
): Sampler {
  const budget = (rowsPerSecond * WINDOW_MS) / 1000;
  let windowEndMs = clock.monotonic() + WINDOW_MS;
  /** Rows of this window, and what is expected of it by those before. */
  let seen = 0;
  let expected = 0;

  return {
    take(rows) {
      const nowMs = clock.monotonic();
      if (nowMs >= windowEndMs) {
        // A pause of several windows leaves nothing to expect.
        expected = nowMs >= windowEndMs + WINDOW_MS ? 0 : Math.max(seen, expected / 2);
        seen = 0;
        windowEndMs = nowMs + WINDOW_MS;
      }
      seen += rows;
      const most = Math.max(seen, expected);
      return most <= budget || random() * most < budget;
    },
  };
}
