/** What is told over time, from panes that a test can count by hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Series, SeriesQuery } from '../../../contract/monitoring-series.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { baselineOf, binCounts, chiSquareP, jensenShannon, nextUp, psi, scoresOf } from './drift.rules.ts';
import { findingOf, type Shares } from './findings.rules.ts';
import type { MonitoringService } from './monitoring.service.ts';
import { type FeatureProfile, referenceCounts } from './profile.rules.ts';
import { blockOf, chunkOf, FACTS, type Row, record, watch } from './testing-watch.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = 20_000 * DAY;

let context: TestContext;
let service: MonitoringService;
let seq = 0;
beforeEach(async () => {
  context = await openTestContext();
  service = watch(context);
  seq = 0;
});
afterEach(async () => {
  service.close();
  await context.close();
});

const take = (rows: readonly Row[], arm = 'a') =>
  service.ingestTap([chunkOf(++seq, blockOf(rows, [], 'r', arm))]);
const ask = (series: SeriesQuery['series'], part: Partial<SeriesQuery> = {}): Promise<Series> =>
  service.series({ endpoint: 'e', series, per: 'hour', ...part });
/** n rows in an hour, of x spread evenly as in the reference. */
const even = (hour: number, n: number, shift = 0): Row[] =>
  Array.from({ length: n }, (_, at) => ({
    ...{
      atMs: T + hour * HOUR + at,
      x: ((at + 0.5) * 10) / n + shift,
      c: at % 10 < 6 ? 'a' : 'b',
      score: (at + 0.5) / n,
    },
  }));

