import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureValue } from '../../../contract/common.ts';
import { addValue } from './count.rules.ts';
import { type Baseline, baselineOf, binCounts, levelOf, PSI_METHOD, psi } from './drift.rules.ts';
import { emptyPane, encodeCounts, mergeStored, type Pane, totalOf } from './pane.rules.ts';
import { armSummaries, type CohortRow, performancePoint, wilson } from './performance.rules.ts';
import {
  cellOf,
  type FeatureProfile,
  gridOf,
  type NumericGrid,
  ReferenceProfile,
  referenceCounts,
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
  known: null,
});

/** As the engine scores a window. */
function driftScore(baseline: Baseline, counts: Uint32Array, whole: boolean) {
  const n = totalOf(counts);
  const minN = baseline.minN[PSI_METHOD];
  const value = psi(baseline.reference, binCounts(baseline, counts));
  return { value, n, minN, level: levelOf(PSI_METHOD, value, n, minN, whole) };
}

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
        const grid = gridOf(profile, false) as NumericGrid;
        const lowest = profile.edges[0] as number;
        const highest = profile.edges.at(-1) as number;
        for (const value of values) {
          const cell = cellOf(grid, value);
          if (value === null) expect(cell).toBe(grid.missing);
          else if (typeof value !== 'number') expect(cell).toBe(grid.wrongType);
          else if (!Number.isFinite(value)) expect(cell).toBe(grid.notFinite);
          else if (value < lowest) expect(cell).toBe(0);
          else if (value > highest) expect(cell).toBe(grid.above);
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

  it('keeps others, unseen, missing and wrongly typed categories apart', () => {
    const known = { ...categorical({ a: 1, b: 1 }, 2), known: ['rare'] } as FeatureProfile;
    const cells = (profile: FeatureProfile, values: (FeatureValue | undefined)[]) =>
      values.map((value) => cellOf(gridOf(profile, false), value));
    // Listed 0 and 1, others 2, missing 3, unseen 4, wrong type 5.
    expect(cells(known, ['b', 'rare', 'zz', null, undefined, 7, true, Number.NaN])).toEqual([
      1, 2, 4, 3, 3, 5, 5, 3,
    ]);
    // Without a list of the others every value may be one of them; without others none is.
    expect(cells(categorical({ a: 1 }, 2), ['zz'])).toEqual([1]);
    expect(cells(categorical({ a: 1 }), ['zz'])).toEqual([3]);
    // Categories may be numbers, and truth values.
    expect(cells(categorical({ 1: 4, 2: 3 }), [1, 3, 'x'])).toEqual([0, 4, 4]);
    expect(cells(categorical({ true: 4, false: 3 }), [true, false])).toEqual([0, 1]);
  });

  it('tells ten thousand categories apart in bounded state', () => {
    const listed = Object.fromEntries(Array.from({ length: 255 }, (_, at) => [`c${at}`, 300 - at]));
    const others = Array.from({ length: 9_745 }, (_, at) => `o${at}`);
    const profile = { ...categorical(listed, 9_745), known: others } as FeatureProfile;
    const grid = gridOf(profile, false);
    expect(grid.size).toBe(259);
    expect(new Set(others.map((value) => cellOf(grid, value)))).toEqual(new Set([255]));
    expect(cellOf(grid, 'new')).toBe(257);
    expect(
      baselineOf(profile)
        .bins.map(({ label }) => label)
        .slice(9),
    ).toEqual(['246 others', 'others, rare', 'unseen in training', 'missing']);
  });

  it('counts a heavy value in a cell of its own, and names it so', () => {
    const profile: FeatureProfile = {
      ...{ kind: 'numeric', name: 'x', edges: [0, 5e-324, 1, 2], counts: [80, 10, 10] },
      ...{ below: 0, above: 0, missing: 0, mean: null },
    };
    const grid = gridOf(profile, false);
    expect([0, 1e-300, 1].map((value) => cellOf(grid, value))).toEqual([1, 2, 3]);
    expect(baselineOf(profile).bins[1]?.label).toBe('0');
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
            mergeStored(sum, { form: 1, counts: encodeCounts(part.counts), moments: part });
            return sum;
          });
          const whole = paneOf(profile, values);
          expect([...merged.counts]).toEqual([...whole.counts]);
          expect([merged.min, merged.max]).toEqual([whole.min, whole.max]);
          // Sums of doubles are associative only up to rounding.
          expect(Math.abs(merged.sum - whole.sum)).toBeLessThanOrEqual(1e-9 * (1 + values.length * 2e6));
        },
      ),
    );
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
        const baseline = baselineOf(profile);
        expect(driftScore(baseline, referenceCounts(profile), true).value).toBe(0);
        expect(driftScore(baseline, paneOf(profile, values).counts, true).value).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('has at most ten bins and the two tails and missing, each cell in exactly one, about a tenth each', () => {
    fc.assert(
      fc.property(numbers, (reference) => {
        const profile = numericProfile(reference);
        const baseline = baselineOf(profile);
        const counts = referenceCounts(profile);
        expect(baseline.bins.length).toBeLessThanOrEqual(13);
        expect(binCounts(baseline, counts).reduce((a, b) => a + b, 0)).toBe(reference.length);
        // Contiguous in cell order.
        const order = [...baseline.binOfCell];
        expect(order).toEqual([...order].sort((a, b) => a - b));
        // A bin is closed by the cell that fills a tenth: without that cell it holds less than one.
        for (let bin = 1; bin < baseline.bins.length - 3; bin++) {
          const cells = order.flatMap((at, cell) => (at === bin ? [cell] : []));
          const before = cells.slice(0, -1).reduce((sum, cell) => sum + (counts[cell] as number), 0);
          expect(before).toBeLessThanOrEqual(reference.length / 10);
        }
      }),
    );
  });

  it('equals the formula on the raw rows', () => {
    fc.assert(
      fc.property(numbers, numbers, (reference, values) => {
        const profile = numericProfile(reference);
        const baseline = baselineOf(profile);
        const share = (rows: number[], lower: number | null, upper: number | null, last: boolean) => {
          const inside = rows.filter(
            (x) =>
              (lower === null || (upper === null ? x > lower : x >= lower)) &&
              (upper === null || x < upper || (last && x === upper)),
          );
          return Math.max(inside.length / rows.length, 1e-4);
        };
        const inner = baseline.bins.length - 3;
        let expected = 0;
        baseline.bins.forEach(({ lower, upper }, at) => {
          if (lower === null && upper === null) return; // missing: none on either side
          const r = share(reference, lower, upper, at === inner);
          const c = share(values, lower, upper, at === inner);
          expected += (r - c) * Math.log(r / c);
        });
        expect(driftScore(baseline, paneOf(profile, values).counts, true).value).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('gives the known values for categories', () => {
    // Computed with numpy from the same formula; the second has a value that the reference never saw.
    const c = baselineOf(categorical({ a: 100, b: 100, c: 100 }));
    expect(psi(c.reference, [60, 120, 60, 0, 0])).toBeCloseTo(0.11552453009332, 10);
    const d = categorical({ a: 60, b: 40 });
    const rows = [...Array(50).fill('a'), ...Array(40).fill('b'), ...Array(10).fill('z')];
    expect(driftScore(baselineOf(d), paneOf(d, rows).counts, true).value).toBeCloseTo(0.70831690804971, 10);
  });

  it('gives no level before there are rows enough, nor before a whole span', () => {
    const profile = numericProfile(Array.from({ length: 10_000 }, (_, at) => at));
    const baseline = baselineOf(profile);
    expect(baseline.minN[PSI_METHOD]).toBe(339); // 2 · χ²(0.95, 9) / 0.1
    const values = Array.from({ length: 338 }, () => 5);
    expect(driftScore(baseline, paneOf(profile, values).counts, true).level).toBe('too-few');
    expect(driftScore(baseline, paneOf(profile, [...values, 5]).counts, true).level).toBe('large');
    expect(driftScore(baseline, paneOf(profile, [...values, 5]).counts, false).level).toBe('too-few');
  });

  it('keeps its false alarms near 5 % at the gate, on rows drawn from the reference itself', () => {
    const profile = numericProfile(Array.from({ length: 10_000 }, (_, at) => at));
    const baseline = baselineOf(profile);
    let seed = 42;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    let alarms = 0;
    for (let round = 0; round < 500; round++) {
      const rows = Array.from({ length: baseline.minN[PSI_METHOD] }, () => Math.floor(random() * 10_000));
      if (driftScore(baseline, paneOf(profile, rows).counts, true).level !== 'stable') alarms += 1;
    }
    expect(alarms).toBeLessThan(0.05 * 500);
  });

  it('names its bins so that a person can read them', () => {
    const profile = categorical({ AA: 5, '': 1 }, 0, 2);
    expect(baselineOf(profile).bins.map((bin) => bin.label)).toEqual([
      'AA',
      '(empty)',
      'unseen in training',
      'missing',
    ]);
    const many = categorical(Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`v${at}`, 14 - at])));
    expect(
      baselineOf(many)
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
