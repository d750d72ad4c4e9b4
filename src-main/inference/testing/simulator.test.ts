/** The scheduler reproduces the design's table of policies and loads, to within 5 %. */
import { describe, expect, it } from 'vitest';
import {
  armsRun,
  LOADS,
  type LoadName,
  offered,
  POLICIES,
  type PolicyName,
  timeoutRun,
} from './scheduler-table.ts';
import { simulateScheduler } from './simulator.ts';

type Range = number | readonly [low: number, high: number];
type Row = Record<PolicyName, readonly [p50Ms: number, p99Ms: number] | 'collapse'>;

/** Milliseconds at p50 and p99. */
const LATENCY: Partial<Record<LoadName, Row>> = {
  '20': {
    'one by one': [4.5, 8.9],
    greedy: [4.5, 8.6],
    'delay 5 ms': [9.5, 10.4],
    'window 10 ms': [14.5, 18.6],
    'window 100 ms': [82.5, 110],
    BentoML: [4.5, 8.8],
    Lathe: [4.5, 8.6],
  },
  '200': {
    'one by one': [18.5, 88.7],
    greedy: [6.3, 10.5],
    'delay 5 ms': [9.5, 11.6],
    'window 10 ms': [14.7, 23],
    'window 100 ms': [74, 132],
    BentoML: [6.3, 10.6],
    Lathe: [6.3, 10.5],
  },
  '800': {
    'one by one': 'collapse',
    greedy: [10.5, 17.7],
    'delay 5 ms': [11, 17.8],
    'window 10 ms': [25.5, 41.5],
    'window 100 ms': [39, 68],
    BentoML: [10.6, 17.6],
    Lathe: [10.5, 17.8],
  },
  '1,300': {
    'one by one': 'collapse',
    greedy: [17.7, 32.4],
    'delay 5 ms': [17.7, 32.1],
    'window 10 ms': [31.8, 47.8],
    'window 100 ms': [32, 50],
    BentoML: [17.8, 32.2],
    Lathe: [17.7, 32.1],
  },
};

/** Answers within the target, a second. */
const GOODPUT: Partial<Record<LoadName, Record<PolicyName, Range>>> = {
  '1,550': {
    'one by one': 0,
    greedy: [1_448, 1_480],
    'delay 5 ms': 1_450,
    'window 10 ms': 1_413,
    'window 100 ms': 1_434,
    BentoML: 1_528,
    Lathe: [1_525, 1_533],
  },
  '2,400': {
    'one by one': 0,
    greedy: [7, 11],
    'delay 5 ms': 11,
    'window 10 ms': 10,
    'window 100 ms': 10,
    BentoML: 1_596,
    Lathe: [1_594, 1_596],
  },
  // The draw of the table came to 745 requests a second; ours is taken to that.
  'bursty 800': {
    'one by one': 0,
    greedy: [514, 534],
    'delay 5 ms': 533,
    'window 10 ms': 503,
    'window 100 ms': 301,
    BentoML: [653, 664],
    Lathe: [659, 667],
  },
};
const BURSTY_OFFERED = 745;
const CAPACITY = 1_600;

function near(found: number, expected: Range): void {
  const [low, high] = typeof expected === 'number' ? [expected, expected] : expected;
  // What collapsed serves a handful out of hundreds: 1 % of the capacity is the scale there.
  const slack = Math.max(0.05 * high, 0.01 * CAPACITY);
  expect(found).toBeGreaterThanOrEqual(low - slack);
  expect(found).toBeLessThanOrEqual(high + slack);
}

describe.each(Object.keys(LATENCY) as LoadName[])('at %s requests a second', (name) => {
  it.each(Object.keys(POLICIES) as PolicyName[])('%s takes as long as in the table', (policy) => {
    const expected = LATENCY[name]?.[policy];
    const { p50Ms, p99Ms, goodput } = POLICIES[policy](LOADS[name]);
    if (expected === 'collapse') {
      expect(goodput).toBeLessThan(0.01 * CAPACITY);
      return;
    }
    const [p50, p99] = expected ?? [Number.NaN, Number.NaN];
    expect(Math.abs(p50Ms / p50 - 1)).toBeLessThan(0.05);
    expect(Math.abs(p99Ms / p99 - 1)).toBeLessThan(0.05);
  });
});

