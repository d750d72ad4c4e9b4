import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SliceCondition } from '../../../contract/slices.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { flights, putRows, rawLogOn, type TestRow } from '../../testing-log.ts';
import type { RawLog } from './index.ts';
import { BATCH_ROWS, HOT_MS, HOT_ROWS } from './raw-log.rules.ts';

let context: TestContext;
let rawLog: RawLog;
beforeEach(async () => {
  context = await openTestContext();
  rawLog = rawLogOn(context);
});
afterEach(async () => {
  await rawLog.close();
  await context.close();
});

const hot = () => context.db.prepare("SELECT count(*) FROM prediction WHERE features <> ''").pluck().get();
const folder = () => join(context.paths.root, 'monitoring', '1');
const files = () => readdirSync(folder()).sort();
const features = async (...seqs: number[]) => Object.fromEntries(await rawLog.features(1, seqs));
const rowsOf = (...features: TestRow['features'][]): TestRow[] => features.map((one) => ({ features: one }));

describe('rows of the log', () => {
  it('stay hot while they are few and young', async () => {
    putRows(context, flights(0, 50));
    await rawLog.tend();
    expect(hot()).toBe(50);
    expect(await rawLog.status('live')).toMatchObject({
      rows: 50,
      files: 0,
      fileBytes: 0,
      oldestMs: context.clock.now(),
    });
    expect(await features(2)).toEqual({ 2: { delay: 0.5, stops: 1, airline: 'BB', night: false } });
  });

  it('are moved when they are old, and read from the file the same', async () => {
    putRows(context, flights(0, 50));
    const before = await features(1, 2, 50);
    context.clock.advance(HOT_MS);
    await rawLog.tend();
    expect(hot()).toBe(0);
    expect(files()).toEqual(['1-50.parquet']);
    expect(await features(1, 2, 50)).toEqual(before);
    expect(await rawLog.status('live')).toMatchObject({ rows: 50, files: 1 });
  });

  it('are moved in batches when they are many', async () => {
    putRows(context, flights(0, HOT_ROWS + 1));
    await rawLog.tend();
    expect(hot()).toBe(1);
    expect(files()).toEqual([`1-${BATCH_ROWS}.parquet`]);
  });

  it('that are few join the file before, which goes later', async () => {
    for (let round = 0; round < 3; round++) {
      putRows(context, flights(round * 10, 10));
      context.clock.advance(HOT_MS);
      await rawLog.tend();
    }
    expect(await rawLog.status('live')).toMatchObject({ rows: 30, files: 1 });
    expect([...(await rawLog.matching(1, [], 5, 25))]).toEqual(Array.from({ length: 20 }, (_, at) => at + 5));
    context.clock.advance(HOT_MS);
    await rawLog.tend();
    expect(files()).toEqual(['1-30.parquet']);
  });

  it('of another endpoint are not among them', async () => {
    putRows(context, [
      { features: { delay: 1 }, endpointId: 2 },
      ...flights(0, 3),
      { features: { delay: 2 }, endpointId: 2 },
    ]);
    await rawLog.moveAll();
    expect([...(await rawLog.matching(1, [], 0, 100))]).toEqual([2, 3, 4]);
    expect(hot()).toBe(2);
  });

  it('keep their values: mixed types become text, others their own', async () => {
    putRows(
      context,
      rowsOf(
        { delay: 1.5, stops: 2, airline: 'AA', night: true, Extra: 'x', extra: 1 },
        { delay: 'NaN', stops: 2.5, airline: 7, night: 'maybe', Extra: null, extra: 2 },
        { delay: '-Infinity', stops: null, airline: true, night: false, 'a "b"; DROP TABLE hot': 1 },
      ),
    );
    await rawLog.moveAll();
    expect(await features(1, 2, 3)).toEqual({
      1: { delay: 1.5, stops: 2, airline: 'AA', night: 'true', Extra: 'x', extra: 1 },
      2: { delay: 'NaN', stops: 2.5, airline: '7', night: 'maybe', extra: 2 },
      3: { delay: '-Infinity', airline: 'true', night: 'false', 'a "b"; DROP TABLE hot': 1 },
    });
    // A type that flips from one file to the next.
    putRows(context, rowsOf({ delay: 'late', stops: 1 }));
    await rawLog.moveAll();
    expect(await features(1, 4)).toMatchObject({ 1: { delay: '1.5' }, 4: { delay: 'late', stops: 1 } });
  });

  it('are found by conditions, hot and moved alike', async () => {
    const rows = rowsOf(
      { delay: 1, airline: 'AA', night: true, code: 5 },
      { delay: 10, airline: 'BB', night: false, code: 'x' },
      { delay: 'NaN', airline: "O'Neill", night: true },
      { delay: null, airline: 'AA', night: false },
      { delay: -3.5, airline: 'CC', night: true },
    );
    const found = async (...conditions: SliceCondition[]) => [
      ...(await rawLog.matching(1, conditions, 0, 100)),
    ];
    const cases: [SliceCondition[], number[]][] = [
      [[{ feature: 'airline', op: 'in', values: ['AA', "O'Neill"] }], [1, 3, 4]],
      [[{ feature: 'delay', op: 'in', values: [10, '1'] }], [1, 2]],
      [[{ feature: 'delay', op: 'in', values: ['none'] }], []],
      [[{ feature: 'night', op: 'in', values: [true] }], [1, 3, 5]],
      [[{ feature: 'code', op: 'in', values: [5] }], [1]],
      [[{ feature: 'delay', op: 'range', from: 1, to: null }], [1, 2]],
      [[{ feature: 'delay', op: 'range', from: null, to: 10 }], [1, 5]],
      [[{ feature: 'delay', op: 'range', from: -3.5, to: 1 }], [5]],
      [[{ feature: 'code', op: 'range', from: 0, to: 9 }], [1]],
      [[{ feature: 'delay', op: 'missing' }], [4]],
      [[{ feature: 'nowhere', op: 'missing' }], [1, 2, 3, 4, 5]],
      [[{ feature: 'nowhere', op: 'in', values: [1] }], []],
      [
        [
          { feature: 'airline', op: 'in', values: ['AA'] },
          { feature: 'night', op: 'in', values: [false] },
        ],
        [4],
      ],
      [[{ feature: 'airline', op: 'in', values: ["') OR true --"] }], []],
    ];
    putRows(context, rows);
    for (const [conditions, expected] of cases)
      expect(await found(...conditions), JSON.stringify(conditions)).toEqual(expected);
    await rawLog.moveAll();
    for (const [conditions, expected] of cases)
      expect(await found(...conditions), JSON.stringify(conditions)).toEqual(expected);
  });

  it('keep their number for good: the newest is not removed', async () => {
    putRows(context, flights(0, 5));
    await rawLog.moveAll();
    context.db.exec('DELETE FROM prediction');
    expect(context.db.prepare('SELECT seq FROM prediction').pluck().all()).toEqual([5]);
  });
});