describe('series', () => {
  it('of volume are each window’s own rows, with zeros between', async () => {
    await take(even(0, 20));
    await take(even(3, 5), 'b');
    const { points, span, unit } = await ask({ of: 'volume' });
    expect([span, unit]).toEqual([1, 'count']);
    expect(points.map(({ value, complete }) => [value, complete])).toEqual([
      [20, true],
      [0, true],
      [0, true],
      [5, false],
    ]);
    expect((await ask({ of: 'volume' }, { arm: 'b' })).points).toMatchObject([{ value: 5 }]);
    expect((await ask({ of: 'volume' }, { fromMs: T + HOUR })).points).toMatchObject([{ value: 5 }]);
  });

  it('of a mean stand for the span, with the interval of sampling', async () => {
    await take([
      { atMs: T, x: 2 },
      { atMs: T + HOUR, x: 4 },
      { atMs: T + HOUR, x: null },
    ]);
    await take([{ atMs: T + 30 * HOUR, x: 9 }]);
    const { points, reference } = await ask({ of: 'mean', feature: 'x' });
    expect(reference).toBe(5);
    // 24 hours: the last point stands alone. s = √2, ± 1.96 · √2 / √2.
    expect(points.map(({ value, n }) => [value, n])).toEqual([
      [2, 1],
      [3, 2],
      [9, 1],
    ]);
    expect(points[1]?.low).toBeCloseTo(3 - 1.959963984540054, 12);
    expect(points[1]?.high).toBeCloseTo(3 + 1.959963984540054, 12);
    expect(points[0]).toMatchObject({ low: null, high: null });
  });

  it('of quality have Wilson’s interval', async () => {
    await take(Array.from({ length: 20 }, (_, at) => ({ atMs: T + at, x: at < 10 ? null : 3, c: 'new' })));
    const missing = await ask({ of: 'quality', feature: 'x', measure: 'missing' });
    expect(missing.points[0]?.value).toBe(0.5);
    expect(missing.points[0]?.low).toBeCloseTo(0.299298, 5);
    const unseen = await ask({ of: 'quality', feature: 'c', measure: 'unseen' }, { per: 'minute' });
    expect(unseen.points).toMatchObject([{ value: 1, n: 20 }]);
  });

  it('of drift have a level from the first whole span on, and rows enough', async () => {
    for (let hour = 0; hour < 30; hour++) await take(even(hour, 50, hour >= 24 ? 4 : 0));
    const drift = await ask({ of: 'drift', feature: 'x', method: 'lathe.psi.frozen@1' });
    const levels = drift.points.map(({ level }) => level);
    expect(levels.slice(0, 23)).toEqual(Array(23).fill('too-few'));
    expect([levels[23], levels.at(-1)]).toEqual(['stable', 'large']);
    expect(drift).toMatchObject({ minN: 339, warnAt: 0.1, alertAt: 0.25, reference: 0, version: '1' });
    // More rows, a narrower band; what moved lies far beyond it.
    const [few, whole, moved] = [drift.points[0], drift.points[23], drift.points.at(-1)];
    expect([few?.n, whole?.n]).toEqual([50, 1_200]);
    expect((few?.chance ?? 0) / (whole?.chance ?? 1)).toBeGreaterThan(1);
    expect(whole?.chance).toBeGreaterThan(whole?.value ?? 1);
    expect(moved?.chance).toBeLessThan((moved?.value ?? 0) / 5);
    // The newest window is not over.
    expect(drift.points.map(({ complete }) => complete).indexOf(false)).toBe(29);
    const share = await ask({ of: 'drifted-share' });
    expect([share.points[22]?.value, share.points[23]?.value, share.points.at(-1)?.value]).toEqual([
      null,
      0,
      0.5,
    ]);
    const p = await ask({ of: 'drift', feature: 'x', method: 'lathe.chi2.frozen@1' });
    expect(p).toMatchObject({ reference: 1, good: 'higher' });
    expect(p.points.at(-1)).not.toHaveProperty('chance');
    expect(p.points.at(-1)?.level).toBe('large');
    const ks = await ask({ of: 'drift', feature: 'c', method: 'lathe.ks.frozen@1' });
    expect(ks.points.at(-1)).toMatchObject({ value: null, level: null });
    // Every window size gives the same counts where it covers the same rows.
    const day = await service.feature({ endpoint: 'e', feature: 'x' });
    expect(day.scores).toHaveLength(4);
    expect(day.windows[0]?.score.n).toBe(1_200);
    expect(day.overTime.map(({ n }) => n)).toEqual([1_200]);
  });

  it('of the drifted share are of the inputs with rows enough, as the list of endpoints counts', async () => {
    for (let hour = 0; hour < 25; hour++) await take(even(hour, 10).map((one) => ({ ...one, c: 'b' })));
    const rows = (feature: string) => ask({ of: 'drift', feature, method: 'lathe.psi.frozen@1' });
    const [x, c] = [await rows('x'), await rows('c')];
    expect([x.minN > 240, c.minN < 240]).toEqual([true, true]);
    expect([x.points[23]?.level, c.points[23]?.level]).toEqual(['too-few', 'large']);
    expect((await ask({ of: 'drifted-share' })).points[23]).toMatchObject({ value: 1 });
  });

  it('see rows that come late', async () => {
    for (const hour of [0, 1, 2]) await take(even(hour, 10));
    const before = await ask({ of: 'mean', feature: 'x' });
    await take(even(1, 10, 10));
    const after = await ask({ of: 'mean', feature: 'x' });
    expect(after.points.map(({ n }) => n)).toEqual([10, 30, 40]);
    expect(after.points[0]).toEqual(before.points[0]);
  });

  it('are compared with the reference that is named', async () => {
    service.close();
    const other = structuredClone(FACTS.reference) as {
      features: { counts?: number[]; categories?: unknown }[];
    };
    (other.features[0] as { counts: number[] }).counts = [1_000, ...Array(9).fill(0)];
    service = watch(context, {
      reference: (_model, _version, id) =>
        id === undefined || id === 'last-week'
          ? { id: 'last-week', title: 'last week', profile: other }
          : null,
    });
    for (let hour = 0; hour < 24; hour++) await take(even(hour, 50));
    await take(even(24, 1));
    const drift = await ask(
      { of: 'drift', feature: 'x', method: 'lathe.psi.frozen@1' },
      { reference: 'last-week' },
    );
    expect(drift.notes[0]).toContain('last week');
    // The bins are those of the grid, so nine of ten are empty in this one.
    expect(drift.points[23]?.level).toBe('large');
    await expect(ask({ of: 'volume' }, { reference: 'nobody' })).rejects.toThrow('no reference named nobody');
  });

  it('are refused where there is nothing of the kind', async () => {
    await take(even(0, 5));
    await expect(ask({ of: 'drift', feature: 'y', method: 'lathe.psi.frozen@1' })).rejects.toThrow(
      'watched feature',
    );
    await expect(ask({ of: 'mean', feature: 'x' }, { slice: 's' })).rejects.toMatchObject({
      code: 'LATHE_INPUT_INVALID',
    });
    await expect(ask({ of: 'business', metric: 'm' })).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
    await expect(ask({ of: 'volume' }, { endpoint: 'nobody' })).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
  });

  it('come from the area that adds them', async () => {
    const made = { series: { of: 'business', metric: 'm' }, points: [] } as unknown as Series;
    service.addSeries('business', async () => made);
    service.addSeries('volume', async () => made);
    expect(await ask({ of: 'business', metric: 'm' })).toBe(made);
    // Of volume, what is by slice.
    expect(await ask({ of: 'volume' }, { slice: 's' })).toBe(made);
    expect(await ask({ of: 'volume' })).not.toBe(made);
  });

  it('are empty without rows, and without a reference have volume only', async () => {
    expect(await ask({ of: 'mean', feature: 'x' })).toMatchObject({ points: [] });
    service.close();
    service = watch(context, { grid: () => null, endpoints: () => [record] });
    await take(even(0, 5));
    expect((await ask({ of: 'volume' })).points).toMatchObject([{ value: 5 }]);
    expect(await service.quality({ endpoint: 'e' })).toMatchObject({ features: [], countedOnly: 5 });
  });
});

