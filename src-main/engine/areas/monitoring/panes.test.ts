/** Blocks of a tap as they are stored: per minute, hour and day, each row once, whatever is wrong with it. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeatureValue } from '../../../contract/common.ts';
import type { TapBlock, TapColumn } from '../../../platform/tap-block.ts';
import { createFeatureReader } from '../../data/packed-features.ts';
import { noRawLog, openTestContext, type TestContext } from '../../testing.ts';
import { addValue, countColumn } from './count.rules.ts';
import type { MonitoringService } from './monitoring.service.ts';
import { addStored, emptyPane, encodeCounts, type Pane, packPanes, unpackPanes } from './pane.rules.ts';
import { type FeatureProfile, gridOf } from './profile.rules.ts';
import { blockOf, chunkOf, type Row, watch } from './testing-watch.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const T = 20_000 * DAY + 3 * HOUR;

let context: TestContext;
let service: MonitoringService;
beforeEach(async () => {
  context = await openTestContext();
  service = watch(context);
});
afterEach(async () => {
  service.close();
  await context.close();
});

const MINUTES =
  'minute_pane JOIN window_rows USING (endpoint_id, window_ms, arm, version) WHERE level = 0 ORDER BY window_ms, arm, version';
const all = (sql: string) => context.db.prepare(sql).all();
/** Everything stored, rolled up; sums of doubles to nine digits. */
async function stored() {
  await service.quality({ endpoint: 'e' });
  const round = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value);
  const panes = all('SELECT level, feature, window_ms, arm, sum, squares, min, max, counts FROM window_pane');
  const minutes = all(`SELECT window_ms, arm, rows, skewed, unlogged, panes FROM ${MINUTES}`) as {
    panes: Buffer;
  }[];
  const unpacked = minutes.map(({ panes: blob, ...rest }) => ({
    ...rest,
    // Features stand in the order in which they came.
    panes: unpackPanes(blob)
      .sort((a, b) => a.id - b.id)
      .map(({ id, moments, counts }) => [id, [...counts], ...Object.values(moments).map(round)]),
  }));
  return {
    panes: panes.map((pane) =>
      Object.fromEntries(Object.entries(pane as object).map(([k, v]) => [k, round(v)])),
    ),
    minutes: unpacked,
    rows: all('SELECT * FROM window_rows WHERE level > 0'),
    log: all('SELECT id FROM prediction ORDER BY id'),
    cohorts: all('SELECT * FROM cohort'),
  };
}
const wipe = () =>
  context.db.exec(
    'DELETE FROM prediction; DELETE FROM cohort; DELETE FROM window_pane; DELETE FROM window_rows; DELETE FROM bin_chunk; DELETE FROM minute_pane; DELETE FROM watched; DELETE FROM tap_cursor; DELETE FROM pane_pending',
  );
const counts = async (feature: string) => {
  await stored();
  const row = context.db
    .prepare('SELECT sum, squares, min, max, form, counts FROM window_pane WHERE level = 2 AND feature = ?')
    .get(feature) as { counts: Buffer; form: number; sum: number; min: number | null; max: number | null };
  const into = new Uint32Array(20);
  addStored(into, row, 1);
  return { ...row, counts: [...into] };
};

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -20, max: 120 }).map((tenth) => tenth / 10) },
  fc.constantFrom<FeatureValue>(
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    'NaN',
    true,
  ),
);
const row: fc.Arbitrary<Row> = fc.record({
  atMs: fc.integer({ min: 0, max: 3 * HOUR }).map((after) => T + after),
  x: value,
  c: fc.constantFrom<FeatureValue>('a', 'b', 'z', '', null, 3),
  score: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
});

