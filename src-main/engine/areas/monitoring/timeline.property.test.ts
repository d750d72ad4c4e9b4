/** What charts read the quick way is what adding all of it up anew gives, bit for bit. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { THRESHOLDS } from '../../../contract/monitoring-series.ts';
import { openTestContext } from '../../testing.ts';
import { createBinsBacklog } from './bins-backlog.ts';
import { binCounts, PSI_METHOD, psi, psiWarns, scoresOf } from './drift.rules.ts';
import { deviation, emptyPane, encodeCounts, type Moments, packPanes, totalOf } from './pane.rules.ts';
import { createPanesStore } from './panes.store.ts';
import { layoutsOf, planOf, type WatchPlan } from './plans.ts';
import { type BinnedMethod, SCORE_FIELDS } from './scores.rules.ts';
import { FACTS } from './testing-watch.ts';
import { cellsOf, FIELDS, fact, type Timeline, timelineOf } from './timeline.rules.ts';
import { run } from './timeline-job.ts';

const HOUR = 3_600_000;
const T = 20_000 * 24 * HOUR;
const SPAN = 4;
const WINDOWS = 12;
const plan = planOf(FACTS);

const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(200), fc.nat(2 ** 30));
/** Of twenty cells, more than any grid here has, mostly the first few. */
const counts = fc.oneof(
  fc.array(count, { maxLength: 8 }),
  fc.array(count, { maxLength: 20 }),
  fc.array(fc.integer({ min: 100, max: 2 ** 30 }), { minLength: 8, maxLength: 8 }),
);
const moments: fc.Arbitrary<Moments> = fc.record({
  sum: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  squares: fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 }), { freq: 9 }),
  min: fc.double({ noNaN: true, min: -9, max: 0 }),
  max: fc.double({ noNaN: true, min: 0, max: 9 }),
});