describe('scores', () => {
  // Computed with numpy and scipy from the same formulas.
  const C = [
    [100, 100, 100],
    [60, 120, 60],
  ] as const;
  const D = [
    [60, 40, 0],
    [50, 40, 10],
  ] as const;
  it('equal the reference implementations', () => {
    expect(jensenShannon(...D)).toBeCloseTo(0.2308319381881, 12);
    // Base e there: the distance is √ln 2 times as large here.
    expect(jensenShannon(...C) * Math.sqrt(Math.LN2)).toBeCloseTo(0.11984403015648, 12);
    expect(chiSquareP(...C)).toBeCloseTo(4.66405772889e-4, 14);
    expect(psi(...C)).toBeCloseTo(0.11552453009332, 12);
  });

  it('have no opinion on nothing', () => {
    for (const [left, right] of [
      [
        [0, 0],
        [1, 2],
      ],
      [
        [1, 2],
        [0, 0],
      ],
    ] as const) {
      expect([psi(left, right), jensenShannon(left, right), chiSquareP(left, right)]).toEqual([0, 0, 1]);
    }
    expect(chiSquareP([5], [7])).toBe(1);
  });

  it('bound the Kolmogorov–Smirnov distance by the heaviest cell', () => {
    const values = (n: number, of: (u: number) => number) =>
      Array.from({ length: n }, (_, at) => of((at + 0.5) / n));
    const reference = values(2_000, (u) => u * u);
    const edges = [...new Set(values(65, (u) => ((65 * u - 0.5) / 64) ** 2))];
    const cellOf = (x: number) => edges.findLastIndex((edge) => edge <= x);
    const cells = (of: number[]) => {
      const made = new Array<number>(edges.length - 1).fill(0);
      for (const x of of) made[Math.min(made.length - 1, cellOf(x))]! += 1;
      return made;
    };
    const profile: FeatureProfile = {
      ...{
        kind: 'numeric',
        name: 'x',
        edges,
        counts: cells(reference),
        below: 0,
        above: 0,
        missing: 0,
        mean: null,
      },
    };
    const baseline = baselineOf(profile);
    for (const shape of [(u: number) => u, (u: number) => u ** 3, (u: number) => 0.2 + 0.3 * u]) {
      const live = values(777, shape);
      const counts = [0, ...cells(live), 0, 0, 0, 0];
      const { ks } = scoresOf(baseline, counts, binCounts(baseline, counts));
      const share = (of: number[], x: number) => of.filter((each) => each <= x).length / of.length;
      const exact = Math.max(
        ...[...reference, ...live].map((x) => Math.abs(share(reference, x) - share(live, x))),
      );
      expect(ks as number).toBeLessThanOrEqual(exact + 1e-3);
      expect(exact).toBeLessThanOrEqual((ks as number) + baseline.ksBound + 1e-3);
    }
    expect(scoresOf(baseline, referenceCounts(profile), baseline.reference).ks).toBeCloseTo(0, 12);
  });

  it('know the next double', () => {
    expect(nextUp(1)).toBe(1 + Number.EPSILON);
    expect(nextUp(-Number.MIN_VALUE)).toBe(-0);
    expect(nextUp(0)).toBe(Number.MIN_VALUE);
  });
});