describe('counting', () => {
  it('is the same for any order, any cut into chunks and any repetition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
        fc.boolean(),
        async (rows, cuts, back) => {
          const numbers = rows.map((_, at) => at);
          wipe();
          await service.ingestTap([
            chunkOf(
              1,
              blockOf(
                rows,
                numbers.filter((at) => at % 2 === 0),
              ),
            ),
          ]);
          const whole = await stored();
          wipe();
          const parts = [0, 1, 2, 3].map((part) => numbers.filter((at) => cuts[at] === part));
          if (back) parts.reverse();
          const chunks = parts.map((part, seq) => {
            const ordered = back ? part.toReversed() : part;
            const block = blockOf(ordered.map((at) => rows[at] as Row));
            const logged = ordered.flatMap((at, place) => (at % 2 === 0 ? [place] : []));
            const ids = ordered.flatMap((at) => (at % 2 === 0 ? [`r${at}`] : []));
            const named = {
              ...blockOf(
                ordered.map((at) => rows[at] as Row),
                logged,
              ).logged,
              id: ids,
            };
            return chunkOf(seq + 1, { ...block, logged: named });
          });
          await service.ingestTap(chunks.slice(0, 2));
          // The engine was away: the gateway sends again what it was not told is safe.
          await service.ingestTap(chunks.slice(1));
          await service.ingestTap(chunks);
          expect(await stored()).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it('by columns says what counting value by value says', () => {
    const numeric: FeatureProfile = {
      ...{ kind: 'numeric', name: 'x', edges: [-1, 0, 5e-324, 0.5, 1e9], counts: [1, 1, 1, 1] },
      ...{ below: 0, above: 0, missing: 0, mean: null },
    };
    const categorical: FeatureProfile = {
      ...{
        kind: 'categorical',
        name: 'c',
        categories: [
          ['1', 3],
          ['true', 2],
          ['a', 1],
        ],
      },
      ...{ other: 0, missing: 0, known: null },
    };
    const numbers = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, 1, 300, -1, 0.5, 1e9, Number.NaN)), {
      maxLength: 40,
    });
    const column = fc.oneof(
      // A null holds NaN, and is told apart from one by its place.
      numbers.map((values): [TapColumn, FeatureValue[]] => [
        {
          ...{ name: 'v', width: 1, kind: 'f64', values: Float64Array.of(Number.NaN, ...values) },
          nulls: Uint32Array.of(0),
        },
        [null, ...values],
      ]),
      numbers.map((values): [TapColumn, FeatureValue[]] => [
        { name: 'v', width: 1, kind: 'f32', values: Float32Array.from(values), nulls: new Uint32Array(0) },
        [...Float32Array.from(values)],
      ]),
      fc
        .array(fc.nat(2))
        .map((values): [TapColumn, FeatureValue[]] => [
          { name: 'v', width: 1, kind: 'bool', values: Uint8Array.from(values) },
          values.map((each) => (each === 2 ? null : each === 1)),
        ]),
      fc
        .array(fc.constantFrom(0, 1, 2, 0xffff_ffff))
        .map((values): [TapColumn, FeatureValue[]] => [
          { name: 'v', width: 1, kind: 'text', values: Uint32Array.from(values), texts: ['a', 'zz', '1'] },
          values.map((each) => ['a', 'zz', '1'][each] ?? null),
        ]),
    );
    fc.assert(
      fc.property(
        column,
        fc.constantFrom(numeric, categorical),
        fc.boolean(),
        ([given, values], profile, single) => {
          const grid = gridOf(profile, single);
          const [fast, slow] = [emptyPane(grid.size), emptyPane(grid.size)];
          countColumn(
            fast,
            grid,
            given,
            0,
            Uint32Array.from(values, (_, at) => at),
          );
          for (const each of values) addValue(slow, grid, each);
          const sums = ({ sum, squares, ...rest }: Pane) => rest;
          expect(sums(fast)).toEqual(sums(slow));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps counts and packed panes as they were', () => {
    const cell = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(200), fc.nat(2 ** 32 - 1));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 300 }), { maxLength: 5 }), (lists) => {
        const panes = lists.map((list, at) => {
          const pane = { ...emptyPane(list.length), sum: at, squares: at % 2 === 0 ? null : at };
          return { id: 70_000 + at, pane: { ...pane, counts: Uint32Array.from(list) } };
        });
        const back = unpackPanes(packPanes(panes));
        for (const [at, { id, pane }] of panes.entries()) {
          const found = back[at] as (typeof back)[number];
          const into = new Uint32Array(pane.counts.length);
          expect(addStored(into, found, 1)).toBe(true);
          expect([found.id, into, found.moments.sum, found.moments.squares]).toEqual([
            id,
            pane.counts,
            pane.sum,
            pane.squares,
          ]);
          // Counts with more cells belong to another grid, and leave nothing behind.
          const last = pane.counts.findLastIndex((count) => count > 0);
          if (last < 1) continue;
          const short = new Uint32Array(last);
          expect(addStored(short, { form: 1, counts: encodeCounts(pane.counts) }, 1)).toBe(false);
          expect(short).toEqual(new Uint32Array(last));
        }
      }),
    );
  });
});

