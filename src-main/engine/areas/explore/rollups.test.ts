import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '../../data/database.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { planGroups } from './groups.rules.ts';
import { createRollupStore } from './rollup.store.ts';
import { buildRollups, type Step } from './rollup-build.ts';
import { allSeries, lineAsRead, packAll, packSome, rightLines } from './testing-lines.ts';

let context: TestContext;
let area: ReturnType<typeof createExperimentsArea>;
let experiment: string;
beforeEach(async () => {
  context = await openTestContext();
  area = createExperimentsArea(context);
  experiment = area.experiments.ensureExperiment('e');
});
afterEach(() => context.close());

const newRun = () => area.experiments.createRun({ experimentId: experiment, name: 'r', startedMs: 5 });
const seriesOf = () => context.db.prepare('SELECT id FROM series').pluck().all() as number[];
const packed = () => context.db.prepare('SELECT series_id, n FROM rollup_head').all() as { n: number }[];

type Point = { step: number; timestampMs: number; value: number };
function log(run: string, points: readonly Point[]): void {
  for (let at = 0; at < points.length; at += 1000)
    area.experiments.log(run, {
      metrics: points.slice(at, at + 1000).map((point) => ({ key: 'm', ...point })),
    });
}
/** A pseudo-random curve with some values that are no numbers; `late` of the timestamps jump back. */
function curve(from: number, count: number, seed: number, late: boolean): Point[] {
  return Array.from({ length: count }, (_, at) => {
    const step = from + at;
    const noise = ((step * 7919 + seed * 104_729) % 1000) / 1000;
    const odd = (step * 31 + seed) % 97;
    const value = odd === 0 ? Number.NaN : odd === 1 ? Number.POSITIVE_INFINITY : noise;
    return { step, timestampMs: 1000 + step * 10 - (late && odd === 2 ? 5000 : 0), value };
  });
}

/** However often it was added to, what is packed is what one go makes of all points. */
function expectPackedAsAtOnce(): void {
  const all = () => [
    context.db.prepare('SELECT * FROM rollup_head').all(),
    context.db.prepare('SELECT id, last_step, last_ts, hex(data) FROM rollup ORDER BY id').raw().all(),
  ];
  const found = all();
  context.db.exec('DELETE FROM rollup; DELETE FROM rollup_head');
  packAll(context.db);
  expect(all()).toEqual(found);
}

const seed = fc.integer({ min: 0, max: 1000 });
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 3000 }),
      seed,
      late: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stray' as const),
      at: fc.double({ min: -0.1, max: 1, noNaN: true }),
      count: fc.integer({ min: 1, max: 5 }),
      seed,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pack' as const), all: fc.boolean() }) },
);
const wanted = fc.record({
  axis: fc.constantFrom('step' as const, 'ts' as const),
  range: fc.option(
    fc.tuple(
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
    ),
  ),
  buckets: fc.integer({ min: 8, max: 900 }),
});