describe('findings', () => {
  const shares = (part: Partial<Shares>): Shares => ({
    ...{ feature: 'x', kind: 'numeric', n: 1_000, missing: 0, notFinite: 0, wrongType: 0, outOfRange: 0 },
    ...{ unseen: 0, referenceMissing: 0, referenceOutOfRange: 0, constant: false, ...part },
  });
  it.each([
    [{}, null],
    [{ n: 29, missing: 1 }, null],
    [{ missing: 1 }, 'critical: It is missing in all rows.'],
    [
      { missing: 0.05, referenceMissing: 0.01 },
      'warning: It is missing in 5 % of the rows; in the reference, in 1 %.',
    ],
    // So much was missing in the reference too.
    [{ missing: 0.05, referenceMissing: 0.049 }, null],
    [{ missing: 1, referenceMissing: 1 }, null],
    // NaN is how a missing value is sent: `missing` has it already.
    [{ notFinite: 0.2, missing: 0.2, referenceMissing: 0.2 }, null],
    [{ notFinite: 0.21, missing: 0.21, referenceMissing: 0.2 }, null],
    [
      { notFinite: 0.45, missing: 0.45, referenceMissing: 0.2 },
      'critical: It is missing in 45 % of the rows; in the reference, in 20 %.',
    ],
    // What was missing still is: these are others.
    [
      { notFinite: 0.06, missing: 0.26, referenceMissing: 0.2 },
      'critical: 6 % of its values are infinite or not a number; in the reference at most 20 % are.',
    ],
    [
      { notFinite: 0.01, missing: 0.012, referenceMissing: 0.002, n: 100_000 },
      'warning: 1 % of its values are infinite or not a number; in the reference at most 0.2 % are.',
    ],
    [{ notFinite: 0.06 }, 'critical: 6 % of its values are infinite or not a number.'],
    [{ notFinite: 0.2 }, 'critical: 20 % of its values are infinite or not a number.'],
    [
      { wrongType: 0.0005 },
      'warning: under 0.1 % of its values have the wrong type: each should be a number.',
    ],
    [
      { unseen: 0.5, kind: 'categorical' },
      'critical: 50 % of its values are categories that the reference does not have.',
    ],
    [{ outOfRange: 0.1 }, 'warning: 10 % of its values lie outside the range of the reference.'],
    [{ constant: true }, 'warning: All rows have the same value; the reference has several.'],
    // The gravest is told.
    [
      { constant: true, notFinite: 0.002, outOfRange: 0.9 },
      'critical: 90 % of its values lie outside the range of the reference.',
    ],
  ] as [Partial<Shares>, string | null][])('of %o', (part, told) => {
    const finding = findingOf(shares(part));
    expect(finding && `${finding.level}: ${finding.text}`).toBe(told);
  });
});