describe('bad input is counted as what it is', () => {
  const take = (...rows: Partial<Row>[]) =>
    service.ingestTap([chunkOf(1, blockOf(rows.map((each) => ({ atMs: T, ...each }))))]);
  // x: below, ten cells, above, missing, not finite, wrong type.
  it('infinities and NaN', async () => {
    await take(
      { x: Number.POSITIVE_INFINITY },
      { x: Number.NEGATIVE_INFINITY },
      { x: Number.NaN },
      { x: 11 },
      { x: -1 },
    );
    const { counts: cells, sum, min, max } = await counts('x');
    expect(cells.slice(0, 15)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0]);
    expect([sum, min, max]).toEqual([10, -1, 11]);
  });

  it('NaN written as text, nulls, and a type that flips midway', async () => {
    await take({ x: 1 }, { x: 2 }, { x: 'NaN' }, { x: '3' }, { x: true }, { x: null });
    expect((await counts('x')).counts.slice(11, 15)).toEqual([0, 1, 0, 3]);
  });

  it('a column of nothing but NaN, a constant one, one row, none', async () => {
    await service.ingestTap([chunkOf(1, blockOf([]))]);
    expect(await service.drift({ endpoint: 'e' })).toMatchObject([
      { latest: null },
      { latest: null },
      { latest: null },
    ]);
    await service.ingestTap([chunkOf(2, blockOf([{ atMs: T, x: Number.NaN }]))]);
    expect((await counts('x')).counts[13]).toBe(1);
    const one = await service.quality({ endpoint: 'e' });
    expect(one.features[0]).toMatchObject({ n: 1, notFinite: 1, constant: false, finding: null });
    const many = Array.from({ length: 50 }, () => ({ atMs: T, x: Number.NaN, c: 'a', score: 0.5 }));
    await service.ingestTap([chunkOf(3, blockOf(many))]);
    const [x, c, score] = (await service.quality({ endpoint: 'e' })).features;
    expect(x).toMatchObject({ n: 51, notFinite: 1, finding: { level: 'critical' } });
    expect(c).toMatchObject({ constant: true, finding: { level: 'warning' } });
    expect(score).toMatchObject({ constant: true });
    const mean = await service.series({ endpoint: 'e', per: 'day', series: { of: 'mean', feature: 'x' } });
    expect(mean.points).toMatchObject([{ value: null, n: 0, low: null }]);
  });

  it('ten thousand categories, never seen, in a bounded pane', async () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => ({ c: `new ${at}` }));
    await take(...rows);
    // a, b, other, missing, unseen, wrong type.
    expect((await counts('c')).counts.slice(0, 6)).toEqual([0, 0, 0, 0, 10_000, 0]);
    const size = 'SELECT max(length(counts)) FROM window_pane';
    expect(context.db.prepare(size).pluck().get()).toBeLessThan(20);
  });

  it('events out of order, and clocks that are wrong', async () => {
    await take({ atMs: T + 2 * HOUR }, { atMs: T }, { atMs: T - 3 * DAY }, { atMs: T + HOUR, receivedMs: T });
    const rows = await stored();
    // The last one is counted when it arrived, an hour before.
    expect(rows.rows).toMatchObject([
      { level: 1, window_ms: T - 3 * DAY, rows: 1, skewed: 0 },
      { level: 1, window_ms: T, rows: 2, skewed: 1 },
      { level: 1, window_ms: T + 2 * HOUR, rows: 1 },
      { level: 2, rows: 1 },
      { level: 2, rows: 3, skewed: 1 },
    ]);
    // Minutes more than two days behind the newest event are not begun.
    expect(rows.minutes).toMatchObject([{ rows: 2 }, { rows: 1 }]);
    const told = await service.quality({ endpoint: 'e', per: 'day' });
    expect(told).toMatchObject({ skewedRows: 0, countedOnly: 1, lastEventMs: T + 2 * HOUR });
  });

  it('columns that the block does not have are missing', async () => {
    const block = blockOf([{ atMs: T }, { atMs: T }]);
    await service.ingestTap([chunkOf(1, { ...block, columns: [], score: null })]);
    expect((await counts('x')).counts[12]).toBe(2);
    expect((await counts('$prediction')).counts[6]).toBe(2);
  });
});

