import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureValue } from '../../../contract/common.ts';
import { binCounts, binningOf, driftScore, psi } from './drift.rules.ts';
import { armSummaries, type CohortRow, performancePoint, wilson } from './performance.rules.ts';
import {
  addValue,
  cellOf,
  decodeCounts,
  emptyPane,
  encodeCounts,
  type FeatureProfile,
  gridOf,
  mergePane,
  type Pane,
  ReferenceProfile,
  referencePane,
} from './profile.rules.ts';

/** A profile as training makes it: distinct quantiles as edges, counted on the values themselves. */
function numericProfile(values: number[]): FeatureProfile {
  const sorted = [...values].sort((a, b) => a - b);
  const quantiles = Array.from(
    { length: 257 },
    (_, at) => sorted[Math.floor((at / 256) * (sorted.length - 1))] as number,
  );
  const edges = [...new Set(quantiles)];
  if (edges.length === 1) edges.push((edges[0] as number) + 1);
  const counts = new Array<number>(edges.length - 1).fill(0);
  const profile: FeatureProfile = {
    kind: 'numeric',
    name: 'x',
    edges,
    counts,
    below: 0,
    above: 0,
    missing: 0,
    mean: null,
  };
  const grid = gridOf(profile, false);
  for (const value of values) counts[cellOf(grid, value) - 1]! += 1;
  return profile;
}

const categorical = (counts: Record<string, number>, other = 0, missing = 0): FeatureProfile => ({
  kind: 'categorical',
  name: 'c',
  categories: Object.entries(counts),
  other,
  missing,
});

function paneOf(profile: FeatureProfile, values: readonly FeatureValue[]): Pane {
  const grid = gridOf(profile, false);
  const pane = emptyPane(grid.size);
  for (const value of values) addValue(pane, grid, value);
  return pane;
}

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 });
const live = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -2e6, max: 2e6, noNaN: true }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<FeatureValue>(null, Number.NaN, Number.POSITIVE_INFINITY, 'text', true),
    },
  ),
  { maxLength: 300 },
);

describe('frozen grid', () => {
  it('puts every value into the cell whose edges enclose it', () => {
    fc.assert(
      fc.property(numbers, live, (reference, values) => {
        const profile = numericProfile(reference);
        if (profile.kind !== 'numeric') throw new Error('unreachable');
        const grid = gridOf(profile, false);
        const lowest = profile.edges[0] as number;
        const highest = profile.edges.at(-1) as number;
        for (const value of values) {
          const cell = cellOf(grid, value);
          if (typeof value !== 'number' || !Number.isFinite(value)) expect(cell).toBe(grid.size - 1);
          else if (value < lowest) expect(cell).toBe(0);
          else if (value > highest) expect(cell).toBe(grid.size - 2);
          else {
            expect(value).toBeGreaterThanOrEqual(profile.edges[cell - 1] as number);
            if (value < highest) expect(value).toBeLessThan(profile.edges[cell] as number);
          }
        }
      }),
    );
  });

  it('counts what the model saw: a 32-bit input is rounded before it is counted', () => {
    const profile: FeatureProfile = {
      kind: 'numeric',
      name: 'x',
      edges: [0, Math.fround(0.1), 1],
      counts: [1, 1],
      below: 0,
      above: 0,
      missing: 0,
      mean: null,
    };
    expect(cellOf(gridOf(profile, true), 0.1)).toBe(2);
    expect(cellOf(gridOf(profile, false), 0.1)).toBe(1);
  });

  it('keeps unseen categories and missing ones apart', () => {
    const grid = gridOf(categorical({ a: 1, b: 1 }), false);
    expect([cellOf(grid, 'b'), cellOf(grid, 'zz'), cellOf(grid, null), cellOf(grid, undefined)]).toEqual([
      1, 2, 3, 3,
    ]);
  });

  it('merges panes by addition, whatever the order and the cuts', () => {
    fc.assert(
      fc.property(
        numbers,
        live,
        fc.array(fc.nat(5), { maxLength: 300 }),
        fc.boolean(),
        (reference, values, cut, back) => {
          const profile = numericProfile(reference);
          const parts = Array.from({ length: 6 }, (_, part) =>
            paneOf(
              profile,
              values.filter((_, at) => (cut[at] ?? 0) === part),
            ),
          );
          if (back) parts.reverse();
          const merged = parts.reduce((sum, part) => {
            mergePane(sum, part);
            return sum;
          });
          const whole = paneOf(profile, values);
          expect([merged.n, merged.missing]).toEqual([whole.n, whole.missing]);
          expect([...merged.counts]).toEqual([...whole.counts]);
          // Sums of doubles are associative only up to rounding.
          expect(Math.abs(merged.sum - whole.sum)).toBeLessThanOrEqual(1e-9 * (1 + values.length * 2e6));
          expect([...decodeCounts(encodeCounts(merged.counts))]).toEqual([...whole.counts]);
        },
      ),
    );
  });

  it('refuses to add panes of different grids', () => {
    expect(() => mergePane(emptyPane(3), emptyPane(4))).toThrow('different grids');
  });

  it('refuses a reference whose edges do not increase', () => {
    const profile = { ...numericProfile([1, 2, 3]), edges: [1, 1, 2], counts: [1, 1] };
    const whole = { schema: 1, rows: 3, features: [profile], predictionRows: 0, prediction: null };
    expect(ReferenceProfile.safeParse(whole).success).toBe(false);
  });
});

