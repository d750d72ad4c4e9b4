/** A feature by slice, from rows that are really logged, hot and in files. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SliceCondition } from '../../../contract/slices.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { putRows, rawLogOn, type TestRow } from '../../testing-log.ts';
import type { RawLog } from '../raw-log/index.ts';
import { psi } from './drift.rules.ts';
import type { SlicedSeries } from './slice-scores-job.ts';
import { watch } from './testing-watch.ts';

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 0, 1);
const DRIFT: SlicedSeries = { of: 'drift', feature: 'x', method: 'lathe.psi.frozen@1' };
const slice = (name: string, value: string) => ({
  name,
  conditions: [{ feature: 'c', op: 'in', values: [value] }] satisfies SliceCondition[],
});
const SLICES = [slice('only a', 'a'), slice('only b', 'b'), slice('nobody', 'z')];

let context: TestContext;
let service: ReturnType<typeof watch>;
let rawLog: RawLog;
beforeEach(async () => {
  context = await openTestContext();
  service = watch(context);
  rawLog = rawLogOn(context);
});
afterEach(async () => {
  service.close();
  await rawLog.close();
  await context.close();
});

/** 600 rows of a day: those of `a` lie in the lower half of x, those of `b` are as the reference is. */
const rows = (eventMs: number): TestRow[] =>
  Array.from({ length: 600 }, (_, at) => {
    const [c, x] = at % 2 === 0 ? ['a', ((at / 2) % 50) / 10] : ['b', (((at - 1) / 2) % 100) / 10];
    return { features: { x: at % 20 === 0 ? null : x, c }, eventMs: eventMs + at, score: at / 600 };
  });
const ask = (series: SlicedSeries, limitMs = 60_000) =>
  service.sliceScores({
    ...{ endpoint: 'e', series, per: 'day', arm: null, queryOf: rawLog.queryOf },
    ...{ windowMs: T0 + 6 * DAY, slices: SLICES, limitMs },
  });

it('says in which slice an input drifted, on the frozen bins, over the span and no further', async () => {
  putRows(context, rows(T0));
  await rawLog.moveAll();
  putRows(context, rows(T0 + 6 * DAY));
  // Neither rows of before the span nor of after it count.
  for (const away of [-DAY, 7 * DAY])
    putRows(context, Array(500).fill({ features: { x: 99, c: 'b' }, eventMs: T0 + away }));

  const [a, b, nobody] = (await ask(DRIFT)) ?? [];
  // Below, ten tenths, above, missing: of 600 rows of `a` 60 are missing, and 540 lie evenly in the lower five.
  const reference = [0, ...Array(10).fill(100), 0, 0];
  const counts = [0, ...Array(5).fill(108), ...Array(5).fill(0), 0, 60];
  expect(a).toMatchObject({ name: 'only a', n: 600, tooFew: false, apart: true });
  expect(a?.value).toBeCloseTo(psi(reference, counts), 9);
  expect(a?.rest).toBeCloseTo(psi(reference, [0, ...Array(10).fill(60), 0, 0]), 9);
  expect(b).toMatchObject({ n: 600, value: a?.rest, rest: a?.value, apart: false });
  expect(nobody).toMatchObject({ n: 0, value: null, tooFew: true, apart: false });
});

it('gives shares and means by slice, and nothing on too few rows', async () => {
  putRows(context, rows(T0));
  const missing = await ask({ of: 'quality', feature: 'x', measure: 'missing' });
  expect(missing?.[0]).toMatchObject({ n: 300, value: 0.1, rest: 0, apart: true });
  const mean = await ask({ of: 'mean', feature: 'x' });
  expect(mean?.[1]?.value).toBeCloseTo(4.95, 9);
  expect(mean?.[0]?.value).toBeLessThan(3);
  // Too few for the index, which needs about 370 rows here.
  expect((await ask(DRIFT))?.map(({ tooFew, value }) => [tooFew, value])).toEqual([
    [true, null],
    [true, null],
    [true, null],
  ]);
  const score = await ask({ ...DRIFT, feature: '$prediction' });
  expect(score?.[2]).toMatchObject({ n: 0, rest: expect.closeTo(0, 1) });
});

it('gives up after its time, and then asks nothing for a minute', async () => {
  putRows(context, rows(T0));
  await expect(ask(DRIFT, 1)).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(ask(DRIFT)).rejects.toThrow('the log is busy');
  context.clock.advance(60_000);
  expect(await ask(DRIFT)).toHaveLength(SLICES.length);
});

it('is unknown where nothing is logged', async () => {
  expect(await ask(DRIFT)).toBeNull();
  putRows(context, [{ features: { c: 'a' }, eventMs: T0 }]);
  expect(await ask(DRIFT)).toBeNull();
});
