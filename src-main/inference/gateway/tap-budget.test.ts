import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createLogBudget,
  LEAST_LOGGED_PER_SECOND,
  MOST_LOGGED_PER_SECOND,
  nextBudget,
} from './tap-budget.ts';

const BUSY = 0.01;
const FREE = 0.6;

describe('the budget of the log', () => {
  it('is halved each second that the machine has no time, down to its least', () => {
    const seconds: number[] = [];
    for (let budget = MOST_LOGGED_PER_SECOND, at = 0; at < 7; at++) {
      budget = nextBudget(budget, 20_000, BUSY);
      seconds.push(budget);
    }
    expect(seconds).toEqual([2_500, 1_250, 625, 312.5, 250, 250, 250]);
  });

  it('comes back a step at a time while there is time, and stays between the two', () => {
    expect(nextBudget(250, 20_000, FREE)).toBe(750);
    expect(nextBudget(4_800, 20_000, FREE)).toBe(5_000);
    expect(nextBudget(750, 20_000, 0.1)).toBe(750);
    expect(nextBudget(750, 20_000, null)).toBe(750);
  });

  it('is whole again once few rows come, however busy the machine is with other things', () => {
    expect(nextBudget(250, 250, BUSY)).toBe(5_000);
    expect(nextBudget(250, 251, BUSY)).toBe(250);
  });

  it('is never outside its bounds', () => {
    const second = fc.record({
      offered: fc.integer({ min: 0, max: 100_000 }),
      idle: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(second, { maxLength: 60 }), (seconds) => {
        let budget = MOST_LOGGED_PER_SECOND;
        for (const { offered, idle } of seconds) {
          budget = nextBudget(budget, offered, idle);
          expect(budget).toBeGreaterThanOrEqual(LEAST_LOGGED_PER_SECOND);
          expect(budget).toBeLessThanOrEqual(MOST_LOGGED_PER_SECOND);
        }
      }),
    );
  });
});

/** Seconds of `rate` rows each, of a machine of which `idle` is free; returns how many of each were logged. */
function seconds(rate: number, idles: readonly number[], dated = false): number[] {
  let nowMs = 0;
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const budget = createLogBudget({ now: () => nowMs, monotonic: () => nowMs }, random);
  return idles.map((idle) => {
    let logged = 0;
    for (let row = 0; row < rate; row++) {
      nowMs += 1000 / rate;
      if (budget.take(1, dated)) logged += 1;
    }
    budget.second(idle);
    return logged;
  });
}

describe('what is logged', () => {
  it('is every row of what a busy machine is always logged', () => {
    expect(seconds(LEAST_LOGGED_PER_SECOND, Array(20).fill(BUSY))).toEqual(Array(20).fill(250));
  });

  it('is every row of a burst of a few seconds, on a busy machine too', () => {
    expect(seconds(1_000, [BUSY, BUSY])).toEqual([1_000, 1_000]);
  });

  it('is all of a record that is played, on a busy machine too, up to the most', () => {
    expect(seconds(4_000, Array(10).fill(BUSY), true)).toEqual(Array(10).fill(4_000));
    expect(seconds(20_000, Array(10).fill(BUSY), true).at(-1)).toBeLessThan(7_000);
  });

  it('yields to serving within seconds, and comes back with the time for it', () => {
    const logged = seconds(20_000, [...Array(12).fill(BUSY), ...Array(14).fill(FREE)]);
    // The first second has the burst.
    expect(logged[0]).toBeLessThan(11_000);
    for (const each of logged.slice(6, 12)) expect(each).toBeLessThan(350);
    for (const each of logged.slice(6, 12)) expect(each).toBeGreaterThan(180);
    expect(logged.at(-1)).toBeGreaterThan(4_500);
  });
});
