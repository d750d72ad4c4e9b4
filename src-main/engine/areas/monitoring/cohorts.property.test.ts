import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Prediction } from '../../../platform/link.ts';
import type { Database } from '../../data/database.ts';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, recount, row, type World } from '../../testing-monitoring.ts';
import { addWindow, readWindows } from './cohort-read.ts';
import { addCohort, type CohortSums, emptyCohort, regressionSums } from './cohorts.rules.ts';
import { delaysOf, sumDelays } from './counts.rules.ts';
import { createFolding } from './fold.ts';

/** What is stored, in the words of the recount; sums of 0 are left out. */
function stored(
  { context: { db } }: World,
  numbers: ReadonlyMap<number, number>,
): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  for (const slice of db.prepare('SELECT DISTINCT slice FROM cohort').pluck().all() as number[]) {
    const times = { endpointId: 1, slice, fromMs: 0, toMs: NOW + DAY, version: null };
    const ofArms = emptyCohort('both');
    for (const arm of ['a', 'b']) {
      const range = { ...times, arm };
      const hours = readWindows(db, { ...range, sizeMs: HOUR, detail: 'both' });
      const whole = (window: (typeof hours)[number]) => {
        const sums = emptyCohort('both');
        addWindow(sums, window);
        return sums;
      };
      for (const window of hours)
        found[`${slice === 0 ? 0 : numbers.get(slice)} ${window.windowMs} ${arm}`] = named(whole(window));
      for (const dayMs of new Set(hours.map(({ windowMs }) => windowMs - (windowMs % DAY))))
        found[`${slice === 0 ? 0 : numbers.get(slice)} ${dayMs} ${arm} delays`] = delaysOn(
          db,
          slice,
          dayMs,
          arm,
        );
      // Days are the sum of their hours.
      const [byHour, byDay] = [emptyCohort('both'), emptyCohort('both')];
      for (const window of hours) addWindow(byHour, window);
      for (const window of readWindows(db, { ...range, sizeMs: DAY, detail: 'both' }))
        addWindow(byDay, window);
      expect(plain({ day: named(byDay) })).toEqual(plain({ day: named(byHour) }));
      addCohort(ofArms, byHour);
    }
    // All arms are the sum of each.
    const together = emptyCohort('both');
    for (const window of readWindows(db, { ...times, arm: null, sizeMs: HOUR, detail: 'both' }))
      addWindow(together, window);
    expect(plain({ all: named(together) })).toEqual(plain({ all: named(ofArms) }));
  }
  return found;
}

function named(sums: CohortSums): Record<string, number> {
  const { error: e, absolute: abs, squares: square, truth: y, truthSquares: ySquare } = regressionSums(sums);
  const { all, positive, negative, errors: _errors, ...rest } = sums;
  const counted: Record<string, number> = { ...rest, e, abs, square, y, ySquare };
  for (const [name, counts] of Object.entries({ all, positive, negative }))
    for (const [cell, n] of counts.entries()) counted[`${name} ${cell}`] = n;
  return counted;
}

/** Those of hours, and of the day once it is folded. */
function delaysOn(db: Database, slice: number, dayMs: number, arm: string): Record<string, number> {
  const parts = db
    .prepare(
      `SELECT delays FROM cohort_detail WHERE slice = :slice AND window_ms >= :dayMs AND window_ms < :dayMs + ${DAY} AND arm = :arm
         AND size_ms = ${HOUR} AND delays IS NOT NULL
       UNION ALL SELECT delays FROM cohort_fold WHERE slice = :slice AND day_ms = :dayMs AND arm = :arm AND delays IS NOT NULL`,
    )
    .pluck()
    .all({ slice, dayMs, arm }) as Buffer[];
  return Object.fromEntries([...delaysOf(sumDelays(...parts))].map(([cell, n]) => [String(cell), n]));
}

/** All that is over. */
function fold(db: Database): void {
  const folding = createFolding(db);
  while (folding.part());
}

/** Rounded, and without what is 0: doubles add up differently in another order. */
const plain = (sums: Record<string, Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(sums)
      .map(([key, each]): [string, Record<string, number>] => [
        key,
        Object.fromEntries(
          Object.entries(each)
            .filter(([name]) => !name.endsWith('Squares'))
            .map(([name, n]): [string, number] => [name, Number(n.toFixed(6))])
            .filter(([, n]) => n !== 0),
        ),
      ])
      .filter(([, each]) => Object.keys(each).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const SLICES = [
  { name: 'old', conditions: [{ feature: 'age', op: 'range' as const, from: 50, to: null }] },
  { name: 'gold or none', conditions: [{ feature: 'plan', op: 'in' as const, values: ['gold', 'none'] }] },
  { name: 'no age', conditions: [{ feature: 'age', op: 'missing' as const }] },
];
/** The same in plain words. */
const inside = (made: ReadonlySet<number>) => (features: Prediction['features']) =>
  [
    typeof features.age === 'number' && features.age >= 50,
    features.plan === 'gold' || features.plan === 'none',
    features.age === null || features.age === undefined,
  ].flatMap((is, at) => (is && made.has(at) ? [at + 1] : []));

const made = fc.record({
  score: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, noNaN: true })),
  label: fc.constantFrom(null, '0', '1'),
  arm: fc.constantFrom('a', 'b'),
  at: fc.integer({ min: 0, max: 6 * DAY }),
  unit: fc.constantFrom('u', 'v', null),
  age: fc.constantFrom(20, 60, null),
  plan: fc.constantFrom('basic', 'gold', 'none'),
});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('log' as const), at: fc.nat(11) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('label' as const),
      at: fc.nat(11),
      label: fc.constantFrom('0', '1', 'true', '12'),
      labelledMs: fc.integer({ min: NOW - 3 * DAY, max: NOW }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('entity' as const),
      unit: fc.constantFrom('u', 'v'),
      label: fc.constantFrom('0', '1'),
      atMs: fc.integer({ min: NOW - 6 * DAY, max: NOW }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fold' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slice' as const), at: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unslice' as const), at: fc.nat(2) }) },
);

