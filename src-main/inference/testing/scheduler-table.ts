/**
 * The comparison of batching policies that the scheduler is held to: one device, s(n) = (4 + 0.5·n) ms times
 * a lognormal factor, at most 32 rows, a target of 50 ms; so 1,600 rows a second at best and 222 unbatched.
 * Seeds are those whose arrivals come nearest to the load's name: close to capacity, and at 90 % unbatched,
 * the figures of policies that do not shed are the luck of the draw.
 */
import { bentoml, fixedWindow, greedy, oneByOne, queueTimeout, tritonDelay } from './rival-policies.ts';
import {
  arrivals,
  DEVICE,
  type Load,
  MAX_ROWS,
  type SimResult,
  SLO_MS,
  simulateRival,
  simulateScheduler,
} from './simulator.ts';

export const LOADS = {
  '20': { rate: 20, requests: 6_000, seed: 5 },
  '200': { rate: 200, requests: 20_000, seed: 22 },
  '800': { rate: 800, requests: 20_000, seed: 3 },
  '1,300': { rate: 1_300, requests: 20_000, seed: 3 },
  '1,550': { rate: 1_550, requests: 20_000, seed: 3 },
  '2,400': { rate: 2_400, requests: 40_000, seed: 3 },
  'bursty 800': { rate: 800, requests: 20_000, seed: 1, bursty: true },
} satisfies Record<string, Load>;
export type LoadName = keyof typeof LOADS;

export const POLICIES = {
  'one by one': (load: Load) => simulateRival(load, oneByOne()),
  greedy: (load: Load) => simulateRival(load, greedy(MAX_ROWS)),
  'delay 5 ms': (load: Load) => simulateRival(load, tritonDelay(MAX_ROWS, 5)),
  'window 10 ms': (load: Load) => simulateRival(load, fixedWindow(MAX_ROWS, 10)),
  'window 100 ms': (load: Load) => simulateRival(load, fixedWindow(MAX_ROWS, 100)),
  BentoML: (load: Load) => simulateRival(load, bentoml(MAX_ROWS, DEVICE, SLO_MS)),
  Lathe: (load: Load) => simulateScheduler(load),
} satisfies Record<string, (load: Load) => SimResult>;
export type PolicyName = keyof typeof POLICIES;

/** A static queue timeout at 1.5 times the capacity, by the timeout in milliseconds. */
export const timeoutRun = (timeoutMs: number): SimResult =>
  simulateRival(LOADS['2,400'], queueTimeout(MAX_ROWS, timeoutMs));

/** Versions of one model that share the device, by their shares of the traffic. */
export const armsRun = (shares: readonly number[]): SimResult =>
  simulateScheduler(LOADS['800'], { arms: shares.map((share, at) => ({ key: `m@${at + 1}`, share })) });

/** Requests a second that really came. */
export const offered = (load: Load): number => (1000 * load.requests) / (arrivals(load).at(-1) ?? 1);