const noMoments = (): Moments => ({
  ...{ sum: 0, squares: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
});
const plus = (a: Moments, b: Moments): Moments => ({
  sum: a.sum + b.sum,
  squares: a.squares === null || b.squares === null ? null : a.squares + b.squares,
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});

it('of a feature: each span’s facts are those of its panes', () => {
  const pane = fc.record({ window: fc.nat(WINDOWS - 1), counts, moments, wide: fc.boolean() });
  fc.assert(
    fc.property(
      fc.constantFrom(...plan.features),
      fc.array(pane, { maxLength: 40 }),
      fc.uniqueArray(fc.nat(WINDOWS - 1)),
      ({ grid, baseline }, unsorted, asked) => {
        const panes = unsorted.toSorted((a, b) => a.window - b.window);
        const windows = asked.sort((a, b) => a - b);
        const timeline = timelineOf({ cells: cellsOf(grid), baseline }, windows, SPAN, true);
        for (const { window, counts, moments, wide } of panes) {
          const stored = wide
            ? new Uint8Array(Uint32Array.from(counts).buffer)
            : encodeCounts(Uint32Array.from(counts));
          // Within a blob of others'.
          const blob = new Uint8Array([9, 9, ...stored, 9]);
          const at = { form: wide ? 0 : 1, counts: blob, from: 2, to: 2 + stored.length };
          timeline.add(window, { ...moments, ...at });
        }
        const { facts, spanBins, ownBins } = timeline.done();

        // A pane with more cells is of another grid. As u32s, empty cells are there too.
        const own = panes.filter(
          ({ counts, wide }) => (wide ? counts.length : counts.findLastIndex((n) => n > 0) + 1) <= grid.size,
        );
        const sumOf = (of: typeof own) => {
          const all = new Float64Array(grid.size);
          for (const { counts } of of)
            for (const [cell, n] of counts.entries())
              if (cell < grid.size) all[cell] = (all[cell] as number) + n;
          return all;
        };
        for (const [at, window] of windows.entries()) {
          const inSpan = own.filter((each) => each.window <= window && each.window > window - SPAN);
          const all = sumOf(inSpan);
          const n = totalOf(all);
          const byWindow = [...new Set(inSpan.map((each) => each.window))].map((each) =>
            inSpan
              .filter(({ window }) => window === each)
              .reduce((sum, { moments }) => plus(sum, moments), noMoments()),
          );
          const of = byWindow.reduce(plus, noMoments());
          const numeric = grid.kind === 'numeric';
          const absent = numeric
            ? [grid.missing, grid.notFinite, grid.wrongType]
            : [grid.missing, grid.wrongType];
          const present = n - absent.reduce((sum, cell) => sum + (all[cell] as number), 0);
          const binned = binCounts(baseline, all);
          const { psi, js, ks, chi2 } = scoresOf(baseline, all, binned);
          expect(facts.subarray(at * FIELDS.length, (at + 1) * FIELDS.length)).toEqual(
            Float64Array.of(
              ...[n, present, psi, js, ks ?? Number.NaN, chi2],
              numeric && present > 0 ? of.sum / present : Number.NaN,
              (numeric ? deviation(of, present, grid.origin) : null) ?? Number.NaN,
              all[grid.missing] as number,
              numeric ? (all[grid.notFinite] as number) : 0,
              all[grid.wrongType] as number,
              numeric ? (all[0] as number) + (all[grid.above] as number) : 0,
              numeric ? 0 : (all[grid.unseen] as number),
              ...[of.min, of.max, all.filter((count) => count > 0).length],
            ),
          );
          const bins = baseline.bins.length;
          expect(spanBins?.subarray(at * bins, (at + 1) * bins)).toEqual(binned);
          const alone = binCounts(baseline, sumOf(own.filter((each) => each.window === window)));
          expect(ownBins?.subarray(at * bins, (at + 1) * bins)).toEqual(alone);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('tells whether a population stability index reaches its threshold', () => {
  const bins = fc.array(fc.nat(60), { minLength: 13, maxLength: 13 });
  const { warnAt } = THRESHOLDS[PSI_METHOD];
  fc.assert(
    fc.property(bins, bins, fc.nat(30), (reference, drawn, mix) => {
      // Near the reference, so that many lie about the threshold.
      const current = reference.map((count, bin) => mix * count + (drawn[bin] as number));
      expect(psiWarns(reference, current)).toBe(psi(reference, current) >= warnAt ? 1 : 0);
    }),
    { numRuns: 3_000 },
  );
});

/** Versions: one more with the same cells of which x is binned otherwise, and one where x is on another grid. */
function versions(): Record<string, WatchPlan> {
  const withX = (x: object): WatchPlan => {
    const facts = structuredClone(FACTS);
    Object.assign((facts.reference as { features: object[] }).features[0] as object, x);
    return planOf(facts);
  };
  return {
    1: plan,
    2: withX({ counts: [910, ...Array(9).fill(10)] }),
    3: withX({ edges: Array.from({ length: 31 }, (_, at) => at / 3), counts: Array(30).fill(40) }),
  };
}

it('of all features: scores from bins are those from panes, however late these came and whatever is not binned', async () => {
  const plans = versions();
  const features = plan.features.map((feature) => ({
    ...feature,
    cells: cellsOf(feature.grid),
    ...{ binOfCell: feature.baseline.binOfCell, reference: feature.baseline.reference },
    versions: feature.name === 'x' ? ['1', '2'] : ['1', '2', '3'],
  }));
  const change = fc.record({
    // Few, so that many come to the same.
    window: fc.nat(4),
    arm: fc.constantFrom('a', 'b'),
    version: fc.constantFrom('1', '2', '3'),
    counts: fc.tuple(counts, counts, counts),
    /** A feature that is not counted, and whether the plan is known when it is rolled up. */
    without: fc.option(fc.nat(2)),
    known: fc.boolean(),
  });
  type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;
  const context = await openTestContext();
  const { db } = context;
  try {
    const store = createPanesStore(db);
    // So far apart that panes of minutes are in several blobs.
    const ids = plan.features.map((_, at) => 1 + 10 * at);
    const others = Array.from({ length: 9 }, (_, at) => `other ${at}`);
    store.know(plan.features.flatMap(({ name }, at) => [name, ...others.map((other) => `${other} ${at}`)]));
    const layouts = (_endpointId: number, version: string) => layoutsOf(plans[version] as WatchPlan);
    const add = ({ window, arm, version, counts, without, known }: Change) => {
      const place = { endpointId: 1, arm, version, windowMs: T + window * HOUR };
      const panes = (plans[version] as WatchPlan).features.map(({ name, grid }, at) => {
        const pane = emptyPane(version === '3' ? grid.size : 20);
        pane.counts.set((counts[at] as number[]).slice(0, pane.counts.length));
        return { id: ids[at] as number, feature: name, pane };
      });
      if (without !== null) panes.splice(without, 1);
      const rows = { rows: 1, skewed: 0, unlogged: 0 };
      const binned = known ? layouts(1, version) : new Map();
      store.addRows('minute', place, rows);
      store.addMinute(place, [packPanes(panes)], binned);
      store.addRows('hour', place, rows);
      store.addPanes('hour', place, panes, binned);
    };
    const compare = (arm: string | null) => {
      const windows = Array.from({ length: WINDOWS }, (_, at) => T + at * HOUR);
      for (const per of ['hour', 'minute'] as const) {
        const input = { endpointId: 1, per, arm, windows, spanMs: SPAN * HOUR, features };
        const timelines = run(db, { job: 'timelines', input: { ...input, withBins: false } })
          .result as Timeline[];
        const facts = timelines.map(({ facts }) =>
          windows.map((_, at) => facts.subarray(at * FIELDS.length, (at + 1) * FIELDS.length)),
        );
        for (const [method, field] of [
          [PSI_METHOD, 'psi'],
          ['lathe.js.frozen@1', 'js'],
          ['lathe.chi2.frozen@1', 'chi2'],
          ['psi-warns', 'psi'],
        ] as const satisfies [BinnedMethod, string][]) {
          const scores = run(db, { job: 'scores', input: { ...input, method } }).result as Float64Array;
          const expected = windows.flatMap((_, at) =>
            facts.flatMap((each) => {
              const value = fact(each[at] as Float64Array, field);
              const score = method === 'psi-warns' ? Number(value >= THRESHOLDS[PSI_METHOD].warnAt) : value;
              return [fact(each[at] as Float64Array, 'n'), score];
            }),
          );
          expect(scores).toHaveLength(WINDOWS * features.length * SCORE_FIELDS);
          expect(scores).toEqual(Float64Array.from(expected));
        }
      }
    };
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 20 }),
        fc.array(change, { maxLength: 5 }),
        fc.nat(3),
        fc.constantFrom(null, 'a'),
        (early, late, unbinned, arm) => {
          for (const table of ['window_pane', 'window_rows', 'bin_chunk', 'minute_pane'])
            db.exec(`DELETE FROM ${table}`);
          early.forEach(add);
          // As windows that were counted before bins were.
          db.prepare('DELETE FROM bin_chunk WHERE rowid % 3 < ?').run(unbinned);
          // As blobs of minutes that have all features.
          db.prepare('UPDATE minute_pane SET part = -1 WHERE part = ?').run(unbinned);
          compare(arm);
          late.forEach(add);
          compare(arm);
          const backlog = createBinsBacklog(db, store, layouts);
          while (backlog.part());
          expect(store.placesAfter(null, 1_000).filter(({ binned }) => !binned)).toEqual([]);
          compare(arm);
        },
      ),
      { numRuns: 100 },
    );
  } finally {
    await context.close();
  }
});
