/** How far chance alone moves a score, held against samples of one distribution. */
import { describe, expect, it } from 'vitest';
import { baselineOf, binCounts, chanceOf, scoreBy, scoresOf } from './drift.rules.ts';

const CELLS = 256;

describe('what chance alone reaches', () => {
  // A fixed generator, so that the share that is above does not change from run to run.
  const draw = (seed: number) => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  };

  it('is exceeded about one time in twenty by samples of one distribution, at any number of rows', () => {
    const random = draw(7);
    // Cells of equal width, between those below and those above, missing, not finite and of a wrong type.
    const sample = (n: number) => {
      const counts = new Float64Array(CELLS + 5);
      for (let at = 0; at < n; at++) counts[1 + Math.floor(random() * CELLS)]! += 1;
      return counts;
    };
    const reference = sample(20_000);
    const baseline = baselineOf({
      ...{ kind: 'numeric', name: 'x', below: 0, above: 0, missing: 0, mean: null },
      edges: Array.from({ length: CELLS + 1 }, (_, at) => at / CELLS),
      counts: [...reference.subarray(1, CELLS + 1)],
    });
    for (const n of [400, 2_000])
      for (const method of ['lathe.psi.frozen@1', 'lathe.js.frozen@1', 'lathe.ks.frozen@1'] as const) {
        const bound = chanceOf(baseline, method, n) as number;
        let above = 0;
        for (let at = 0; at < 400; at++) {
          const counts = sample(n);
          const scores = scoresOf(baseline, counts, binCounts(baseline, counts));
          if ((scoreBy(scores, method) as number) > bound) above += 1;
        }
        expect(above / 400, `${method} of ${n}`).toBeGreaterThan(0.015);
        expect(above / 400, `${method} of ${n}`).toBeLessThan(0.1);
      }
  });

  it('is not told of a p-value, nor without rows', () => {
    const of = { referenceN: 1_000, spread: 16.919 };
    expect(chanceOf(of, 'lathe.chi2.frozen@1', 500)).toBeNull();
    expect(chanceOf(of, 'lathe.psi.frozen@1', 0)).toBeNull();
    expect(chanceOf({ ...of, referenceN: 0 }, 'lathe.psi.frozen@1', 500)).toBeNull();
    expect(chanceOf(of, 'lathe.psi.frozen@1', 1_000)).toBeCloseTo(0.033838, 9);
  });
});