describe('what is kept', () => {
  it('counts a repeated id once and a repeated chunk once, and says what was lost once', async () => {
    const rows = [{ atMs: T }, { atMs: T + 1 }];
    const chunk = { ...chunkOf(1, blockOf(rows, [0, 1])), dropped: 3, sampledOut: 4 };
    await service.ingestTap([chunk]);
    await service.ingestTap([chunk]);
    await service.ingestTap([chunkOf(2, blockOf(rows, [0]))]);
    // Of the second chunk, row 0 is in the log already, row 1 is only counted.
    expect((await stored()).rows).toMatchObject([
      { level: 1, rows: 3, unlogged: 1 },
      { level: 2, rows: 3 },
    ]);
    expect(service.losses()).toEqual({ dropped: 3, sampledOut: 4, reused: 0, labels: 0 });
  });

  it('counts chunks once that are there twice: sent again by a gateway that came back while they waited', async () => {
    const chunks = [1, 2].map((seq) =>
      chunkOf(seq, blockOf([{ atMs: T }, { atMs: T }], [seq - 1], `c${seq}`)),
    );
    await service.ingestTap([...chunks, ...chunks]);
    await stored();
    expect(all(`SELECT rows, unlogged FROM ${MINUTES}`)).toEqual([{ rows: 4, unlogged: 2 }]);
    expect(all('SELECT id FROM prediction ORDER BY id')).toHaveLength(2);
  });

  it('lets another gateway begin to count at one', async () => {
    const chunk = chunkOf(1, blockOf([{ atMs: T }]));
    await service.ingestTap([chunk]);
    await service.ingestTap([{ ...chunk, cursor: { instance: 'another', seq: 1 } }]);
    expect((await stored()).rows).toMatchObject([{ rows: 2 }, { rows: 2 }]);
  });

  it('forgets minutes after two days and hours after ninety, never days', async () => {
    await service.ingestTap([chunkOf(1, blockOf([{ atMs: T }]))]);
    await stored();
    await service.ingestTap([chunkOf(2, blockOf([{ atMs: T + 3 * DAY }]))]);
    await stored();
    await service.prune();
    expect(await stored()).toMatchObject({ minutes: [{ window_ms: T + 3 * DAY }] });
    await service.ingestTap([chunkOf(3, blockOf([{ atMs: T + 93 * DAY }]))]);
    await stored();
    await service.prune();
    const byLevel = (table: string) =>
      context.db.prepare(`SELECT count(*) FROM ${table} GROUP BY level ORDER BY level`).pluck().all();
    expect(byLevel('window_rows')).toEqual([1, 2, 3]);
    // The first two of the days are in one chunk.
    expect(byLevel('bin_chunk')).toEqual([1, 2, 2]);
    const hours = all('SELECT DISTINCT window_ms FROM window_pane WHERE level = 1');
    expect(hours).toEqual([{ window_ms: T + 3 * DAY }, { window_ms: T + 93 * DAY }]);
  });

  it('never writes down what is masked, and counts it', async () => {
    service.close();
    service = watch(context, { rawLog: { ...noRawLog, masked: () => new Set(['c']) } });
    await service.ingestTap([chunkOf(1, blockOf([{ atMs: T, c: 'b' }], [0]))]);
    const [row] = all('SELECT features FROM prediction') as { features: Uint8Array }[];
    expect(createFeatureReader(context.db)(row?.features ?? '')).toEqual({ x: 5 });
    expect((await counts('c')).counts[1]).toBe(1);
  });

  it('reads panes of days as they were stored before', async () => {
    const wide = Buffer.from(Uint32Array.of(0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 4).buffer);
    context.db
      .prepare('INSERT INTO window_pane VALUES (1, 2, ?, ?, ?, 1, 21.5, NULL, NULL, NULL, 0, ?)')
      .run('x', T - (T % DAY), 'a', wide);
    await service.ingestTap([chunkOf(1, blockOf([{ atMs: T, x: 4.5 }]) as TapBlock)]);
    const pane = await counts('x');
    expect(pane).toMatchObject({ form: 1, sum: 26, squares: null });
    expect(pane.counts.slice(0, 15)).toEqual([0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 4, 0, 0]);
    // Without the squares of the old rows there is no interval.
    const mean = await service.series({ endpoint: 'e', per: 'day', series: { of: 'mean', feature: 'x' } });
    expect(mean.points).toMatchObject([{ n: 7, low: null, high: null }]);
  });
});
