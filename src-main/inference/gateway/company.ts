/**
 * Whether those who were just answered are about to ask again. Clients that wait for each answer before they send the
 * next request come back together, a moment after a batch. Sent off at once, what waits at that moment and what is about
 * to come settle into two groups that take turns, and pay the fixed cost of a batch twice. Where they are seen to come
 * back within less than that cost, the next batch waits for them. Requests that come by themselves never look like that:
 * in the time of a fixed cost, fewer arrive than a batch answers. Milliseconds, monotonic.
 */
export type Company = {
  /** So many requests were answered. `baseMs` is what a batch costs besides its rows, `targetMs` an answer may take. */
  answered(requests: number, nowMs: number, baseMs: number, targetMs: number): void;
  arrived(nowMs: number): void;
  /** Until when a batch that is not full waits; in the past or 0: it does not. */
  waitsUntil(): number;
};

/** As long as one comes within so much of the other, they are still on their way. */
const STREAM_MS = 1;
/** Below it timers are too coarse, and there is little to win. */
const LEAST_BASE_MS = 2;
/** Of the target, how much may be waited away. */
const TARGET_SHARE = 0.2;
/** A few may come back by chance. */
const LEAST_REQUESTS = 4;
/** So many of those answered have to come back, as seen over the last batches, for the next to wait. */
const TRUSTED = 0.8;
const SMOOTHING = 0.25;

export function createCompany(): Company {
  /** Since the last batch. */
  let window: {
    fromMs: number;
    untilMs: number;
    requests: number;
    back: number;
    lastMs: number;
    tookMs: number;
  } | null = null;
  /** Share that came back in time, and how long it took until all had; smoothed. */
  let share = 0;
  let tookMs = 0;

  const close = () => {
    if (!window) return;
    share += SMOOTHING * (Math.min(1, window.back / window.requests) - share);
    if (window.tookMs > 0) tookMs += SMOOTHING * (window.tookMs - tookMs);
    window = null;
  };

  return {
    answered(requests, nowMs, baseMs, targetMs) {
      close();
      if (requests < LEAST_REQUESTS || baseMs < LEAST_BASE_MS) return;
      // After the whole of the fixed cost nothing would be won.
      const untilMs = nowMs + Math.min(baseMs, TARGET_SHARE * targetMs);
      window = { fromMs: nowMs, untilMs, requests, back: 0, lastMs: nowMs, tookMs: 0 };
    },
    arrived(nowMs) {
      if (!window || nowMs > window.untilMs) return;
      window.back += 1;
      window.lastMs = nowMs;
      if (window.tookMs === 0 && window.back >= window.requests) window.tookMs = nowMs - window.fromMs;
    },
    waitsUntil() {
      if (!window || share < TRUSTED || window.back >= window.requests) return 0;
      const usualMs = window.fromMs + 1.5 * tookMs + 1;
      return Math.min(window.untilMs, Math.max(usualMs, window.lastMs + STREAM_MS));
    },
  };
}
