import { describe, expect, it } from 'vitest';
import type { Arm, Route } from '../../../../src-main/contract/serving-route.ts';
import { defaultCanary, planText, routeChanges, routeProblem } from './route-words.ts';

const arm = (key: string, version: string, weight: number): Arm => ({ key, version, weight });
const route = (part: Partial<Route> = {}): Route => ({
  arms: [arm('champion', '1', 8_000), arm('challenger', '2', 2_000)],
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  ...part,
});

describe('what a change does', () => {
  it('says who moves, from where to where', () => {
    const after = route({ arms: [arm('champion', '1', 6_800), arm('challenger', '2', 3_200)] });
    expect(routeChanges(route(), after)).toEqual([
      '12 % of units move from champion v1 to challenger v2.'.replace('12 %', '12\u00a0%'),
    ]);
  });

  it('says who gets another version where they are', () => {
    const after = route({ arms: [arm('champion', '3', 8_000), arm('challenger', '2', 2_000)] });
    expect(routeChanges(route(), after)[0]).toContain('stay in champion and get v3 instead of v1');
  });

  it('says what becomes of mode, stickiness and shadow', () => {
    const mode = defaultCanary(route().arms);
    const after = route({
      mode,
      sticky: { kind: 'header', name: 'x-user' },
      shadow: { version: '3', fraction: 0.1 },
    });
    const words = routeChanges(route(), after).join(' ');
    expect(words).toContain('header x-user');
    expect(words).toContain('waits until somebody starts it');
    expect(words).toContain('Version 3 gets copies');
    expect(routeChanges(after, after)).toEqual([]);
    const moved = { ...after, arms: [arm('champion', '1', 9_000), arm('challenger', '2', 1_000)] };
    expect(routeChanges(after, moved).join(' ')).toContain('The canary begins anew');
    expect(routeChanges(after, route()).join(' ')).toContain('The shadow stops.');
  });

  it('an arm without traffic moves nobody', () => {
    const after = route({ arms: [...route().arms, arm('third', '3', 0)] });
    expect(routeChanges(route(), after)).toEqual([
      'No unit moves: the arms that come and go have no traffic.',
    ]);
  });
});

describe('what keeps a route from being saved', () => {
  const canary = (part: object, arms = route().arms) =>
    routeProblem(route({ arms, mode: { ...defaultCanary(arms), ...part } }));

  it('is nothing for a sound one', () => {
    expect(routeProblem(route())).toBeNull();
    expect(canary({})).toBeNull();
  });

  it.each([
    [{ candidate: 'champion' }, 'the same arm'],
    [{ candidate: 'gone' }, 'not there'],
    [{ steps: [500, 500] }, 'larger than the one before'],
    [{ holdSeconds: 10, windowSeconds: 20 }, 'longer than a step'],
  ])('is said of a canary: %j', (part, problem) => {
    expect(canary(part)).toContain(problem);
  });

  it('is said of arms that do not suit the mode', () => {
    const one = [arm('main', '1', 10_000)];
    expect(canary({}, one)).toContain('second arm');
    const three = [...route().arms.map((each) => ({ ...each, weight: 4_000 })), arm('third', '3', 2_000)];
    expect(canary({}, three)).toContain('third has traffic');
    const bandit = (floor: number) =>
      routeProblem(route({ mode: { kind: 'bandit', floor, reward: 'binary', everyRewards: 100 } }));
    expect(bandit(500)).toBeNull();
    expect(bandit(2_500)).toContain('challenger has 20');
    expect(bandit(6_000)).toContain('cannot keep');
    expect(routeProblem(route({ sticky: { kind: 'cookie', name: '' } }))).toContain('Name the cookie');
  });
});

it('a ramp that is offered is as hard to take back as one of the command line', () => {
  expect(defaultCanary(route().arms).guardrails).toEqual({
    errorRate: { margin: 0.01, confidence: 0.99 },
    latency: { ratio: 1.5, windows: 3 },
  });
});

it('a plan is told with the time it takes', () => {
  expect(planText(defaultCanary(route().arms))).toContain('4 steps, 40\u00a0min 00\u00a0s at least');
});
