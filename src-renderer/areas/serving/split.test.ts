import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../src-main/contract/serving-route.ts';
import {
  addArm,
  moveBoundary,
  movement,
  rangesOf,
  removeArm,
  sameSplit,
  setWeight,
  splitProblem,
  WHOLE,
} from './split.ts';

const arm = (key: string, weight: number, version = '1'): Arm => ({ key, version, weight });
const two = [arm('champion', 8000, '1'), arm('challenger', 2000, '2')];

/** Any split of the whole among 2 to 5 arms. */
const splits = fc.array(fc.integer({ min: 0, max: WHOLE }), { minLength: 1, maxLength: 4 }).map((cuts) => {
  const edges = [0, ...cuts.sort((a, b) => a - b), WHOLE];
  return edges.slice(1).map((edge, i) => arm(`arm-${i}`, edge - (edges[i] ?? 0), String(i + 1)));
});
const total = (arms: readonly Arm[]) => arms.reduce((sum, { weight }) => sum + weight, 0);

describe('every edit keeps the whole', () => {
  it('moving a boundary, setting a weight, adding and removing an arm', () => {
    fc.assert(
      fc.property(splits, fc.nat(4), fc.integer({ min: -100, max: WHOLE + 100 }), (arms, at, to) => {
        const index = at % arms.length;
        for (const next of [
          moveBoundary(arms, index, to),
          setWeight(arms, index, to),
          addArm(arms, '9'),
          removeArm(arms, index),
        ]) {
          expect(total(next)).toBe(WHOLE);
          expect(next.every(({ weight }) => weight >= 0)).toBe(true);
        }
      }),
    );
  });

  it('setWeight gives exactly what was asked for', () => {
    fc.assert(
      fc.property(splits, fc.nat(4), fc.integer({ min: 0, max: WHOLE }), (arms, at, weight) => {
        const index = at % arms.length;
        expect(setWeight(arms, index, weight)[index]?.weight).toBe(weight);
      }),
    );
  });
});

describe('movement', () => {
  it('moves only the units between the old and the new boundary', () => {
    expect(movement(two, moveBoundary(two, 0, 5000))).toEqual({ moved: 0.3, reversioned: 0 });
    expect(movement(two, two)).toEqual({ moved: 0, reversioned: 0 });
  });

  it('counts a changed version apart from a changed arm', () => {
    expect(movement(two, [arm('champion', 8000, '3'), arm('challenger', 2000, '2')])).toEqual({
      moved: 0,
      reversioned: 0.8,
    });
  });

  it('agrees with counting every bucket', () => {
    const at = (arms: readonly Arm[], bucket: number) => rangesOf(arms).find(({ to }) => bucket < to);
    fc.assert(
      fc.property(splits, splits, (before, after) => {
        let moved = 0;
        for (let bucket = 0; bucket < WHOLE; bucket++)
          if (at(before, bucket)?.key !== at(after, bucket)?.key) moved++;
        expect(movement(before, after).moved).toBeCloseTo(moved / WHOLE, 10);
      }),
      { numRuns: 20 },
    );
  });
});

it('adding an arm moves nobody and gets a free name', () => {
  const three = addArm(two, '3');
  expect(three[2]).toEqual({ key: 'third', version: '3', weight: 0 });
  expect(movement(two, three).moved).toBe(0);
});

it('says what is wrong with a split', () => {
  expect(splitProblem(two)).toBeNull();
  expect(splitProblem([arm('a', 9000)])).toMatch(/90 %/);
  expect(splitProblem([arm('a', 5000), arm('a', 5000)])).toMatch(/same name/);
  expect(splitProblem([arm('Big', 10_000)])).toMatch(/no arm name/);
  expect(splitProblem([])).toMatch(/at least one/);
  expect(sameSplit(two, [...two])).toBe(true);
  expect(sameSplit(two, removeArm(two, 1))).toBe(false);
});
