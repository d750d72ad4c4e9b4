/** The one source of time. Injected, so that tests move it by hand. */
export type Clock = {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Monotonic milliseconds with fractions, for durations. */
  monotonic(): number;
};

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
