import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactMethod } from '../../../../contract/drift-reports.ts';
import { binned } from './bins.ts';
import goldens from './goldens.json' with { type: 'json' };
import {
  asCategories,
  categoricalSample,
  columnKind,
  defaultMethod,
  METHODS,
  numericSample,
  type Sample,
  scoreColumn,
} from './index.ts';
import { ksTest } from './ks.ts';
import { shownBins } from './shown-bins.ts';
import { frozenCases } from './testing-cases.ts';
import { datasetDifferences, differences, type Goldens, tailDifferences } from './testing-goldens.ts';

const frozen = goldens as unknown as Goldens;

/** (i · a) mod 1 for i = 1 to n. */
const sequence = (n: number, a: number, of: (x: number) => number) =>
  numericSample(Array.from({ length: n }, (_, at) => of(((at + 1) * a) % 1)));
const PHI = 0.6180339887498949;
const ROOT = 0.41421356237309515;
const counted = (counts: Record<string, number>): Sample => ({
  kind: 'categorical',
  counts: new Map(Object.entries(counts)),
});

function expectScores(reference: Sample, current: Sample, scores: Record<string, number>) {
  for (const [name, expected] of Object.entries(scores)) {
    const { score } = scoreColumn(reference, current, { method: ExactMethod.parse(`evidently.${name}@0.7`) });
    expect(Math.abs((score ?? Number.NaN) - expected), name).toBeLessThan(1e-9 * Math.max(expected, 1e-4));
  }
}

