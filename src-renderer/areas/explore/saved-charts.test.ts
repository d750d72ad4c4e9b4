import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { USUAL_EXPLORE } from './explore-state.ts';
import { readCharts } from './saved-charts.ts';

describe('readCharts', () => {
  it('gives back what was written', () => {
    const saved = {
      view: 'parallel',
      metric: null,
      set: {
        ...USUAL_EXPLORE,
        lines: { ...USUAL_EXPLORE.lines, smoothing: 0.6, zooms: { loss: [10, 20] as const }, pinned: ['a'] },
        parallel: {
          axes: ['p:lr', 'm:last:loss'],
          color: '',
          log: { 'p:lr': false },
          brushes: { 'p:lr': [0, 0.5] as const },
        },
        scatter: { ...USUAL_EXPLORE.scatter, x: 'p:lr', logX: true },
      },
    };
    expect(readCharts(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
  });

  it('is as usual for anything that it does not understand, and never throws', () => {
    const usual = { view: null, metric: null, set: USUAL_EXPLORE };
    expect(readCharts(undefined)).toEqual(usual);
    expect(
      readCharts({ view: 3, set: { lines: { smoothing: 7, zooms: { a: [2, 1] }, band: 'x' }, bars: [] } }),
    ).toEqual(usual);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { set } = readCharts({ set: { lines: value, parallel: value, scatter: value } });
        expect(set.lines.smoothing).toBeLessThan(1);
        expect(Object.keys(set.lines)).toEqual(Object.keys(USUAL_EXPLORE.lines));
      }),
    );
  });
});
