import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dotsOf,
  FEWEST_FOR_LINE,
  joinedOf,
  type LaneLine,
  type LanePoint,
  laneRange,
  laneSummary,
  laneTicks,
  openStretches,
  runsOf,
} from './lane-rules.ts';

const point = (x: number, y: number | null, more: Partial<LanePoint> = {}): LanePoint => ({
  x,
  y,
  low: null,
  high: null,
  n: 100,
  open: false,
  weak: false,
  ...more,
});
const line = (points: LanePoint[]): LaneLine => ({ id: 'a', label: 'accuracy', color: 1, points });
const many = Array.from({ length: 30 }, (_, x) => point(x, 0.5));

test('gaps stay gaps: a window without rows or without a value ends a run', () => {
  const points = [point(0, 1), point(1, 1), point(3, 1), point(4, null), point(5, 1)];
  expect(runsOf(points, 1).map((run) => run.map(({ x }) => x))).toEqual([[0, 1], [3], [5]]);
});

test('few points are dots and never a line; many are a line, and lone ones still dots', () => {
  const few = many.slice(0, FEWEST_FOR_LINE - 1);
  expect(joinedOf(few, 1)).toEqual([]);
  expect(dotsOf(few, 1)).toHaveLength(FEWEST_FOR_LINE - 1);
  expect(joinedOf(many, 1)).toHaveLength(1);
  expect(dotsOf([...many, point(40, 0.4)], 1).map(({ x }) => x)).toEqual([40]);
});

test('every value is seen, as a dot or on a line', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.float({ noNaN: true, noDefaultInfinity: true }))), (values) => {
      const points = values.map((y, x) => point(x, y));
      const seen = new Set([
        ...dotsOf(points, 1).map(({ x }) => x),
        ...joinedOf(points, 1).flatMap((run) => run.map(({ x }) => x)),
      ]);
      expect([...seen].sort((a, b) => a - b)).toEqual(points.filter(({ y }) => y !== null).map(({ x }) => x));
    }),
  );
});

test('what is not final is hatched in stretches', () => {
  const open = { open: true };
  const lines = [line([point(0, 1), point(1, 1, open), point(2, 1, open), point(5, 1, open)])];
  expect(openStretches(lines, 1)).toEqual([
    { from: 1, to: 3 },
    { from: 5, to: 6 },
  ]);
});

test('the scale holds values and intervals; too few rows and a far threshold do not stretch it', () => {
  const lines = [line([...many, point(40, 90, { weak: true }), point(41, 0.6, { low: 0.4, high: 0.8 })])];
  const near = { value: 0.9, label: 'reference', color: 'reference' as const };
  const [low, high] = laneRange(lines, [near, { ...near, value: 50 }], {});
  expect(low).toBeLessThanOrEqual(0.4);
  expect(high).toBeGreaterThanOrEqual(0.9);
  expect(high).toBeLessThan(1.5);
  expect(laneRange([line([point(0, 3, { weak: true })])], [], {})[1]).toBeGreaterThan(3);
  expect(laneRange([], [], { floor: 0, ceiling: 1 })).toEqual([0, 1]);
});

test('ticks lie within the scale and far enough apart to be read', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 40, max: 200 }),
      (low, span, height) => {
        const ticks = laneTicks([low, low + span], height, 'number');
        const apart = (span / height) * 20;
        ticks.forEach(({ value }, i) => {
          expect(value).toBeGreaterThanOrEqual(low - span * 1e-3);
          expect(value).toBeLessThanOrEqual(low + span * 1.001);
          if (i > 0) expect(value - (ticks[i - 1]?.value ?? 0)).toBeGreaterThan(apart);
        });
      },
    ),
  );
});

test('a lane in words', () => {
  expect(laneSummary('Accuracy', [line([])], 'share')).toBe('Accuracy: no values yet.');
  expect(
    laneSummary('Accuracy', [line([point(0, 0.5), point(86_400_000, 0.75, { open: true })])], 'share'),
  ).toBe(
    'Accuracy. accuracy: latest 75.0\u00a0% on 2 Jan 1970, not final, from 50.0\u00a0% to 75.0\u00a0% over 2 windows.',
  );
});