describe('the genuine packages’ frozen results', () => {
  const cases = frozenCases();

  it('are of the cases as they are now', () => {
    expect(frozen.cases.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  });

  for (const [at, each] of cases.entries())
    it(`equal ours: ${each.name}`, () => {
      expect(differences(each, frozen.cases[at] as Goldens['cases'][number])).toEqual([]);
    });

  it('equal ours: tails of distributions and the dataset rule', () => {
    expect(frozen.tails.length).toBeGreaterThan(200);
    expect(tailDifferences(frozen.tails)).toEqual([]);
    expect(datasetDifferences(frozen.datasets)).toEqual([]);
  });
});

describe('worked examples, computed with numpy and scipy', () => {
  const a = sequence(500, PHI, (x) => 10 * x);

  it('A: numbers of unequal size', () => {
    expectScores(
      a,
      sequence(400, ROOT, (x) => 10 * x * x + 0.5),
      {
        psi: 0.22212560752041,
        jensenshannon: 0.16521997332892,
        kl_div: 0.10741851492873,
        wasserstein: 0.4217586375826,
        ks: 1.20768450268e-8,
      },
    );
  });

  it('A2, A3, A4: the three ways to a p value', () => {
    const of = (n: number, shift: number) => {
      const { values } = sequence(n, ROOT, (x) => 10 * x + shift);
      return ksTest(a.values, values);
    };
    expect(of(400, 0.6).statistic).toBeCloseTo(0.066, 12);
    expect(of(400, 0.6).p).toBeCloseTo(0.27583628179235, 12);
    expect(of(500, 0.6).p).toBeCloseTo(0.22634729051392, 12);
    expect(of(10_001, 0.35).statistic).toBeCloseTo(0.03812078792121, 12);
    expect(of(10_001, 0.35).p).toBeCloseTo(0.4818361688585, 12);
  });

  it('B: numbers far off', () => {
    const current = sequence(1500, ROOT, (x) => 90 * x + 15);
    expectScores(
      sequence(2000, PHI, (x) => 100 * x),
      current,
      {
        psi: 0.73352054242655,
        jensenshannon: 0.22349797602746,
        kl_div: 0.56925169678682,
        wasserstein: 0.34625520977113,
      },
    );
  });

  it('C, D: categories, one of them never seen', () => {
    expectScores(counted({ a: 100, b: 100, c: 100 }), counted({ a: 60, b: 120, c: 60 }), {
      chisquare: 3.05902320502e-7,
      psi: 0.11552453009332,
      jensenshannon: 0.11984403015648,
      kl_div: 0.05663301226513,
    });
    expectScores(counted({ a: 60, b: 40 }), counted({ a: 50, b: 40, z: 10 }), {
      chisquare: 0,
      psi: 0.70831690804971,
      jensenshannon: 0.19218019454097,
      kl_div: 0.1085912944192,
    });
  });

  it('E: two shares', () => {
    expectScores(counted({ a: 60, b: 140 }), counted({ a: 66, b: 84 }), { z: 0.00692751797723 });
  });
});

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const column = fc.array(value, { minLength: 1, maxLength: 120 });
const numericMethods = ExactMethod.options.filter((method) => METHODS[method].kinds.includes('numeric'));
const scoreOf = (reference: Sample, current: Sample, method: ExactMethod) =>
  scoreColumn(reference, current, { method }).score ?? Number.NaN;

describe('what must hold of any data', () => {
  it('a column against itself has not drifted', () => {
    fc.assert(
      fc.property(column, (values) => {
        const sample = numericSample(values);
        for (const method of numericMethods)
          expect(scoreOf(sample, sample, method)).toBe(method === 'evidently.ks@0.7' ? 1 : 0);
        const categories = asCategories(sample);
        expect(scoreOf(categories, categories, 'evidently.chisquare@0.7')).toBe(1);
        expect(scoreOf(categories, categories, 'evidently.z@0.7')).toBe(1);
      }),
    );
  });

  it('the order of rows plays no part', () => {
    fc.assert(
      fc.property(column, column, fc.infiniteStream(fc.nat()), (one, two, lots) => {
        const shuffled = one
          .map((each) => [lots.next().value as number, each] as const)
          .sort(([left], [right]) => left - right)
          .map(([, each]) => each);
        const current = numericSample(two);
        for (const method of numericMethods)
          expect(scoreOf(numericSample(shuffled), current, method)).toBe(
            scoreOf(numericSample(one), current, method),
          );
      }),
    );
  });

  it('KS, W₁ without its norm, PSI and Jensen–Shannon are the same both ways', () => {
    fc.assert(
      fc.property(column, column, (one, two) => {
        const [left, right] = [numericSample(one), numericSample(two)];
        expect(ksTest(left.values, right.values).p).toBeCloseTo(ksTest(right.values, left.values).p, 12);
        // Of few distinct values on both sides, or of many, the bins are the same ones.
        const many = (values: number[]) => new Set(values).size > 20;
        if (many(one) !== many(two)) return;
        for (const method of ['evidently.psi@0.7', 'evidently.jensenshannon@0.7'] as const)
          expect(scoreOf(left, right, method)).toBeCloseTo(scoreOf(right, left, method), 9);
      }),
    );
  });

  it('scaling and shifting by powers of two changes no KS, PSI or Jensen–Shannon', () => {
    const small = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(small, small, fc.integer({ min: -8, max: 8 }), (one, two, power) => {
        const moved = (values: number[]) => numericSample(values.map((each) => each * 2 ** power));
        for (const method of [
          'evidently.ks@0.7',
          'evidently.psi@0.7',
          'evidently.jensenshannon@0.7',
        ] as const)
          expect(scoreOf(moved(one), moved(two), method)).toBe(
            scoreOf(numericSample(one), numericSample(two), method),
          );
      }),
    );
  });

  it('every score is within its bounds, and the exact p is that of counting all orders', () => {
    fc.assert(
      fc.property(column, column, (one, two) => {
        const [left, right] = [numericSample(one), numericSample(two)];
        expect(scoreOf(left, right, 'evidently.jensenshannon@0.7')).toBeLessThanOrEqual(
          Math.sqrt(Math.LN2) + 1e-12,
        );
        for (const method of numericMethods) expect(scoreOf(left, right, method)).toBeGreaterThanOrEqual(0);
        expect(scoreOf(left, right, 'evidently.ks@0.7')).toBeLessThanOrEqual(1);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.nat(), (n, m, pick) => {
        const orders = allOrders(n, m);
        const statistics = orders.map((order) => crossing(order, n, m));
        const at = pick % orders.length;
        const expected =
          statistics.filter((each) => each >= (statistics[at] as number)).length / orders.length;
        const side = (first: boolean) =>
          numericSample(
            (orders[at] as boolean[]).flatMap((isFirst, place) => (isFirst === first ? [place] : [])),
          );
        const { p } = ksTest(side(true).values, side(false).values);
        // Of 1, rounding may make more, which SciPy takes for a failure; what stands in for it is near 1 (ks.ts).
        if (expected === 1) expect(p).toBeGreaterThan(0.9);
        else expect(p).toBeCloseTo(expected, 12);
      }),
    );
  });
});

/** Every way to put n rows of one side and m of the other in order. */
function allOrders(n: number, m: number): boolean[][] {
  if (n + m === 0) return [[]];
  return [
    ...(n > 0 ? allOrders(n - 1, m).map((rest) => [true, ...rest]) : []),
    ...(m > 0 ? allOrders(n, m - 1).map((rest) => [false, ...rest]) : []),
  ];
}

/** |F − G| · n · m at its largest. */
function crossing(order: readonly boolean[], n: number, m: number): number {
  let [one, two, largest] = [0, 0, 0];
  for (const first of order) {
    if (first) one += 1;
    else two += 1;
    largest = Math.max(largest, Math.abs(one * m - two * n));
  }
  return largest;
}

describe('columns that cannot be scored', () => {
  const good = numericSample([1, 2, 3]);

  it('are told so in a sentence', () => {
    const nothing = numericSample([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(scoreColumn(nothing, good).problem).toContain('reference has no value');
    expect(scoreColumn(good, nothing).problem).toContain('current data has no value');
    expect(scoreColumn(good, categoricalSample(['a'])).problem).toContain('numeric in the reference');
    expect(scoreColumn(good, good, { method: 'evidently.z@0.7' }).problem).toContain('does not take numeric');
    const ends = numericSample([-1.7e308, 1.7e308, ...Array.from({ length: 30 }, (_, at) => at)]);
    for (const method of ['evidently.psi@0.7', 'evidently.wasserstein@0.7'] as const)
      expect(scoreColumn(ends, numericSample([5]), { method }).problem).toContain('too large');
  });

  it('one row, a constant and 10,000 categories are scored', () => {
    expect(scoreColumn(numericSample([1]), numericSample([1]))).toMatchObject({ score: 1, drifted: false });
    expect(scoreColumn(numericSample([1]), numericSample([2])).problem).toBeNull();
    const many = categoricalSample(Array.from({ length: 10_000 }, (_, at) => `c${at}`));
    expect(scoreColumn(many, many)).toMatchObject({ method: 'evidently.jensenshannon@0.7', score: 0 });
  });
});

describe('kinds, choices and pictures', () => {
  it('reads a column as Evidently does', () => {
    expect(columnKind('float', 100, 2)).toBe('numeric');
    expect(columnKind('integer', 100, 10)).toBe('categorical');
    expect(columnKind('integer', 100, 11)).toBe('numeric');
    expect(columnKind('boolean', 100, 2)).toBe('categorical');
    expect(columnKind('text', 100, 50)).toBe('categorical');
    expect(columnKind('text', 100, 51)).toBe('text');
  });

  it('a threshold of one’s own is used, and the size of the current side plays no part in the choice', () => {
    const [one, two] = [sequence(1000, PHI, (x) => x), sequence(5000, ROOT, (x) => x + 0.02)];
    expect(defaultMethod(one, two)).toBe('evidently.ks@0.7');
    expect(defaultMethod(two, one)).toBe('evidently.wasserstein@0.7');
    expect(scoreColumn(two, one)).toMatchObject({ drifted: false, threshold: 0.1 });
    expect(scoreColumn(two, one, { threshold: 0.01 })).toMatchObject({ drifted: true, threshold: 0.01 });
  });

  it('shows at most so many values, with all rows in them', () => {
    const [one, two] = [categoricalSample(letters(200)), categoricalSample(letters(120))];
    const bins = shownBins(binned(one, two) as NonNullable<ReturnType<typeof binned>>, 12);
    expect(bins).toHaveLength(12);
    // Squares modulo 97 have 49 values.
    expect(bins.at(-1)?.label).toBe('38 others');
    for (const side of ['reference', 'current'] as const)
      expect(bins.reduce((sum, bin) => sum + bin[side], 0)).toBeCloseTo(1, 12);
    const edges = binned(
      sequence(500, PHI, (x) => x),
      sequence(400, ROOT, (x) => x),
    );
    expect(shownBins(edges as NonNullable<typeof edges>)).toHaveLength(11);
  });

  it('orders text by code point, as the Z test’s first value needs', () => {
    const sample = categoricalSample(['\u{1f600}', '\uffee', 'a', '10', '9', '']);
    expect(binned(sample, sample)).toMatchObject({ values: ['', '10', '9', 'a', '\uffee', '\u{1f600}'] });
    const numbers = asCategories(numericSample([10, 9, 9]));
    expect(binned(numbers, numbers)).toMatchObject({ values: ['9', '10'] });
  });
});

const letters = (n: number): string[] => Array.from({ length: n }, (_, at) => `v${(at * at) % 97}`);
