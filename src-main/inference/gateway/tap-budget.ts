/**
 * How many rows a second are logged: monitoring yields to serving. Every row is counted all the same; a row in the log costs
 * the engine some ten times as much, and where all cores are busy that is time that answers wait for.
 */
import type { Clock } from '../../platform/clock.ts';
import { createSampler } from './tap-sampler.ts';

/** While the machine has time to spare. */
export const MOST_LOGGED_PER_SECOND = 5_000;
/** While it has none: a quarter of a percent of a core. Up to here rows are always logged. */
export const LEAST_LOGGED_PER_SECOND = 250;
/** Shares of the time of all cores that nobody wanted. Between the two nothing changes. */
const NO_TIME = 0.05;
const TIME_TO_SPARE = 0.15;
/** Down at once and up slowly, so that it settles below what the machine has time for. */
const DOWN = 1 / 2;
const UP = 500;

/**
 * The budget of the next second, when `offered` rows came in this one and `idle` of the machine's time was not wanted; null
 * where that is not known.
 */
export function nextBudget(budget: number, offered: number, idle: number | null): number {
  // It is not the log that takes the machine's time: a burst after this is logged whole.
  if (offered <= LEAST_LOGGED_PER_SECOND) return MOST_LOGGED_PER_SECOND;
  if (idle === null) return budget;
  if (idle < NO_TIME) return Math.max(LEAST_LOGGED_PER_SECOND, budget * DOWN);
  return idle > TIME_TO_SPARE ? Math.min(MOST_LOGGED_PER_SECOND, budget + UP) : budget;
}

export type LogBudget = {
  /**
   * Whether rows that were answered together are logged. Those that come with a time of their own do not yield: they are a
   * record that is played or sent later, and the whole of it is wanted.
   */
  take(rows: number, dated: boolean): boolean;
  /** A second is over. */
  second(idle: number | null): void;
};

/** `random`: see createSampler. */
export function createLogBudget(clock: Clock, random?: () => number): LogBudget {
  const live = createSampler(clock, MOST_LOGGED_PER_SECOND, random);
  const records = createSampler(clock, MOST_LOGGED_PER_SECOND, random);
  let budget = MOST_LOGGED_PER_SECOND;
  let offered = 0;
  return {
    take(rows, dated) {
      if (dated) return records.take(rows);
      offered += rows;
      return live.take(rows);
    },
    second(idle) {
      budget = nextBudget(budget, offered, idle);
      offered = 0;
      live.limit(budget);
    },
  };
}
