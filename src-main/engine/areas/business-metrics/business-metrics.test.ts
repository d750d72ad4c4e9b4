/** Business metrics on a real workspace: what is kept, how often, and what series come of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Series, SeriesPoint } from '../../../contract/monitoring-series.ts';
import { METRICS } from './business-metrics.rules.ts';
import { type BusinessWorld, ENDPOINT, openBusinessWorld } from './testing-business-metrics.ts';

const DAY = 86_400_000;
const T0 = Date.UTC(2025, 11, 1);
let world: BusinessWorld;
beforeEach(async () => {
  world = await openBusinessWorld();
});
afterEach(() => world.close());

const push = (...points: { name?: string; atMs: number; value: number; key?: string }[]) =>
  world.metrics.push(
    ENDPOINT,
    points.map(({ name = 'bookings', ...rest }) => ({ name, ...rest })),
  );
const metric = async (name = 'bookings') =>
  (await world.metrics.list(ENDPOINT)).find((each) => each.name === name);
const series = (name = 'bookings', per: 'hour' | 'day' = 'day') =>
  world.metrics.series({ endpoint: ENDPOINT, per, series: { of: 'business', metric: name } });

describe('pushing', () => {
  it('counts once, by name and time or by the key that is given', async () => {
    expect(await push({ atMs: T0, value: 1 }, { atMs: T0 + 1, value: 2 })).toEqual({
      ...{ added: 2, replaced: 0, unchanged: 0 },
    });
    expect(await push({ atMs: T0, value: 1 }, { atMs: T0 + 1, value: 3 })).toEqual({
      ...{ added: 0, replaced: 1, unchanged: 1 },
    });
    expect(await push({ atMs: T0, value: 9, key: `t${T0}` }, { name: 'other', atMs: T0, value: 1 })).toEqual({
      ...{ added: 2, replaced: 0, unchanged: 0 },
    });
    // Under the same key the time may change too.
    expect(await push({ atMs: T0 + DAY, value: 9, key: `t${T0}` })).toMatchObject({ replaced: 1 });
    expect(await metric()).toMatchObject({ points: 3, firstMs: T0, lastMs: T0 + DAY, combine: 'mean' });
  });

  it('of one point twice in a batch leaves the last', async () => {
    expect(await push({ atMs: T0, value: 1 }, { atMs: T0, value: 2 })).toMatchObject({
      added: 1,
      replaced: 1,
    });
    expect((await series()).points).toMatchObject([{ value: 2, n: 1 }]);
  });

  it('in long batches is cut and still whole', async () => {
    const points = Array.from({ length: 1_234 }, (_, at) => ({ atMs: T0 + at, value: at }));
    expect(await push(...points)).toMatchObject({ added: 1_234 });
    expect(await push(...points)).toMatchObject({ unchanged: 1_234 });
  });

  it('refuses what lies far ahead, all of it, and names the point', async () => {
    const nowMs = world.context.clock.now();
    await expect(push({ atMs: T0, value: 1 }, { atMs: nowMs + 2 * DAY, value: 1 })).rejects.toMatchObject({
      ...{ code: 'LATHE_BUSINESS_METRICS_TIME', details: { at: 1, metric: 'bookings' } },
    });
    await expect(push({ atMs: Number.MAX_SAFE_INTEGER, value: 1 })).rejects.toMatchObject({
      code: 'LATHE_BUSINESS_METRICS_TIME',
    });
    expect(await world.metrics.list(ENDPOINT)).toEqual([]);
    // The end of a day that has begun elsewhere is none of that.
    expect(await push({ atMs: nowMs + DAY / 2, value: 1 })).toMatchObject({ added: 1 });
  });

  it('refuses an endpoint that is not there, and more names than anyone means', async () => {
    await expect(world.metrics.push('nobody', [{ name: 'b', atMs: T0, value: 1 }])).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
      details: { kind: 'endpoint', name: 'nobody' },
    });
    await push(...Array.from({ length: METRICS }, (_, at) => ({ name: `m${at}`, atMs: T0, value: 1 })));
    await expect(push({ name: 'one more', atMs: T0, value: 1 })).rejects.toMatchObject({
      code: 'LATHE_BUSINESS_METRICS_MOST',
    });
  });

  it('through the gateway says what is wrong with a body', async () => {
    const one = { name: 'bookings', atMs: T0, value: 1 };
    expect(await world.metrics.pushBody({ endpoint: ENDPOINT, ...one })).toMatchObject({ added: 1 });
    expect(await world.metrics.pushBody({ endpoint: ENDPOINT, points: [one] })).toMatchObject({
      unchanged: 1,
    });
    const wrong: [unknown, string][] = [
      [{ endpoint: ENDPOINT, points: [one, { ...one, value: 'much' }] }, 'points.1.value'],
      [{ endpoint: ENDPOINT, points: [{ ...one, value: null }] }, 'points.0.value'],
      [{ endpoint: ENDPOINT, points: [{ ...one, value: Number.NaN }] }, 'points.0.value'],
      [{ endpoint: ENDPOINT, points: [{ ...one, value: Number.POSITIVE_INFINITY }] }, 'points.0.value'],
      [{ endpoint: ENDPOINT, points: [] }, 'points'],
      [{ endpoint: ENDPOINT, ...one, atMs: 'today' }, 'atMs'],
      [{ endpoint: ENDPOINT, ...one, name: '../etc' }, 'name'],
      [{ points: [one] }, 'endpoint'],
      [[], ''],
    ];
    for (const [body, field] of wrong) {
      const refusal = world.metrics.pushBody(body);
      await expect(refusal, JSON.stringify(body)).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
      await expect(refusal).rejects.toThrow(field);
    }
  });
});

describe('lag', () => {
  it('is the median of what was pushed, and knows nothing of files', async () => {
    const nowMs = world.context.clock.now();
    await world.metrics.importCsv({
      ...{ endpoint: ENDPOINT, name: 'bookings' },
      uploadId: world.file('at,value\n2020-01-01,5\n'),
    });
    expect((await metric())?.lagMs).toBeNull();
    await push(...[1, 2, 10].map((hours) => ({ atMs: nowMs - hours * 3_600_000, value: 1 })));
    expect((await metric())?.lagMs).toBe(2 * 3_600_000);
    // A correction is not an arrival.
    world.context.clock.advance(30 * DAY);
    await push({ atMs: nowMs - 3_600_000, value: 7 });
    expect((await metric())?.lagMs).toBe(2 * 3_600_000);
  });
});

describe('series', () => {
  it('leave the windows out that have no value, and combine as defined', async () => {
    await push({ atMs: T0, value: 1 }, { atMs: T0 + 60_000, value: 3 }, { atMs: T0 + 3 * DAY, value: 8 });
    expect((await series()).points).toMatchObject([
      { windowMs: T0, value: 2, n: 2, complete: true },
      { windowMs: T0 + 3 * DAY, value: 8, n: 1, low: null },
    ]);
    const define = (combine: 'sum' | 'last') =>
      world.metrics.define({ endpoint: ENDPOINT, name: 'bookings', combine, good: 'higher', unit: 'EUR' });
    expect(await define('sum')).toMatchObject({ combine: 'sum', good: 'higher', unit: 'EUR', points: 3 });
    expect((await series()).points[0]).toMatchObject({ value: 4 });
    await define('last');
    expect(await series()).toMatchObject({ span: 1, good: 'higher', points: [{ value: 3 }, { value: 8 }] });
  });

  it('keep their variance where the values are large', async () => {
    await push(...[0, 1, 2].map((part) => ({ atMs: T0 + part, value: 1e12 + part })));
    const [point] = (await series()).points;
    expect(((point?.high ?? 0) - (point?.low ?? 0)) / 2).toBeCloseTo(4.302652729911275 / Math.sqrt(3), 3);
  });

  it('of a metric that nobody pushed are an error, of one without values are empty', async () => {
    await expect(series('nothing')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    await world.metrics.define({ endpoint: ENDPOINT, name: 'n', combine: 'mean', good: 'lower', unit: '' });
    expect((await series('n')).points).toEqual([]);
  });
});

describe('a CSV file', () => {
  const load = (text: string, name?: string) =>
    world.metrics.importCsv({ endpoint: ENDPOINT, uploadId: world.file(text), name });

  it('is imported, and again changes nothing', async () => {
    const text =
      '\uFEFFname,at,value,key\r\n"net, revenue",2025-12-01,1.5,\r\n\r\nbookings,2025-12-01T10:00Z,7,a\r\n';
    const bad = `bookings,yesterday,1,\nbookings,2025-12-02,NaN,\nbookings,2025-12-02\n`;
    await expect(load(text)).resolves.toMatchObject({ rows: 2, added: 1, refused: 1 });
    expect(await load(text.replace('net, revenue', 'revenue') + bad)).toEqual({
      ...{ rows: 5, added: 1, replaced: 0, unchanged: 1, refused: 3 },
      problems: [
        { row: 3, reason: expect.stringContaining('yesterday is no time') },
        { row: 4, reason: 'value: NaN is not a finite number' },
        { row: 5, reason: 'it has 2 cells where the header has 4' },
      ],
    });
    expect(world.discarded).toHaveLength(2);
  });

  it('of many rows is taken piece by piece', async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => `${T0 + at * 1_000},${at}`);
    const text = `at,value\n${rows.join('\n')}\n`;
    expect(await load(text, 'bookings')).toMatchObject({ rows: 5_000, added: 5_000, refused: 0 });
    expect(await load(text, 'bookings')).toMatchObject({ unchanged: 5_000 });
  });

  it('with wrong columns, a quote that is not closed or nothing in it is an error that says so', async () => {
    await expect(load('date,amount\n1,2\n', 'b')).rejects.toMatchObject({
      code: 'LATHE_BUSINESS_METRICS_COLUMNS',
    });
    await expect(load('', 'b')).rejects.toMatchObject({ code: 'LATHE_BUSINESS_METRICS_COLUMNS' });
    await expect(load('at,value\n2025-12-01,"1\n', 'b')).rejects.toMatchObject({
      code: 'LATHE_BUSINESS_METRICS_FILE',
    });
    await expect(load(`at,value\n${'x'.repeat(200_000)}`, 'b')).rejects.toMatchObject({
      code: 'LATHE_BUSINESS_METRICS_FILE',
    });
    expect(world.discarded).toHaveLength(4);
  });
});

describe('correlation', () => {
  it('is asked with what both sides are sure of', async () => {
    await world.close();
    const point = (day: number, part: Partial<SeriesPoint> = {}): SeriesPoint => ({
      ...{ windowMs: T0 + day * DAY, value: day, n: 100, low: null, high: null, level: null },
      ...{ complete: true, mature: true, ...part },
    });
    const accuracy = {
      ...{ minN: 50, span: 7 },
      points: [
        point(0),
        point(1, { mature: false }),
        point(2, { complete: false }),
        point(3, { value: null }),
        point(4, { n: 49 }),
        point(5, { value: Number.NaN }),
        point(6),
      ],
    } as Series;
    world = await openBusinessWorld(accuracy);
    await push(...[-1, 0, 1, 4, 5, 6].map((at) => ({ atMs: T0 + at * DAY, value: 10 * at })));
    const found = await world.metrics.correlation({
      query: { endpoint: ENDPOINT, per: 'day', series: { of: 'performance', metric: 'accuracy' } },
      ...{ metric: 'bookings', maxLag: 3 },
    });
    expect(world.correlated).toEqual([
      [[0, null, null, null, null, null, 6], [0, 10, null, null, 40, 50, 60], 3],
    ]);
    expect(found).toMatchObject({
      per: 'day',
      warnings: [expect.stringContaining('share rows'), 'no cause'],
    });
  });
});

describe('removing', () => {
  it('takes the metric with all its points, and another one of that name begins anew', async () => {
    const points = Array.from({ length: 2_500 }, (_, at) => ({ atMs: T0 + at, value: at }));
    await push(...points, { name: 'stays', atMs: T0, value: 1 });
    expect(await world.metrics.remove({ endpoint: ENDPOINT, name: 'bookings' })).toBe(true);
    expect(await world.metrics.remove({ endpoint: ENDPOINT, name: 'bookings' })).toBe(false);
    expect((await world.metrics.list(ENDPOINT)).map(({ name, points }) => [name, points])).toEqual([
      ['stays', 1],
    ]);
    expect(world.context.db.prepare('SELECT count(*) FROM business_point').pluck().get()).toBe(1);
    expect(await push({ atMs: T0, value: 1 })).toMatchObject({ added: 1 });
  });
});