describe('a line read from packed points', () => {
  test('is what all points make, however they came and whatever was packed when', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 2, maxLength: 9 }),
        fc.array(wanted, { minLength: 3, maxLength: 3 }),
        (operations, looks) => {
          const run = newRun();
          let next = 0;
          const check = () => {
            for (const { axis, range, buckets } of looks) {
              const [least, most] = axis === 'step' ? [0, next] : [1000, 1000 + next * 10];
              const at = (share: number) => least + share * (most - least);
              const look = {
                from: range ? at(Math.min(...range)) : null,
                to: range ? at(Math.max(...range)) : null,
                buckets,
              };
              const line = lineAsRead(context.db, run, { kind: axis === 'step' ? 'step' : 'time' }, look);
              expect(rightLines(context.db, run, axis, look)).toContainEqual(line);
              expect(line.x.length).toBeLessThanOrEqual(buckets);
              expect(line.x.length).toBeGreaterThanOrEqual(
                Math.min(line.logged, buckets / 4) * 0.9 - line.notFinite,
              );
            }
          };
          log(run, curve(0, 50, 1, false));
          next = 50;
          for (const step of operations) {
            if (step.do === 'append') {
              log(run, curve(next, step.count, step.seed, step.late));
              next += step.count;
            } else if (step.do === 'stray')
              log(run, curve(Math.floor(step.at * next), step.count, step.seed + 1, true));
            else if (step.all) packAll(context.db);
            else packSome(context.db, allSeries(context.db));
            if (step.do !== 'append') check();
          }
          check();
          packAll(context.db);
          check();
          expectPackedAsAtOnce();
          context.db.exec('DELETE FROM point; DELETE FROM series');
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  test('shows a spike of one point among a million at every zoom, and nowhere else', () => {
    const run = newRun();
    log(run, [{ step: 0, timestampMs: 0, value: 0 }]);
    const [series] = seriesOf();
    const spike = 654_321;
    inTransaction(context.db, () => {
      context.db
        .prepare(
          `INSERT INTO point(series_id, step, ts, val, nan)
           WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 999999)
           SELECT ?, at, at * 1000, CASE at WHEN ${spike} THEN 1000 ELSE (at * 7919 % 1000) / 1000.0 END, 0 FROM n`,
        )
        .run(series);
      context.db.prepare('UPDATE series SET n = 1000000 WHERE id = ?').run(series);
    });
    packAll(context.db);
    const window = fc.tuple(
      fc.integer({ min: 0, max: 999_999 }),
      fc.double({ min: 0, max: 6, noNaN: true }),
      fc.integer({ min: 8, max: 2000 }),
    );
    fc.assert(
      fc.property(window, ([middle, width, buckets]) => {
        // Half of the windows have the spike in them.
        const centre = middle % 2 === 0 ? middle : spike;
        const [from, to] = [centre - 10 ** width / 3, centre + 10 ** width];
        const line = lineAsRead(context.db, run, { kind: 'step' }, { from, to, buckets });
        expect(Math.max(...line.max) === 1000).toBe(from <= spike && spike <= to);
        expect(line.x.every((x) => x >= from && x <= to)).toBe(true);
      }),
      { numRuns: 150 },
    );
    const whole = lineAsRead(context.db, run, { kind: 'time' }, { from: null, to: null, buckets: 500 });
    expect(Math.max(...whole.max)).toBe(1000);
    expect(whole.logged).toBe(1_000_000);
    // The first steps are there one by one, for a logarithmic axis.
    expect(whole.x.slice(0, 5)).toEqual([0, 1000, 2000, 3000, 4000]);
  }, 60_000);

  test('is told what was logged a moment ago', () => {
    const run = newRun();
    log(run, curve(0, 6000, 1, false));
    packAll(context.db);
    log(run, [{ step: 6000, timestampMs: 70_000, value: 123 }]);
    const line = lineAsRead(context.db, run, { kind: 'step' }, { from: null, to: null, buckets: 100 });
    expect([line.logged, line.x.at(-1), line.last.at(-1)]).toEqual([6001, 6000, 123]);
  });
});

describe('packed points', () => {
  test('go with their series', () => {
    const run = newRun();
    log(run, curve(0, 5000, 1, false));
    log(newRun(), curve(0, 5000, 2, false));
    packAll(context.db);
    const [first] = seriesOf();
    context.db.prepare('DELETE FROM point WHERE series_id = ?').run(first);
    context.db.prepare('DELETE FROM series WHERE id = ?').run(first);
    expect(packed()).toEqual([{ series_id: (first as number) + 1, n: 5000 }]);
    const left = context.db.prepare('SELECT MIN(id) AS low, COUNT(*) AS chunks FROM rollup').get() as {
      low: number;
      chunks: number;
    };
    expect(Math.floor(left.low / 2 ** 24)).toBe((first as number) + 1);
    expect(left.chunks).toBeGreaterThan(5);
  });

  test('are not written when the series has gone, or was packed otherwise, since they were worked out', () => {
    const run = newRun();
    log(run, curve(0, 5000, 1, false));
    const store = createRollupStore(context.db);
    const late = buildRollups(context.db, allSeries(context.db)).steps;
    packAll(context.db);
    log(run, curve(5000, 3000, 1, false));
    const [next] = buildRollups(context.db, allSeries(context.db)).steps;
    expect(store.put(late)).toEqual([false]);
    expect(packed()).toMatchObject([{ n: 5000 }]);
    expect(store.put([next as Step])).toEqual([true]);
    expect(packed()).toMatchObject([{ n: 8000 }]);
    context.db.exec('DELETE FROM point; DELETE FROM series');
    expect(store.put([{ ...(next as Step), was: null }])).toEqual([false]);
    expect(packed()).toEqual([]);
  });
});

describe('groups', () => {
  test('cover the range once, are at most as many as wanted, and stand at multiples of the unit', () => {
    const plan = fc.tuple(
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 8, max: 4000 }),
      fc.constantFrom(1, 16, 64, 4096),
      fc.boolean(),
    );
    fc.assert(
      fc.property(plan, ([a, b, most, unit, fromFirst]) => {
        const [from, to] = fromFirst ? [0, a] : [Math.min(a, b), Math.max(a, b)];
        const { ends, even } = planGroups(from, to, most, unit);
        expect(ends.length).toBeLessThanOrEqual(most);
        expect(ends.at(-1) ?? to).toBe(to);
        expect(ends.every((end, at) => end > (ends[at - 1] ?? from))).toBe(true);
        expect(ends.every((end) => end <= even || end === to || end % unit === 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
