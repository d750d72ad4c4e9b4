import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../../src-main/contract/serving-route.ts';
import { addArm, flows, moveBoundary, rangesOf, removeArm, setWeight, splitProblem, WHOLE } from './split.ts';

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

describe('who moves', () => {
  it('is only who is between the old and the new boundary', () => {
    expect(flows(two, moveBoundary(two, 0, 5000))).toEqual([
      { from: { key: 'champion', version: '1' }, to: { key: 'challenger', version: '2' }, share: 3000 },
    ]);
    expect(flows(two, two)).toEqual([]);
  });

  it('is also who stays and gets another version', () => {
    expect(flows(two, [arm('champion', 8000, '3'), arm('challenger', 2000, '2')])).toEqual([
      { from: { key: 'champion', version: '1' }, to: { key: 'champion', version: '3' }, share: 8000 },
    ]);
  });

  it('agrees with counting every bucket', () => {
    const at = (arms: readonly Arm[], bucket: number) => rangesOf(arms).find(({ to }) => bucket < to);
    fc.assert(
      fc.property(splits, splits, (before, after) => {
        let moved = 0;
        for (let bucket = 0; bucket < WHOLE; bucket++) {
          const [old, now] = [at(before, bucket), at(after, bucket)];
          if (old?.key !== now?.key || old?.version !== now?.version) moved++;
        }
        expect(flows(before, after).reduce((sum, { share }) => sum + share, 0)).toBe(moved);
      }),
      { numRuns: 20 },
    );
  });
});

it('adding an arm moves nobody and gets a free name', () => {
  expect(addArm([{ key: 'main', version: '1', weight: WHOLE }], '2')[1]?.key).toBe('challenger');
  const three = addArm(two, '3');
  expect(three[2]).toEqual({ key: 'third', version: '3', weight: 0 });
  expect(flows(two, three)).toEqual([]);
});

it('says what is wrong with a split', () => {
  expect(splitProblem(two)).toBeNull();
  expect(splitProblem([arm('a', 9000)])).toMatch(/90 %/);
  expect(splitProblem([arm('a', 5000), arm('a', 5000)])).toMatch(/same name/);
  expect(splitProblem([arm('Big', 10_000)])).toMatch(/no arm name/);
  expect(splitProblem([])).toMatch(/at least one/);
});