describe('what may be kept', () => {
  const settings = { masked: [], keepDays: 30, keepBytes: 1_000_000_000 };

  it('is by default the retention of the settings', async () => {
    expect((await rawLog.status('live')).settings).toEqual({
      masked: [],
      keepDays: 30,
      keepBytes: 2_000_000_000,
    });
    await expect(rawLog.status('nowhere')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  it('leaves masked columns out of files, those that were hot or in the file before too', async () => {
    putRows(context, flights(0, 10));
    await rawLog.moveAll();
    putRows(context, flights(10, 10));
    await rawLog.setCapture('live', { ...settings, masked: ['airline', 'airline'] });
    expect([...rawLog.masked(1)]).toEqual(['airline']);
    await rawLog.moveAll();
    expect(await features(1, 11)).toEqual({
      1: { delay: 0, stops: 0, night: true },
      11: { delay: 5, stops: 1, night: true },
    });
    expect(readFileSync(join(folder(), '1-20.parquet')).includes('airline')).toBe(false);
  });

  it('is bounded by age and bytes: whole files go, the oldest first', async () => {
    for (const day of [0, 1, 2]) {
      putRows(context, flights(day, 100));
      await rawLog.moveAll();
      context.clock.advance(25 * 3_600_000);
    }
    const [first, second, third] = files();
    await rawLog.setCapture('live', { ...settings, keepDays: 2 });
    await rawLog.tend();
    expect(await rawLog.status('live')).toMatchObject({ rows: 100, files: 1 });
    // A job that began before may still read them.
    expect(files()).toEqual([first, second, third]);
    context.clock.advance(HOT_MS);
    await rawLog.tend();
    expect(files()).toEqual([third]);
    expect(await features(1)).toEqual({});
  });
});

it('a file that is gone or damaged fails what reads it, not the log', async () => {
  putRows(context, flights(0, 10));
  await rawLog.moveAll();
  writeFileSync(join(folder(), '1-10.parquet'), 'no parquet');
  await expect(rawLog.features(1, [1])).rejects.toMatchObject({ code: 'LATHE_INTERNAL' });
  rmSync(join(folder(), '1-10.parquet'));
  await expect(rawLog.matching(1, [], 0, 10)).rejects.toMatchObject({ code: 'LATHE_INTERNAL' });
  putRows(context, flights(10, 10));
  expect([...(await rawLog.matching(1, [], 11, 100))]).toHaveLength(10);
});