describe.each(Object.keys(GOODPUT) as LoadName[])('at %s requests a second', (name) => {
  const load = LOADS[name];
  it.each(Object.keys(POLICIES) as PolicyName[])('%s answers as many in time as in the table', (policy) => {
    const scale = 'bursty' in load ? BURSTY_OFFERED / offered(load) : 1;
    near(POLICIES[policy](load).goodput * scale, GOODPUT[name]?.[policy] ?? Number.NaN);
  });
});

describe('at 1.5 times the capacity', () => {
  it('a static queue timeout helps when it is what we compute, and not when it is the target', () => {
    near(timeoutRun(20).goodput, 1_596);
    near(timeoutRun(30).goodput, 1_546);
    near(timeoutRun(50).goodput, 11);
  });
  it('what is answered is answered within the target, with one batch on the device or two', () => {
    for (const pipeline of [1, 2] as const) {
      const { p99Ms, goodput } = simulateScheduler(LOADS['2,400'], { limits: { pipeline } });
      expect(p99Ms).toBeLessThan(50);
      expect(goodput).toBeGreaterThan(0.95 * CAPACITY);
    }
  });
});

describe('models that share a device', () => {
  it.each([
    [[0.5, 0.5], 13.7, 24.3],
    [[0.9, 0.1], 12.9, 24.7],
    [[0.25, 0.25, 0.25, 0.25], 20.3, 37.9],
  ] as const)('with shares %j take as long as in the table', (shares, p50, p99) => {
    const { p50Ms, p99Ms } = armsRun(shares);
    expect(Math.abs(p50Ms / p50 - 1)).toBeLessThan(0.05);
    expect(Math.abs(p99Ms / p99 - 1)).toBeLessThan(0.05);
  });

  it('get their share when there is not time for all: a flood does not drown the other', () => {
    const load = { rate: 3_200, requests: 20_000, seed: 4 };
    const flooded = simulateScheduler(load, {
      arms: [
        { key: 'flood@1', share: 0.94 },
        { key: 'quiet@1', share: 0.06 },
      ],
    });
    const { answered, refused } = flooded.byKey['quiet@1'] ?? { answered: 0, refused: 1 };
    expect(answered / (answered + refused)).toBeGreaterThan(0.9);
    expect(flooded.goodput).toBeGreaterThan(0.85 * CAPACITY);
  });

  it('by weight: three times the weight is three times the device time', () => {
    const load = { rate: 4_000, requests: 20_000, seed: 4 };
    const { byKey } = simulateScheduler(load, {
      arms: [
        { key: 'heavy@1', share: 0.5, settings: { weight: 3, sloMs: 400 } },
        { key: 'light@1', share: 0.5, settings: { weight: 1, sloMs: 400 } },
      ],
    });
    const ratio = (byKey['heavy@1']?.deviceMs ?? 0) / (byKey['light@1']?.deviceMs ?? 1);
    expect(ratio).toBeGreaterThan(2.2);
    expect(ratio).toBeLessThan(3.8);
  });
});

describe('a shadow of everything', () => {
  it.each([
    [20, 0.99, 1],
    [100, 0.9, 1],
    [200, 0.15, 0.5],
    [400, 0.01, 0.1],
    [800, 0.005, 0.03],
  ])('at %i requests a second is noticed by nobody, and runs as there is time', (rate, least, most) => {
    const load = { rate, requests: 20_000, seed: 3 };
    const alone = simulateScheduler(load);
    const shadowed = simulateScheduler(load, { shadowed: true });
    expect(alone.shadowed).toBe(0);
    expect(shadowed.p99Ms).toBeLessThan(1.05 * alone.p99Ms);
    expect(shadowed.goodput).toBeGreaterThan(0.995 * alone.goodput);
    const share = shadowed.shadowed / shadowed.answered;
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });

  it('as a second request in the queue would ruin the first: what shadows are kept from', () => {
    // The same requests once more on another version, as long as they take.
    const patient = { sloMs: null };
    const { p50Ms } = simulateScheduler(
      { rate: 1_600, requests: 40_000, seed: 3 },
      {
        arms: [
          { key: 'm@1', share: 0.5, settings: patient },
          { key: 'm@2', share: 0.5, settings: patient },
        ],
      },
    );
    // The target, which the usual request would miss.
    expect(p50Ms).toBeGreaterThan(50);
  });
});
