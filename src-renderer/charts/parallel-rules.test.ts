import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Range } from './curve.ts';
import { brushOf, moved, nearestLine, passing, pushed } from './parallel-rules.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const cell = fc.oneof({ weight: 9, arbitrary: share }, { weight: 1, arbitrary: fc.constant(-0.075) });
const picture = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 }))
  .chain(([axes, lines]) =>
    fc.tuple(
      fc.array(fc.array(cell, { minLength: lines, maxLength: lines }), { minLength: axes, maxLength: axes }),
      fc.array(fc.option(fc.tuple(share, share)), { minLength: axes, maxLength: axes }),
    ),
  )
  .map(([columns, brushes]) => ({
    shares: columns.map((column) => Float32Array.from(column)),
    brushes: brushes.map((brush): Range | null => brush && [Math.min(...brush), Math.max(...brush)]),
    lines: columns[0]?.length ?? 0,
  }));

it('a line passes when every brush holds its value; one without a value passes no brush', () => {
  fc.assert(
    fc.property(picture, ({ shares, brushes, lines }) => {
      const mask = passing(shares, brushes, lines);
      for (let line = 0; line < lines; line++) {
        const holds = brushes.every((brush, axis) => {
          const at = shares[axis]?.[line] ?? -1;
          return !brush || (at >= 0 && at >= brush[0] - 1e-6 && at <= brush[1] + 1e-6);
        });
        expect(mask[line]).toBe(Number(holds));
      }
    }),
  );
});

it('more brushes never pick more lines, and no brush picks all', () => {
  fc.assert(
    fc.property(picture, ({ shares, brushes, lines }) => {
      const count = (some: readonly (Range | null)[]) =>
        passing(shares, some, lines).reduce((a, b) => a + b, 0);
      expect(count(brushes)).toBeLessThanOrEqual(
        count(brushes.map((brush, at) => (at === 0 ? null : brush))),
      );
      expect(count([])).toBe(lines);
    }),
  );
});

it('the nearest line is the one that a look at all lines finds, and never one that is masked or out of reach', () => {
  fc.assert(
    fc.property(
      picture,
      share,
      fc.double({ min: 0, max: 4, noNaN: true }),
      share,
      ({ shares, brushes, lines }, at, position, reach) => {
        const mask = passing(shares, brushes, lines);
        const left = Math.min(shares.length - 1, Math.floor(position));
        const right = Math.min(shares.length - 1, left + 1);
        const part = Math.min(1, position - left);
        const apart = (line: number) =>
          Math.abs((shares[left]?.[line] ?? 0) * (1 - part) + (shares[right]?.[line] ?? 0) * part - at);
        const within = [...mask.keys()].filter((line) => mask[line] === 1 && apart(line) < reach);
        const found = nearestLine(shares, mask, position, at, reach);
        if (within.length === 0) expect(found).toBe(-1);
        else expect(apart(found)).toBe(Math.min(...within.map(apart)));
      },
    ),
  );
});

it('a moved axis lands where it was dropped and the others keep their order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { minLength: 1 }),
      fc.nat(30),
      fc.integer({ min: -3, max: 30 }),
      (list, a, to) => {
        const from = a % list.length;
        const next = moved(list, from, to);
        const place = Math.max(0, Math.min(list.length - 1, to));
        expect(next[place]).toBe(list[from]);
        expect(next.filter((one) => one !== list[from])).toEqual(list.filter((one) => one !== list[from]));
      },
    ),
  );
});

it('a brush stays on its axis and keeps its length while it is pushed', () => {
  fc.assert(
    fc.property(share, share, fc.double({ min: -2, max: 2, noNaN: true }), (a, b, by) => {
      const brush: Range = [Math.min(a, b), Math.max(a, b)];
      const [low, high] = pushed(brush, by);
      expect(low).toBeGreaterThanOrEqual(-1e-9);
      expect(high).toBeLessThanOrEqual(1 + 1e-9);
      expect(high - low).toBeCloseTo(brush[1] - brush[0], 9);
    }),
  );
  expect(brushOf(0.8, 0.3)).toEqual([0.3, 0.8]);
  expect(brushOf(-1, 0.3)).toEqual([0, 0.3]);
  expect(brushOf(0.5, 0.505)).toBeNull();
});
