import { describe, expect, it } from 'vitest';
import { curveItems } from './curve-paint.ts';
import { scaleOf } from './scale.ts';

const N = 500;
const x = Float64Array.from({ length: N }, (_, i) => i);
const pane = (yRange: readonly [number, number], log = false) => ({
  width: 600,
  height: 200,
  x: scaleOf([0, N - 1], false),
  y: scaleOf(yRange, log),
  xRange: [0, N - 1] as const,
});
const looks = { ghost: null, color: 'red', dashed: false, dots: false, band: 0.2 };

describe('curveItems', () => {
  it('draws a single spike of a bucket as an upright stroke of full height, and noise as none', () => {
    const y = x.map((i) => Math.sin(i));
    const [low, high] = [y.map((v) => v - 0.5), y.map((v) => v + 0.5)];
    const strokesOf = (top: Float64Array) =>
      curveItems({ ...looks, points: { x, y, low, high: top } }, pane([-2, 30])).find(
        ({ kind }) => kind === 'strokes',
      );
    expect(strokesOf(high)).toBeUndefined();
    const spiked = high.slice();
    spiked[250] = 29;
    const strokes = strokesOf(spiked);
    expect(strokes?.points).toHaveLength(3);
    expect(strokes?.points[0]).toBeCloseTo(300.6, 0);
    expect(strokes?.points[2]).toBeLessThan(10);
  });

  it('lifts the pen where a logarithmic axis cannot show a value', () => {
    const y = x.map((i) => (i === 10 ? 0 : 1));
    const [line] = curveItems({ ...looks, points: { x, y, low: y, high: y } }, pane([0.1, 10], true));
    expect(line?.kind).toBe('lines');
    expect(line?.points[21]).toBeNaN();
    expect(line?.points[23]).toBeCloseTo(100, 6);
  });

  it('draws only what is in sight and one point to each side, and a lone point as a dot', () => {
    const y = x.slice();
    const all = { ...looks, points: { x, y, low: y, high: y } };
    const near = { ...pane([0, N]), xRange: [100.5, 110.5] as const };
    expect(curveItems(all, near).find(({ kind }) => kind === 'lines')?.points).toHaveLength(2 * 12);
    const one = Float64Array.of(7);
    const lone = { ...looks, points: { x: one, y: one, low: one, high: one } };
    expect(curveItems(lone, pane([0, N])).some(({ kind }) => kind === 'dots')).toBe(true);
    const none = new Float64Array();
    expect(
      curveItems({ ...looks, points: { x: none, y: none, low: none, high: none } }, pane([0, 1])),
    ).toEqual([]);
  });
});
