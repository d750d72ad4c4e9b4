import { describe, expect, it } from 'vitest';
import { stalenessOf } from './staleness.rules.ts';

const HOUR = 3_600_000;
const T = 500_000 * HOUR;

describe('rows that have stopped coming', () => {
  /** Hours with rows, by how long before T they began; the newest row came in the middle of the last one. */
  const told = (ago: number[], silent: number, lag = 0) => {
    const lastReceivedMs = T + HOUR / 2;
    return stalenessOf({
      ...{ nowMs: lastReceivedMs + silent * HOUR, lastReceivedMs, lastEventMs: lastReceivedMs - lag * HOUR },
      hours: ago.map((each) => T - each * HOUR).sort((a, b) => a - b),
    });
  };
  const always = Array.from({ length: 400 }, (_, at) => at);
  /** From eight to eighteen o'clock, on each of seven days. */
  const byDay = always.filter((at) => at % 24 < 10);

  it('are told after three times the longest gap of the week, and are critical after 24 times', () => {
    expect(told(always, 0)).toBeNull();
    expect(told(always, 3)).toBeNull();
    expect(told(always, 3.5)).toEqual({
      level: 'warning',
      text: 'No row for 3 hours. In the week before, hours with rows were at most 1 hour apart.',
    });
    expect(told(always, 24)?.level).toBe('warning');
    expect(told(always, 60)).toEqual({
      level: 'critical',
      text: 'No row for 2 days. In the week before, hours with rows were at most 1 hour apart.',
    });
  });

  it('are usual at night and at week-ends where they were', () => {
    // Fifteen hours lie between two days.
    expect(told(byDay, 44)).toBeNull();
    expect(told(byDay, 46)).toMatchObject({ level: 'warning' });
    expect(
      told(
        byDay.filter((at) => at < 48 || at > 96),
        180,
      ),
    ).toBeNull();
    // What lies more than a week back is not usual any more.
    expect(
      told(
        always.filter((at) => at < 160 || at > 300),
        5,
      ),
    ).not.toBeNull();
  });

  it('say nothing of an endpoint that was hardly used, or whose rows are sent long after they happened', () => {
    expect(told(always.slice(0, 23), 500)).toBeNull();
    expect(told([], 500)).toBeNull();
    expect(told(always, 500, 2)).toBeNull();
    // A clock that was set back.
    expect(told(always, -500)).toBeNull();
  });
});
