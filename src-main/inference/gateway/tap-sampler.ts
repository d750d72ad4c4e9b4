/**
 * Which answers are counted, and which of these logged, when there are more than the workspace is meant to take: a fair
 * sample. Every answer has the same chance, whatever it says and whoever asked, so that shares and means stay true.
 */
import type { Clock } from '../../platform/clock.ts';

export type Sampler = {
  /** Whether an answer of this size is in: all of it or nothing. */
  take(size: number): boolean;
};
/** What the engine counts with a quarter of a second of its thread, at 50 ns a value: 160,000 rows of 30 features. */
export const COUNTED_VALUES_PER_SECOND = 5_000_000;
/** Up to its limit everything is in, and bursts of as much as this. */
const BURST_SECONDS = 1;
const WINDOW_MS = 100;

/** `random` gives numbers from 0 up to 1. */
export function createSampler(
  clock: Clock,
  first: number,
  random: () => number = Math.random,
): Sampler & { /** Another limit from now on. */ limit(perSecond: number): void } {
  let perSecond = first;
  let budget = (perSecond * WINDOW_MS) / 1000;
  let most = perSecond * BURST_SECONDS;
  let lastMs = clock.monotonic();
  let windowEndMs = lastMs + WINDOW_MS;
  /** What this window had, and what is expected of it by those before. */
  let seen = 0;
  let expected = 0;
  /** What a burst may still have. */
  let credit = most;
  let sampling = false;

  return {
    take(size) {
      const nowMs = clock.monotonic();
      credit = Math.min(most, credit + ((nowMs - lastMs) * perSecond) / 1000);
      lastMs = nowMs;
      if (nowMs >= windowEndMs) {
        // A pause of several windows leaves nothing to expect.
        expected = nowMs >= windowEndMs + WINDOW_MS ? 0 : Math.max(seen, expected / 2);
        seen = 0;
        windowEndMs = nowMs + WINDOW_MS;
      }
      seen += size;
      const rate = Math.max(seen, expected);
      if (sampling && rate <= budget) sampling = false;
      if (sampling) return random() * rate < budget;
      credit -= size;
      sampling = credit <= 0;
      return true;
    },
    limit(next) {
      perSecond = next;
      budget = (perSecond * WINDOW_MS) / 1000;
      most = perSecond * BURST_SECONDS;
    },
  };
}
