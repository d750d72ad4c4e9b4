import { describe, expect, it } from 'vitest';
import type { Route } from '../contract/serving-route.ts';
import {
  canaryRoute,
  parseArms,
  parseShadow,
  parseSteps,
  parseSticky,
  positive,
} from './endpoints-options.ts';
import { UsageError } from './output.ts';

describe('the options of lathe endpoints', () => {
  it('are parts of a route', () => {
    expect(parseArms(['main=1:99.5', 'b-2=12:0.5'])).toEqual([
      { key: 'main', version: '1', weight: 9_950 },
      { key: 'b-2', version: '12', weight: 50 },
    ]);
    expect(parseSticky('unit')).toEqual({ kind: 'unit' });
    expect(parseSticky('header:x-tail')).toEqual({ kind: 'header', name: 'x-tail' });
    expect(parseSticky('cookie:SID')).toEqual({ kind: 'cookie', name: 'SID' });
    expect(parseShadow('3')).toEqual({ version: '3', fraction: 1 });
    expect(parseShadow('3:12.5')).toEqual({ version: '3', fraction: 0.125 });
    expect(parseShadow('none')).toBeNull();
    expect(parseSteps('0.5,5,100')).toEqual([50, 500, 10_000]);
    expect(positive('hold', undefined, 5)).toBe(5);
  });

  it.each([
    () => parseArms(['main:1']),
    () => parseArms(['Main=1:100']),
    () => parseSticky('header'),
    () => parseSticky('header:X Y'),
    () => parseSticky('nobody'),
    () => parseShadow('v3'),
    () => parseShadow('3:0'),
    () => parseShadow('3:101'),
    () => parseSteps('1,,5'),
    () => parseSteps('1,101'),
    () => positive('hold', '-1', 1),
    () => positive('hold', 'x', 1),
  ])('are refused when they are not understood: %s', (wrong) => {
    expect(wrong).toThrow(UsageError);
  });

  it('make a canary of the arm with the most traffic', () => {
    const route: Route = {
      arms: parseArms(['a=1:20', 'b=2:80']),
      sticky: { kind: 'input' },
      mode: { kind: 'fixed' },
      shadow: null,
    };
    const plan = {
      ...{ steps: [100], holdSeconds: 1, minRequests: 1, windowSeconds: 1, atEnd: 'hold' as const },
      guardrails: { errorRate: null, latency: null },
    };
    expect(canaryRoute(route, '3', plan)).toEqual({
      arms: parseArms(['b=2:100', 'candidate=3:0']),
      sticky: { kind: 'input' },
      mode: { kind: 'canary', champion: 'b', candidate: 'candidate', ...plan },
      shadow: null,
    });
    expect(() => canaryRoute(route, '2', plan)).toThrow(UsageError);
    const again = { ...route, arms: parseArms(['candidate=2:100']) };
    expect(canaryRoute(again, '3', plan).arms[1]?.key).toBe('next');
  });
});
