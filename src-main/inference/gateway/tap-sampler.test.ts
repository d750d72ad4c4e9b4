import { describe, expect, it } from 'vitest';
import { createSampler } from './tap-sampler.ts';

/** A clock that is moved by hand, and a fixed sequence in place of chance. */
function world(rowsPerSecond: number) {
  let nowMs = 0;
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const sampler = createSampler({ now: () => nowMs, monotonic: () => nowMs }, rowsPerSecond, random);
  /** Rows that were taken of `rate` a second over `seconds`, one by one. */
  const run = (rate: number, seconds: number) => {
    let taken = 0;
    for (let at = 0; at < rate * seconds; at++) {
      nowMs += 1000 / rate;
      if (sampler.take(1)) taken += 1;
    }
    return taken;
  };
  return { run, sampler, pass: (ms: number) => (nowMs += ms) };
}

describe('what is logged', () => {
  it('is everything up to the limit', () => {
    expect(world(1_000).run(900, 10)).toBe(9_000);
  });

  it('is everything also in a burst, such as after a pause', () => {
    const { run, pass } = world(1_000);
    for (let burst = 0; burst < 5; burst++) {
      expect(run(20_000, 0.045)).toBe(900);
      pass(1_000);
    }
  });

  it('is a sample beyond it, about as large as the limit', () => {
    const { run } = world(1_000);
    run(20_000, 1);
    const taken = run(20_000, 10);
    expect(taken).toBeGreaterThan(8_500);
    expect(taken).toBeLessThan(12_500);
  });

  it('is everything again once the rush is over', () => {
    const { run, pass } = world(1_000);
    run(50_000, 2);
    pass(1_000);
    expect(run(500, 4)).toBe(2_000);
  });

  it('follows another limit at once', () => {
    const { run, sampler } = world(1_000);
    run(20_000, 2);
    sampler.limit(100);
    expect(run(20_000, 5)).toBeLessThan(700);
    sampler.limit(10_000);
    run(20_000, 1);
    expect(run(20_000, 5)).toBeGreaterThan(42_000);
  });

  it('has the same share of every arm of a split', () => {
    let nowMs = 0;
    const sampler = createSampler({ now: () => nowMs, monotonic: () => nowMs }, 1_000);
    for (let at = 0; at < 10_000; at++) {
      nowMs += 0.1;
      sampler.take(1);
    }
    const taken = [0, 0];
    // Strictly in turn, which a sample of every n-th answer would get wrong.
    for (let at = 0; at < 200_000; at++) {
      nowMs += 0.1;
      if (sampler.take(1)) taken[at % 2] = (taken[at % 2] as number) + 1;
    }
    const [first, second] = taken as [number, number];
    expect(Math.abs(first - second) / (first + second)).toBeLessThan(0.05);
  });
});