it.each(['binary-classification', 'regression'])(
  'predictions, labels, relabels and slices in any order come to what a plain recount of %s gives',
  async (task) => {
    const world = await openWorld({ task });
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(made, { minLength: 12, maxLength: 12 }),
          fc.array(step, { maxLength: 40 }),
          async (rows, steps) => {
            const { db } = world.context;
            for (const { id } of world.slices.list(ENDPOINT)) world.slices.remove(id);
            await world.slices.settled();
            db.exec(
              'DELETE FROM prediction; DELETE FROM cohort; DELETE FROM cohort_detail; DELETE FROM cohort_fold',
            );
            const ids = new Map<number, string>();
            for (const each of steps) await take(world, ids, rows, each);
            await world.slices.settled();
            const numbers = new Map(
              [...ids].map(([at, id]) => [
                Number(db.prepare('SELECT number FROM slice WHERE id = ?').pluck().get(id)),
                at + 1,
              ]),
            );
            expect(plain(stored(world, numbers))).toEqual(
              plain(recount(world, task, inside(new Set(ids.keys())))),
            );
            expect(db.prepare('SELECT count(*) FROM slice').pluck().get()).toBe(ids.size);
          },
        ),
        { numRuns: 40 },
      );
    } finally {
      await world.close();
    }
  },
  60_000,
);

async function take(
  { monitoring, slices, context }: World,
  ids: Map<number, string>,
  rows: readonly (typeof made extends fc.Arbitrary<infer Row> ? Row : never)[],
  each: typeof step extends fc.Arbitrary<infer Step> ? Step : never,
): Promise<void> {
  if (each.do === 'log') {
    const { at, unit, age, plan, ...rest } = rows[each.at] as (typeof rows)[number];
    const eventMs = NOW - 6 * DAY + at;
    await monitoring.ingest([row(`r${each.at}`, { ...rest, unit, eventMs, features: { age, plan } })]);
  } else if (each.do === 'label')
    await monitoring.label([{ predictionId: `r${each.at}`, label: each.label, labelledMs: each.labelledMs }]);
  else if (each.do === 'entity') {
    const { unit: entity, label, atMs } = each;
    await monitoring.label([
      { endpointId: 1, entity, label, atMs, withinMs: 12 * HOUR, labelledMs: atMs, source: 'test' },
    ]);
  } else if (each.do === 'slice') {
    const slice = SLICES[each.at];
    if (slice && !ids.has(each.at)) ids.set(each.at, slices.create({ endpoint: ENDPOINT, ...slice }).id);
  } else if (each.do === 'fold') fold(context.db);
  else {
    const id = ids.get(each.at);
    ids.delete(each.at);
    if (id !== undefined) expect(slices.remove(id)).toBe(true);
  }
}

const claim = fc.record({
  label: fc.constantFrom('0', '1'),
  by: fc.constantFrom('id', 'entity'),
});

it('labels of one prediction, some again and some by entity, end the same in whatever order they come', async () => {
  const world = await openWorld();
  const { db } = world.context;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(claim, { minLength: 2, maxLength: 6 }).chain((claims) => {
          const dated = claims.map((each, at) => ({ ...each, labelledMs: NOW - DAY + at * HOUR }));
          const any = fc.shuffledSubarray(dated, { minLength: dated.length });
          return fc.tuple(any, any);
        }),
        async (orders) => {
          const ends = [];
          for (const order of orders) {
            db.exec(
              'DELETE FROM prediction; DELETE FROM cohort; DELETE FROM cohort_detail; DELETE FROM cohort_fold',
            );
            await world.monitoring.ingest([row('one', { unit: 'u', eventMs: NOW - 2 * DAY })]);
            for (const { label, by, labelledMs } of order)
              await world.monitoring.label([
                by === 'id'
                  ? { predictionId: 'one', label, labelledMs, source: 'test' }
                  : // All about the same thing.
                    {
                      ...{ endpointId: 1, entity: 'u', atMs: NOW - DAY, withinMs: 2 * DAY },
                      ...{ label, labelledMs, source: 'test' },
                    },
              ]);
            ends.push({
              row: db.prepare('SELECT truth, truth_ms, truth_by, entity_ms FROM prediction').get(),
              sums: plain(stored(world, new Map())),
            });
          }
          expect(ends[0]).toEqual(ends[1]);
          expect(ends[0]?.sums).toEqual(plain(recount(world, 'binary-classification', () => [])));
        },
      ),
      { numRuns: 100 },
    );
  } finally {
    await world.close();
  }
}, 60_000);