describe('population stability index', () => {
  it('is 0 on equal distributions and never negative', () => {
    fc.assert(
      fc.property(numbers, live, (reference, values) => {
        const profile = numericProfile(reference);
        const binning = binningOf(profile);
        expect(driftScore(binning, referencePane(profile), true).value).toBe(0);
        expect(driftScore(binning, paneOf(profile, values), true).value).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('has at most ten bins and the two tails and missing, each cell in exactly one, about a tenth each', () => {
    fc.assert(
      fc.property(numbers, (reference) => {
        const profile = numericProfile(reference);
        const binning = binningOf(profile);
        const pane = referencePane(profile);
        expect(binning.bins.length).toBeLessThanOrEqual(13);
        expect(binCounts(binning, pane.counts).reduce((a, b) => a + b, 0)).toBe(reference.length);
        // Contiguous in cell order.
        const order = [...binning.binOfCell];
        expect(order).toEqual([...order].sort((a, b) => a - b));
        // A bin is closed by the cell that fills a tenth: without that cell it holds less than one.
        for (let bin = 1; bin < binning.bins.length - 3; bin++) {
          const cells = order.flatMap((at, cell) => (at === bin ? [cell] : []));
          const before = cells.slice(0, -1).reduce((sum, cell) => sum + (pane.counts[cell] as number), 0);
          expect(before).toBeLessThanOrEqual(reference.length / 10);
        }
      }),
    );
  });

  it('equals the formula on the raw rows', () => {
    fc.assert(
      fc.property(numbers, numbers, (reference, values) => {
        const profile = numericProfile(reference);
        const binning = binningOf(profile);
        const share = (rows: number[], lower: number | null, upper: number | null, last: boolean) => {
          const inside = rows.filter(
            (x) =>
              (lower === null || (upper === null ? x > lower : x >= lower)) &&
              (upper === null || x < upper || (last && x === upper)),
          );
          return Math.max(inside.length / rows.length, 1e-4);
        };
        const inner = binning.bins.length - 3;
        let expected = 0;
        binning.bins.forEach(({ lower, upper }, at) => {
          if (lower === null && upper === null) return; // missing: none on either side
          const r = share(reference, lower, upper, at === inner);
          const c = share(values, lower, upper, at === inner);
          expected += (r - c) * Math.log(r / c);
        });
        expect(driftScore(binning, paneOf(profile, values), true).value).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('gives the known values for categories', () => {
    // Computed with numpy from the same formula; the second has a value that the reference never saw.
    const c = binningOf(categorical({ a: 100, b: 100, c: 100 }));
    expect(psi(c.reference, [60, 120, 60, 0, 0])).toBeCloseTo(0.11552453009332, 10);
    const d = categorical({ a: 60, b: 40 });
    const rows = [...Array(50).fill('a'), ...Array(40).fill('b'), ...Array(10).fill('z')];
    expect(driftScore(binningOf(d), paneOf(d, rows), true).value).toBeCloseTo(0.70831690804971, 10);
  });

  it('gives no level before there are rows enough, nor before a whole span', () => {
    const profile = numericProfile(Array.from({ length: 10_000 }, (_, at) => at));
    const binning = binningOf(profile);
    expect(binning.minN).toBe(339); // 2 · χ²(0.95, 9) / 0.1
    const values = Array.from({ length: 338 }, () => 5);
    expect(driftScore(binning, paneOf(profile, values), true).level).toBe('too-few');
    expect(driftScore(binning, paneOf(profile, [...values, 5]), true).level).toBe('large');
    expect(driftScore(binning, paneOf(profile, [...values, 5]), false).level).toBe('too-few');
  });

  it('keeps its false alarms near 5 % at the gate, on rows drawn from the reference itself', () => {
    const profile = numericProfile(Array.from({ length: 10_000 }, (_, at) => at));
    const binning = binningOf(profile);
    let seed = 42;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    let alarms = 0;
    for (let round = 0; round < 500; round++) {
      const rows = Array.from({ length: binning.minN }, () => Math.floor(random() * 10_000));
      if (driftScore(binning, paneOf(profile, rows), true).level !== 'stable') alarms += 1;
    }
    expect(alarms).toBeLessThan(0.05 * 500);
  });

  it('names its bins so that a person can read them', () => {
    const profile = categorical({ AA: 5, '': 1 }, 0, 2);
    expect(binningOf(profile).bins.map((bin) => bin.label)).toEqual([
      'AA',
      '(empty)',
      'unseen in training',
      'missing',
    ]);
    const many = categorical(Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`v${at}`, 14 - at])));
    expect(
      binningOf(many)
        .bins.map((bin) => bin.label)
        .slice(9),
    ).toEqual(['5 others', 'unseen in training', 'missing']);
  });
});

describe('performance', () => {
  const row = (part: Partial<CohortRow>): CohortRow => ({
    windowMs: 0,
    arm: 'champion',
    version: '1',
    predictions: 0,
    ...{ labelled: 0, judged: 0, right: 0, tp: 0, fp: 0, fn: 0, tn: 0, scored: 0, logLoss: 0, mature: false },
    ...part,
  });

  it('has the Wilson interval of the literature', () => {
    // 10 of 20: Brown, Cai & DasGupta; R: binom::binom.wilson(10, 20).
    const half = wilson(10, 20);
    expect(half?.low).toBeCloseTo(0.299298, 5);
    expect(half?.high).toBeCloseTo(0.700702, 5);
    expect(wilson(0, 10)).toMatchObject({ low: 0 });
    expect(wilson(0, 10)?.high).toBeCloseTo(0.277533, 5);
    expect(wilson(0, 0)).toBeNull();
  });

  it('says how good, how sure and whether final', () => {
    const point = performancePoint(
      row({
        ...{ predictions: 100, labelled: 80, judged: 80, right: 50, tp: 10, fp: 10, fn: 20, tn: 40 },
        ...{ scored: 80, logLoss: 40, mature: true },
      }),
    );
    expect(point).toMatchObject({ accuracy: 0.625, logLoss: 0.5, precision: 0.5, mature: true });
    expect(point.recall).toBeCloseTo(1 / 3, 12);
    expect(point.accuracyLow).toBeLessThan(0.625);
    expect(performancePoint(row({ predictions: 3 }))).toMatchObject({
      accuracy: null,
      accuracyLow: null,
      logLoss: null,
    });
  });

  it('adds windows up per arm and version', () => {
    const [champion, challenger] = armSummaries([
      row({ predictions: 10, labelled: 8, judged: 8, right: 8, tp: 4, tn: 4 }),
      row({ windowMs: 1, predictions: 10, labelled: 2, judged: 2, fn: 2 }),
      row({ arm: 'challenger', version: '2', predictions: 5 }),
    ]);
    expect(champion).toMatchObject({ predictions: 20, labelled: 10, accuracy: 0.8, positiveRate: 0.6 });
    expect(challenger).toMatchObject({ predictions: 5, labelled: 0, accuracy: null });
  });
});
